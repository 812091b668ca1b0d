"""Methods run as jobs of the service on real data: what they give, and what they warn of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.infra.db.models import Project
from app.infra.house import House
from lithoscope.arrays import LabelledArray
from lithoscope.methods import catalogue
from lithoscope.numerics.eels.examples import with_references
from lithoscope.numerics.tomography.phantoms import small_shifts
from lithoscope.writers.hdf5 import write_hdf5
from tests.conftest import Person
from tests.workers.running import codes, ended, local_workers, of, output, run
from tests.workers.test_ingest import SERIES, sent

NMC = Path(__file__).parents[1] / "data"


@pytest.fixture(autouse=True)
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 1):
        yield


@pytest.fixture
def series(house: House, project: Project) -> str:
    """Read the real tilt series, whose file does not say how its tilt axis lies."""
    return sent(house, project, SERIES)[0]


def clean_series(house: House, analyst: Person, series: str) -> dict[str, Any]:
    """Give fifteen tilts of the real series without background."""
    tilts = run(house, analyst, "tilt_series_subset", {"projections": series})
    return run(house, analyst, "tilt_series_background", {"projections": of(tilts, "tilt_series")})


def test_genfire_gives_volume_error_curves_and_r_free(house: House, analyst: Person, series: str):
    clean = clean_series(house, analyst, series)
    made = run(house, analyst, "tomogram_genfire", {"projections": of(clean, "tilt_series")}, iterations=15)
    assert output(made, "volume")["shape"] == [64, 64, 64]
    assert output(made, "errors")["rows"] == 15
    assert output(made, "shells")["rows"] >= 32
    assert 0 < output(made, "error_k")["quantity"]["value"] < output(made, "r_free")["quantity"]["value"] < 1
    assert output(made, "filled_fraction")["quantity"]["value"] == pytest.approx(0.04, abs=0.02)
    assert made["run_record"]["params"]["interpolation_radius_px"] == 0.25


def test_the_preset_of_the_paper_is_recorded_in_numbers(house: House, analyst: Person, series: str):
    body = {"method": "tomogram_genfire", "inputs": {"projections": series}, "params": {"preset": "paper"}}
    params = analyst.post("/api/v1/jobs", json=body).json()["params"]
    assert (params["interpolation_radius_px"], params["oversampling_ratio"], params["iterations"]) == (0.1, 3, 1000)


def test_an_unknown_preset_is_refused_by_name(analyst: Person, series: str):
    for wrong in ("best", ["paper"]):
        body = {"method": "tomogram_genfire", "inputs": {"projections": series}, "params": {"preset": wrong}}
        refused = analyst.post("/api/v1/jobs", json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/body/params/preset"


def test_an_unknown_tilt_axis_stays_a_warning_until_the_series_is_turned(house: House, analyst: Person, series: str):
    clean = clean_series(house, analyst, series)
    engines = {"tomogram_sart": {"iterations": 2}, "tomogram_resire": {"iterations": 5}}
    for method, settings in engines.items():
        doubtful = run(house, analyst, method, {"projections": of(clean, "tilt_series")}, **settings)
        assert codes(doubtful) == ["tilt-axis-unknown"]
    turned = run(house, analyst, "tilt_series_turn", {"projections": of(clean, "tilt_series")}, tilt_axis_deg=-79.2)
    made = run(house, analyst, "tomogram_sart", {"projections": of(turned, "tilt_series")}, iterations=2)
    assert codes(turned) == codes(made) == []


def test_shifts_of_an_alignment_move_every_channel_verbatim(house: House, analyst: Person, series: str):
    tilts = of(run(house, analyst, "tilt_series_subset", {"projections": series}), "tilt_series")
    masks = run(house, analyst, "tilt_series_mask", {"projections": tilts})
    assert output(masks, "tilts")["rows"] == 15
    aligned = run(house, analyst, "tilt_series_align", {"projections": tilts, "masks": of(masks, "masks")})
    assert "tilt-axis-unknown" in codes(aligned)
    assert output(aligned, "shifts")["columns"]["shift_y_px"] == "px"
    moved = run(house, analyst, "tilt_series_shift", {"series": tilts, "shifts": of(aligned, "shifts")})
    for name in ("statistics", "coordinates", "kind", "axes"):
        assert output(moved, "shifted")[name] == output(aligned, "tilt_series")[name]


def test_shifts_move_the_spectra_of_every_tilt(house: House, analyst: Person, project: Project, tmp_path: Path):
    example = small_shifts()
    spectra = np.repeat(example["series"][..., None], 5, axis=3)
    places = {"t": example["angles_deg"], "e": 600.0 + np.arange(5.0)}
    maps, cube = tmp_path / "maps.h5", tmp_path / "cube.h5"
    write_hdf5(LabelledArray(example["series"], "tyx", {}, "counts", {"t": places["t"]}, "tilt_series", "maps"), maps)
    write_hdf5(LabelledArray(spectra, "tyxe", {}, "counts", places, "spectra", "core loss"), cube)
    aligned = run(house, analyst, "tilt_series_align", {"projections": sent(house, project, maps)[0]})
    inputs = {"series": sent(house, project, cube)[0], "shifts": of(aligned, "shifts")}
    moved = output(run(house, analyst, "tilt_series_shift", inputs), "shifted")
    assert (moved["kind"], moved["axes"], moved["shape"]) == ("spectra", "tyxe", [9, 16, 16, 5])
    assert moved["coordinates"]["e"] == places["e"].tolist()


@pytest.fixture
def nickel_rich(house: House, project: Project) -> dict[str, str]:
    """Read real low and core loss of an NMC oxide, whose zero-loss peaks lie near -3.2 eV."""
    names = {"low_loss": "NMC_lowloss_SI_-60-554eV.dm3", "core_loss": "NMC_coreloss_SI_440-1054eV.dm3"}
    return {port: sent(house, project, NMC / name)[0] for port, name in names.items()}


def test_real_spectra_go_from_drift_to_the_manganese_edge(house: House, analyst: Person, nickel_rich: dict[str, str]):
    aligned = run(house, analyst, "eels_align", nickel_rich, least_counts=-100.0)
    assert output(aligned, "drift")["quantity"]["value"] == pytest.approx(-3.2, abs=0.2)
    assert output(aligned, "core_loss")["axes"] == "yxe"
    assert output(aligned, "core_loss")["spacing"]["e"]["unit"] == "eV"
    spectra = {name: of(aligned, name) for name in ("low_loss", "core_loss")}
    low = {"low_loss": spectra["low_loss"]}
    thickness = run(house, analyst, "eels_thickness", low, zero_loss_half_width_eV=3.0, least_counts=-100.0)
    assert output(thickness, "mean")["quantity"]["value"] == pytest.approx(0.86, abs=0.1)
    assert output(thickness, "t_over_lambda")["kind"] == "image"
    windows = {"pre_start_eV": 606.0, "pre_end_eV": 624.0, "post_start_eV": 715.0, "post_end_eV": 760.0}
    region = {"region_start_eV": 605.0, "region_stop_eV": 765.0, "map_start_eV": 627.0, "map_stop_eV": 650.0}
    steps = {"window_play_eV": 4.0, "window_steps": 2, "least_counts": -100.0}
    edge = run(house, analyst, "eels_edge", spectra, **windows, **region, **steps)
    assert output(edge, "rejected")["quantity"]["value"] < 42 / 4
    assert output(edge, "mean")["columns"] == {"energy_eV": "eV"} | dict.fromkeys(
        ("core_loss", "background", "edge"), "counts"
    )
    assert "continuum" in codes(edge)


def test_spectra_without_an_energy_axis_are_refused_by_name(
    house: House, analyst: Person, project: Project, tmp_path: Path
):
    file = tmp_path / "bare.h5"
    write_hdf5(LabelledArray(np.ones((2, 2, 9)), "yxe", {}, "counts", {}, "spectra", "low loss"), file)
    body = {"method": "eels_thickness", "inputs": {"low_loss": sent(house, project, file)[0]}}
    job = ended(house, analyst.post("/api/v1/jobs", json=body).json()["id"])
    assert job.problem is not None
    assert job.problem["type"] == "/problems/unknown-calibration"
    assert "energy axis of 'low" in job.problem["detail"]


def test_valence_maps_of_planted_spectra_come_with_uncertainty(
    house: House, analyst: Person, project: Project, tmp_path: Path
):
    example, inputs = with_references(), {}
    for name in [port.name for port in catalogue()["eels_valence"].inputs if port.name in example]:
        values, places = example[name], {"e": example[f"{name}_energy"].energies_eV}
        file = tmp_path / f"{name}.h5"
        write_hdf5(LabelledArray(values, "yxe"[-values.ndim :], {}, "counts", places, "spectra", name), file)
        inputs[name] = sent(house, project, file)[0]
    made = run(house, analyst, "eels_valence", inputs, neighbour_radius_px=0)
    means = [output(made, f"fraction_{state}")["statistics"]["mean"] for state in (1, 2, 3)]
    assert means == pytest.approx([0.4, 0.3, 0.3], abs=0.02)
    assert output(made, "uncertainty_1")["statistics"]["min"] > 0
    assert output(made, "states")["rows"] == 3
    del inputs["reference_2"], inputs["reference_3"]
    refused = analyst.post("/api/v1/jobs", json={"method": "eels_valence", "inputs": inputs})
    assert refused.json()["errors"][0]["pointer"] == "/body/inputs/reference_2"
