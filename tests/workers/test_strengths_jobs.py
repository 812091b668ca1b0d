"""A lab uploads its own table of oscillator strengths, and a background is judged by it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.infra.db.models import Project
from app.infra.house import House
from lithoscope.arrays import LabelledArray
from lithoscope.numerics.eels.examples import low_and_core
from lithoscope.writers.hdf5 import write_hdf5
from tests.conftest import People, Person
from tests.lithoscope.gosh_file import write_gosh
from tests.workers.running import ended, local_workers, run
from tests.workers.test_ingest import sent


@pytest.fixture(autouse=True)
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 1):
        yield


def test_a_table_that_was_uploaded_is_the_theory_behind_an_edge(
    house: House, people: People, project: Project, tmp_path: Path
):
    analyst = people.make(role="analyst", project=project)
    inputs: dict[str, Any] = spectra(house, project, tmp_path)
    table = sent(house, project, write_gosh(tmp_path / "ours.gosh"))[0]
    given = inputs | {"strengths": [f"{table}/Mn L3", f"{table}/Mn L2"]}
    found = run(house, analyst, "eels_edge", given, neighbour_radius_px=0, theory="table")
    notes = " ".join(found["run_record"]["warnings"])
    assert "table of Mn L3 (ours.gosh, doi:10.5281/zenodo.7645765)" in notes
    assert refused(house, analyst, inputs | {"strengths": [f"{table}/O K1"]}) == "/problems/other-strengths"


def spectra(house: House, project: Project, folder: Path) -> dict[str, Any]:
    """Send low and core loss of a phantom."""
    example, found = low_and_core(), {}
    for name in ("core_loss", "low_loss"):
        energies = example[f"{name}_energy"].energies_eV
        array = LabelledArray(example[name], "yxe", {}, "counts", {"e": energies}, "spectra", name)
        write_hdf5(array, folder / f"{name}.h5")
        found[name] = sent(house, project, folder / f"{name}.h5")[0]
    return found


def refused(house: House, analyst: Person, inputs: dict[str, Any]) -> str:
    """Run a job that is to fail, and return the kind of its problem."""
    answer = analyst.post("/api/v1/jobs", json={"method": "eels_edge", "inputs": inputs, "params": {}})
    assert answer.status_code == 202, answer.text
    return str((ended(house, answer.json()["id"]).problem or {}).get("type"))
