"""Real simultaneous spectra through the service: what they hold comes out, and what they do not hold is said."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.infra.db.models import Project, Result
from app.infra.house import House
from lithoscope.readers.omezarr import read_omezarr
from tests.conftest import Person
from tests.lithoscope.methods.test_eels_real import FIELDS, TOPS_EV, WINDOWS
from tests.workers.running import codes, ended, local_workers, of, output, run
from tests.workers.test_ingest import dataset_of, sent

DATA = Path(__file__).parents[1] / "data"
VELOX = DATA / "velox_EELS_EDS.zip"
FEW_COUNTS = {
    "families": "C K, O K, Ti L, Cu L, Si K, Ti K, Fe K, Cu K, Pd L",
    "kept": "O K, Si K, Ti K",
    "range_start_eV": 200.0,
    "range_stop_eV": 9500.0,
}


@pytest.fixture(autouse=True)
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 1):
        yield


def problem_of(house: House, analyst: Person, method: str, inputs: dict[str, str], **params: Any) -> dict[str, Any]:
    """Run a job over HTTP that is to be refused, and return its problem."""
    answer = analyst.post("/api/v1/jobs", json={"method": method, "inputs": inputs, "params": params})
    assert answer.status_code == 202, answer.text
    job = ended(house, answer.json()["id"])
    assert job.state == "failed", job.state
    return dict(job.problem or {})


def values_of(house: House, result: dict[str, Any], name: str) -> NDArray[Any]:
    """Read an output of a result from the store."""
    with house.database.reading() as session:
        row = session.get_one(Result, result["id"])
    summary = next(each for each in row.outputs if each["name"] == name)
    with house.store.local(f"{row.store_key}/{summary['path']}") as folder:
        return np.asarray(read_omezarr(folder).values)


def columns(analyst: Person, result: dict[str, Any], name: str) -> dict[str, list[float]]:
    """Read a table of a result."""
    found: dict[str, list[float]] = analyst.get(f"/api/v1/results/{result['id']}/outputs/{name}/table").json()[
        "columns"
    ]
    return found


def test_real_core_losses_give_oxygen_manganese_cobalt_and_nickel_with_the_drift_taken_off(
    house: House, analyst: Person, project: Project
):
    low, core = (
        sent(house, project, DATA / name)[0]
        for name in ("NMC_lowloss_SI_-60-554eV.dm3", "NMC_coreloss_SI_440-1054eV.dm3")
    )
    zero = run(house, analyst, "eels_zero_loss", {"low_loss": low}, least_counts=-100.0)
    assert -output(zero, "drift")["quantity"]["value"] == pytest.approx(3.2, abs=0.25)
    inputs = {"core_loss": core, "low_loss": low, "position": of(zero, "position")}
    maps = []
    for preset, windows in WINDOWS.items():
        settings = dict(zip(FIELDS, windows, strict=True))
        more = {"window_play_eV": 4.0, "window_steps": 2, "largest_pre_slope_per_eV": 0.1, "least_counts": -100.0}
        found = run(house, analyst, "eels_edge", inputs, preset=preset, convergence_mrad=0.0, **more, **settings)
        mean = columns(analyst, found, "mean")
        first, last = settings["map_start_eV"], settings["map_stop_eV"]
        edge = [
            (net, energy) for net, energy in zip(mean["edge"], mean["energy_eV"], strict=True) if first < energy < last
        ]
        assert max(edge)[1] == pytest.approx(TOPS_EV[preset], abs=1.5)
        assert output(found, "rejected")["quantity"]["value"] < 42 / 10
        maps.append(values_of(house, found, "intensity").ravel())
    kept = np.isfinite(maps).all(axis=0)
    assert np.corrcoef([each[kept] for each in maps]).min() > 0.5  # all four follow one thickness


def test_six_counts_a_pixel_complete_with_uncertainties_as_large_as_they_are(
    house: House, analyst: Person, project: Project
):
    x_rays, job = sent(house, project, DATA / "test_TEM.bcf")
    assert job.state == "succeeded", job.problem
    spectra = next(array["name"] for array in dataset_of(house, x_rays).arrays if array["kind"] == "spectra")
    maps = run(house, analyst, "eds_fit", {"spectra": f"{x_rays}/{spectra}"}, **FEW_COUNTS)
    assert output(maps, "maps")["labels"] == {"c": ["O K", "Si K", "Ti K"]}
    given = {name: of(maps, name) for name in ("maps", "variance")}
    made = run(house, analyst, "eds_quantify", given, k_given="O 1, Si 0.6, Ti 0.7", sigma_px=2.0)
    elements = columns(analyst, made, "elements")
    photons, by_counting, mean = (np.array(elements[name]) for name in ("photons", "by_counting", "mean"))
    assert photons.sum() == pytest.approx(15_700, rel=0.05)
    assert (by_counting > mean / np.sqrt(photons) / 2).all()  # no surer than so many photons can be
    assert (by_counting < 3 * mean / np.sqrt(photons)).all()
    assert elements["by_k_factors"] == [None] * 3
    assert {"k-uncertainty-unknown", "absorption-not-corrected"} <= set(codes(made))
    assert output(made, "uncertainty")["statistics"]["min"] > 2  # at% of a single pixel


def test_a_velox_file_without_beam_says_that_neither_signal_holds_iron_cobalt_or_oxygen(
    house: House, analyst: Person, project: Project
):
    """The public file was written with the beam off: 2 X-rays beside the strobe, 100 counts of dark level in losses."""
    dataset, job = sent(house, project, VELOX)
    assert job.state == "succeeded", job.problem
    arrays = {array["name"]: array for array in dataset_of(house, dataset).arrays}
    problem = problem_of(house, analyst, "eds_fit", {"spectra": f"{dataset}/EDS"}, families="O K, Fe L, Co L")
    assert (problem["type"], "no X-ray counts above strobe_eV" in problem["detail"]) == ("/problems/empty-tilt", True)
    losses = [f"{dataset}/{name}" for name, array in arrays.items() if name.startswith("EELS")]
    problem = problem_of(house, analyst, "eels_zero_loss", {"low_loss": losses[0]})
    assert (problem["type"], "as noise does" in problem["detail"]) == ("/problems/missing-zero-loss", True)
    problem = problem_of(house, analyst, "eels_zero_loss", {"low_loss": losses[1]})
    assert (problem["type"], "does not reach 0 eV" in problem["detail"]) == ("/problems/missing-zero-loss", True)
    maps = {name: array["statistics"] for name, array in arrays.items() if name.endswith(" map")}
    assert [maps[f"{element} map"]["max"] for element in ("Fe", "Co", "O")] == [0, 0, 0]  # by the instrument, too


def test_velox_files_without_their_spectra_are_refused_with_what_to_do(house: House, project: Project, tmp_path: Path):
    zipfile.ZipFile(DATA / "velox_emd_version11.zip").extractall(tmp_path)
    pruned = next(path for path in tmp_path.rglob("*.emd") if "Reduced" in path.name)
    dataset, job = sent(house, project, pruned)
    problem = dataset_of(house, dataset).problem or {}
    assert (job.state, problem["type"]) == ("failed", "/problems/pruned-file")
    assert "export it from Velox again" in problem["detail"]
