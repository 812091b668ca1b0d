"""Figures and films are drawn as jobs of the service, the same bytes every time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.infra.db.models import Project
from app.infra.house import House
from lithoscope.arrays import LabelledArray
from lithoscope.figures.examples import VOXEL_NM, small_particle_maps, small_profile
from lithoscope.units import Quantity
from tests.app.results.publishing import add_job, publish
from tests.conftest import Person
from tests.workers.running import local_workers, run

STEP = Quantity(VOXEL_NM, "nm", "header")


@pytest.fixture(autouse=True)
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 1):
        yield


@pytest.fixture
def particle(house: House, project: Project, tmp_path: Path) -> str:
    """Publish a small particle, its composition, its dark field and a profile; return the result's identifier."""
    given = small_particle_maps()
    composition, dark_field = given["volumes"]
    steps = dict.fromkeys("zyx", STEP)
    names = {"c": ("O", "Mn", "Co", "Ni")}
    made = {
        "particle": LabelledArray(given["particle"], "zyx", steps, kind="labels", name="particle"),
        "composition": LabelledArray(composition, "czyx", steps, "%", kind="volume", name="composition", labels=names),
        "dark_field": LabelledArray(
            dark_field.astype(np.float32), "zyx", steps, "counts", kind="volume", name="dark_field"
        ),
        "profile": small_profile(),
    }
    return publish(house, add_job(house, project, None), tmp_path, made).id


def test_a_particle_is_drawn_with_names_units_and_the_limits_of_the_paper(
    house: House, analyst: Person, particle: str
) -> None:
    inputs = {
        "particle": f"{particle}/particle",
        "volumes": [f"{particle}/composition", f"{particle}/dark_field"],
        "profiles": [f"{particle}/profile"],
    }
    first = run(house, analyst, "particle_figure", inputs)
    outputs = {each["name"]: each for each in first["outputs"]}
    assert {name: each["kind"] for name, each in outputs.items()} == dict.fromkeys(
        ("slices", "rendering", "profiles"), "figure"
    )
    assert "O 0 to 80 %; Mn 0 to 16.7 %" in outputs["slices"]["caption"]
    for form, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        picture = analyst.get(f"/api/v1/results/{first['id']}/outputs/slices/picture.{form}")
        assert picture.content.startswith(start)
    assert "Oh et al." in first["methods_paragraph"]
    again = run(house, analyst, "particle_figure", inputs)
    assert again["digest"] == first["digest"]


def test_a_film_turns_the_particle_and_tells_its_progress(house: House, analyst: Person, particle: str) -> None:
    inputs = {"particle": f"{particle}/particle", "volumes": [f"{particle}/composition"]}
    result = run(house, analyst, "particle_film", inputs, frames=4, side_px=64)
    film = analyst.get(f"/api/v1/results/{result['id']}/outputs/film/picture.gif")
    assert (film.headers["content-type"], film.content[:6]) == ("image/gif", b"GIF89a")
    assert result["run_record"]["steps_done"] == 4


def test_a_table_that_says_how_is_drawn(house: House, analyst: Person, particle: str) -> None:
    result = run(house, analyst, "table_figure", {"table": f"{particle}/profile"})
    assert result["outputs"][0]["caption"].startswith("Composition by depth.")
