"""Metadata in the groups people look for them in."""

from app.infra.db.models import Dataset
from app.portal.dataset_metadata import groups_of
from app.portal.viewing import Shown, curves_of, spectra_of


def stated(value, unit, source="header", note="Key"):
    return {"value": value, "unit": unit, "source": source, "uncertainty": None, "interval": None, "note": note}


def dataset(**fields):
    return Dataset(**{"arrays": [], "quantities": {}, "calibration": {}, **fields})


def spectra(name, energies):
    return Shown(
        "/x",
        {"name": name, "title": name, "kind": "spectra", "axes": "e", "shape": [2], "coordinates": {"e": energies}},
    )


def test_quantities_stand_in_their_groups_and_calibration_stands_once():
    size = stated(0.77, "nm")
    found = groups_of(
        dataset(
            quantities={"dwell_s": stated(1e-4, "s"), "pixel_size_nm": size, "beam_energy_kV": stated(200.0, "kV")},
            calibration={"pixel_size_nm": size, "tilt_axis_deg": stated(3.0, "deg")},
        )
    )
    assert [(group.title, [row.name for row in group.rows]) for group in found] == [
        ("Sample and beam", ["beam_energy_kV"]),
        ("Acquisition", ["dwell_s"]),
        ("Calibration", ["pixel_size_nm", "tilt_axis_deg"]),
    ]
    assert [row.is_correctable for row in found[2].rows] == [True, False]


def test_a_scale_that_arrays_need_and_nobody_stated_is_unknown_and_can_be_set():
    (group,) = groups_of(dataset(arrays=[{"kind": "spectra", "axes": "yxe"}]))
    assert [(row.name, row.record["value"], row.is_correctable) for row in group.rows] == [
        ("pixel_size_nm", None, True),
        ("energy_step_eV", None, True),
    ]


def test_a_table_needs_no_scale():
    assert groups_of(dataset(arrays=[{"kind": "table", "name": "table"}])) == []


def test_spectra_offer_the_marks_of_their_kind():
    things = [spectra("EDS", [0.0, 20000.0]), spectra("core_loss", [0.0, 9e3]), spectra("one", [0.0, 900.0])]
    assert [each["marks"] for each in spectra_of(things)] == ["x_ray_line", "edge", "edge"]


def test_an_array_of_one_axis_is_a_curve():
    summary = {"title": "Counts", "name": "c", "kind": "image", "axes": "x", "shape": [5], "path": "c.ome.zarr"}
    (curve,) = curves_of([Shown("/a", summary), spectra("EDS", [0.0, 1.0])])
    assert (curve["address"], curve["step"], curve["places"]) == ("/a/zarr", None, None)
