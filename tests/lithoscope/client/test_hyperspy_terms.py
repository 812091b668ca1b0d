"""Arrays in HyperSpy's words, and as a real signal of HyperSpy."""

import json
import os
import subprocess
import sys

from lithoscope.client.hyperspy_terms import axes_of, metadata_of, signal_axes
from lithoscope.units import Quantity

OPENED = """
import json, sys, lithoscope
d = lithoscope.Client(progress=False).dataset(sys.argv[1])
s = d.to_hyperspy()
axes = [[a.name, a.size, str(a.units), a.navigate] for a in s.axes_manager._axes]
same = bool((s.inav[45].data.compute() == d.to_dask()[45].compute()).all())
print(json.dumps([s._lazy, axes, s.axes_manager["x"].scale, s.metadata.as_dictionary(), same]))
"""


def test_the_signal_is_the_energy_else_the_plane_else_the_last_axis():
    assert [signal_axes(dims) for dims in ("yxe", "eyx", "zyx", "tyx", "czyx", "t")] == [
        "e",
        "e",
        "yx",
        "yx",
        "yx",
        "t",
    ]


def test_even_places_become_scale_and_offset_and_uneven_ones_stay():
    places = {"t": [-60.0, -10.0, 5.0], "y": [1.0, 3.0], "x": [0.0, 2.0, 4.0, 6.0]}
    tilt, y, x = axes_of("tyx", (3, 2, 4), places, {"y": "nm", "x": "nm"}, signal="yx")
    assert tilt == {"name": "tilt", "axis": places["t"], "navigate": True, "units": "deg"}
    assert y == {"name": "y", "size": 2, "navigate": False, "scale": 2.0, "offset": 1.0, "units": "nm"}
    assert (x["scale"], x["offset"]) == (2.0, 0.0)


def test_an_axis_without_places_has_no_unit():
    assert axes_of("c", (2,), {}, {}, signal="c") == [
        {"name": "channel", "size": 2, "navigate": False, "scale": 1.0, "offset": 0.0, "units": ""}
    ]


def test_known_quantities_lie_where_hyperspy_looks_and_unknown_ones_nowhere():
    known = {"beam_energy_kV": Quantity(200.0, "kV", "header"), "collection_mrad": Quantity(5.9, "mrad", "user")}
    tree = metadata_of("spectrum", known | {"beam_current_nA": Quantity.unknown("nA", "header says 0")})
    assert tree["General"] == {"title": "spectrum"}
    assert tree["Acquisition_instrument"] == {
        "TEM": {"beam_energy": 200.0, "Detector": {"EELS": {"collection_angle": 5.9}}}
    }


def test_hyperspy_opens_a_dataset_lazily_with_axes_units_and_metadata(service, example, tmp_path):
    """In a process of its own: HyperSpy writes its settings into the home folder when it is imported."""
    known = {"LITHOSCOPE_URL": service.url, "LITHOSCOPE_TOKEN": service.token, "HOME": str(tmp_path)}
    command = [sys.executable, "-c", OPENED, example.id]
    done = subprocess.run(command, env={**os.environ, **known}, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    is_lazy, axes, scale, metadata, is_same = json.loads(done.stdout)
    assert is_lazy
    assert is_same
    assert axes == [["tilt", 91, "deg", True], ["y", 64, "nm", False], ["x", 64, "nm", False]]
    assert abs(scale - 17.99) < 0.01
    assert metadata["General"]["title"] == example.array().name
    energy = example.metadata.get("beam_energy_kV")
    told = metadata.get("Acquisition_instrument", {}).get("TEM", {}).get("beam_energy")
    assert told == (energy.value if energy is not None else None)
