"""Particles from tomogram to comparison as jobs: many results in one, tables, figure, files and pages."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.infra.db.models import Project
from app.infra.house import House
from lithoscope.arrays import LabelledArray
from lithoscope.numerics.particles.examples import ELEMENTS, ball
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5
from tests.app.portal.test_pages import HTML
from tests.conftest import Person
from tests.workers.running import codes, ended, local_workers, of, output, run
from tests.workers.test_ingest import sent

STEP = Quantity(4.0, "nm", "header")
CYCLING = "cycle,discharge_capacity_mAh_g\n1,150.0\n50,98.55\n100,71.7\n"


@pytest.fixture(autouse=True)
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 1):
        yield


def uploaded(house: House, project: Project, array: LabelledArray, folder: Path) -> str:
    """Send an array as a file and return its reference."""
    path = folder / f"{array.name}.h5"
    write_hdf5(array, path)
    return f"{sent(house, project, path)[0]}/{array.name}"


def profiled(house: House, analyst: Person, project: Project, folder: Path, **particle: Any) -> str:
    """Take a particle from its tomogram and composition to its depth profiles."""
    oxygen = particle.pop("oxygen")
    steps = dict.fromkeys("zyx", STEP)
    folder.mkdir()
    values = np.where(ball() > 0, oxygen, 0.0).astype(np.float32)
    tomogram = uploaded(
        house, project, LabelledArray(values, "zyx", steps, "counts", kind="volume", name="adf"), folder
    )
    metal = (100 - oxygen) / 3
    maps = np.stack([np.where(ball() > 0, level, np.nan) for level in (oxygen, metal, metal, metal)])
    labels = {"c": ELEMENTS}
    volume = LabelledArray(maps.astype(np.float32), "czyx", steps, "at%", kind="volume", name="at", labels=labels)
    composition = uploaded(house, project, volume, folder)
    mask = run(house, analyst, "particle_mask", {"volume": tomogram})
    assert output(mask, "voxels")["quantity"]["value"] == ball().sum()
    inputs: Any = {"particle": of(mask, "labels"), "volumes": [composition]}
    made = run(house, analyst, "particle_profiles", inputs, **particle)
    assert output(made, "profiles")["columns"]["O"] == "at%"
    assert output(made, "profiles")["plot"]["x"] == "depth_nm"
    return of(made, "profiles")


def test_particles_of_three_states_are_compared_beside_the_capacity(
    house: House, analyst: Person, project: Project, tmp_path: Path
):
    particles = (("p1", 0, 66.7), ("p2", 0, 66.3), ("p3", 50, 66.0), ("p4", 100, 61.0))
    profiles = [
        profiled(house, analyst, project, tmp_path / name, particle_name=name, cycles=cycles, oxygen=oxygen)
        for name, cycles, oxygen in particles
    ]
    table = tmp_path / "cycling.csv"
    table.write_text(CYCLING)
    inputs: Any = {"profiles": profiles, "capacity": f"{sent(house, project, table)[0]}/table"}
    found = run(house, analyst, "particle_comparison", inputs)
    assert [each["name"] for each in found["outputs"]] == [
        "states",
        "relative",
        "curves",
        "gradients",
        "merits",
        "differences",
        "figure",
    ]
    merits = analyst.get(f"/api/v1/results/{found['id']}/outputs/merits/table").json()["columns"]
    assert merits["state"] == ["pristine", "50 cycles", "100 cycles"]
    assert merits["particles"] == [2, 1, 1]
    assert merits["O_whole_sd"][1:] == [None, None]
    assert merits["rock_salt_of_atoms_percent"][-1] == pytest.approx(34.0, abs=0.05)
    assert merits["capacity_lost_percent"] == pytest.approx([0.0, 34.3, 52.2])
    saved = analyst.get(f"/api/v1/results/{found['id']}/download", params={"output": "states", "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(saved.text)))
    assert {row["state"] for row in rows} == {"pristine", "50 cycles", "100 cycles"}
    picture = analyst.get(f"/api/v1/results/{found['id']}/outputs/figure/picture.png")
    assert picture.content.startswith(b"\x89PNG")
    assert "pristine (n = 2)" in output(found, "figure")["caption"]
    lineage = analyst.get(f"/api/v1/lineage/{found['id']}", params={"direction": "upstream"}).json()
    sources = {each.partition("/")[0] for each in (*profiles, inputs["capacity"])}
    assert sources <= {node["id"] for node in lineage["nodes"]}
    page = analyst.get(f"/results/{found['id']}", headers=HTML).text
    assert page.count("Input profiles") == 4
    assert "capacity-not-measured" not in " ".join(codes(found))
    form = analyst.get("/methods/particle_comparison/run", headers=HTML).text
    assert form.count('type="checkbox" name="inputs.profiles.') >= 4


def test_a_profile_that_does_not_say_its_cycles_is_named_by_its_place(
    house: House, analyst: Person, project: Project, tmp_path: Path
):
    first = profiled(house, analyst, project, tmp_path / "a", particle_name="a", cycles=0, oxygen=66.7)
    second = profiled(house, analyst, project, tmp_path / "b", particle_name="b", oxygen=66.0)
    body = {"method": "particle_comparison", "inputs": {"profiles": [first, second]}}

    job = ended(house, analyst.post("/api/v1/jobs", json=body).json()["id"])
    assert job.state == "failed"
    assert job.problem["type"] == "/problems/profile-mismatch"
    assert job.problem["detail"].startswith("profile 2 does not say how often")
