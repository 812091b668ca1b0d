"""What an input may be: only what fits, of what one may read, found by words."""

from typing import Any

import pytest

from app.infra.db.models import Project, Sample
from app.infra.house import House
from tests.app.jobs.past import add_run
from tests.conftest import Person, add_project, add_sample
from tests.datasets import add_dataset

SERIES = {"name": "series", "title": "Series", "kind": "tilt_series", "axes": "tyx", "shape": [3, 4, 5]}
IMAGE = {"name": "overview", "title": "Overview", "kind": "image", "axes": "yx", "shape": [4, 5]}
MAPS = {"name": "maps", "title": "Maps", "kind": "tilt_series", "axes": "ctyx", "shape": [2, 3, 4, 5]}
VOLUME = {"name": "tomogram", "title": "Tomogram", "kind": "volume", "axes": "zyx", "shape": [4, 4, 4]}


@pytest.fixture
def sample(house: House, project: Project) -> Sample:
    return add_sample(house, project, "LS-2026-0007")


def offered(person: Person, of: str = "tomogram_sirt", port: str = "projections", **more: Any) -> Any:
    answer = person.get("/api/v1/input-offers", params={"of": of, "input": port, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def references(found: Any) -> list[str]:
    return [each["reference"] for each in found["items"]]


def test_only_arrays_that_fit_are_offered_newest_first(house: House, project: Project, analyst: Person):
    old = add_dataset(house, project, arrays=[IMAGE, SERIES]).id
    new = add_dataset(house, project, arrays=[SERIES, MAPS]).id
    add_dataset(house, project, arrays=[SERIES], state="rejected")
    add_dataset(house, add_project(house, "OTHER"), arrays=[SERIES])
    found = offered(analyst)
    assert references(found) == [f"{new}/series", f"{old}/series"]
    assert not found["has_more"]
    assert found["items"][0]["filename"] == "a.dm3"


def test_datasets_and_results_stand_in_one_list_newest_first(house: House, project: Project, analyst: Person):
    first = add_dataset(house, project, arrays=[SERIES]).id
    second = add_run(house, project, method="tilt_series_align", outputs=[SERIES])
    third = add_dataset(house, project, arrays=[SERIES]).id
    assert references(offered(analyst)) == [f"{each}/series" for each in (third, second, first)]


def test_words_of_file_sample_and_identifier_narrow_the_list(
    house: House, project: Project, sample: Sample, analyst: Person
):
    one = add_dataset(house, project, sample, arrays=[SERIES], filename="Particle 7.mrc").id
    two = add_dataset(house, project, arrays=[SERIES], filename="other.mrc").id
    assert references(offered(analyst, q="particle")) == [f"{one}/series"]
    assert references(offered(analyst, q=sample.code)) == [f"{one}/series"]
    assert references(offered(analyst, q=two)) == [f"{two}/series"]
    assert references(offered(analyst, sample_id=sample.id)) == [f"{one}/series"]
    assert references(offered(analyst, q="100%")) == []


def test_results_are_found_by_the_title_of_their_method(house: House, project: Project, analyst: Person):
    result = add_run(house, project, method="tomogram_sirt", outputs=[VOLUME])
    add_run(house, project, method="tomogram_fbp", outputs=[VOLUME])
    found = offered(analyst, "segment_threshold", "image", q="SIRT")
    assert references(found) == [f"{result}/tomogram"]
    assert found["items"][0]["method"] == "tomogram_sirt"


def test_a_recipe_offers_as_a_method_does(house: House, project: Project, analyst: Person):
    one = add_dataset(house, project, arrays=[SERIES]).id
    assert references(offered(analyst, "tilt_series_to_particle")) == [f"{one}/series"]


def test_more_than_are_asked_for_is_said(house: House, project: Project, analyst: Person):
    for _ in range(3):
        add_dataset(house, project, arrays=[SERIES])
    found = offered(analyst, limit=2)
    assert (len(found["items"]), found["has_more"]) == (2, True)


def test_what_fits_is_found_behind_many_that_only_seem_to(house: House, project: Project, analyst: Person):
    """Of 121 datasets the oldest alone fits: the others hold kind and layout, but in different arrays."""
    fitting = add_dataset(house, project, arrays=[SERIES]).id
    for _ in range(120):
        add_dataset(house, project, arrays=[MAPS, {**IMAGE, "kind": "stack", "axes": "tyx"}])
    assert references(offered(analyst)) == [f"{fitting}/series"]


def test_of_all_tables_those_called_as_the_input_stand_first(house: House, project: Project, analyst: Person):
    table = {"kind": "table", "rows": 5, "columns": {"x": "1"}, "title": "T"}
    made = [
        ("particle_inhomogeneity", "shells"),
        ("particle_profiles", "profiles"),
        ("particle_profiles", "surface"),
        ("tomogram_maps", "errors"),
    ]
    ids = [add_run(house, project, method=method, outputs=[{**table, "name": name}]) for method, name in made]
    shells, profiles, surface, errors = (f"{each}/{name}" for each, (_, name) in zip(ids, made, strict=True))
    found = references(offered(analyst, "particle_comparison", "profiles"))
    assert found == [profiles, surface, errors, shells]
    assert references(offered(analyst, "particle_comparison", "inhomogeneity"))[0] == shells


def test_a_project_narrows_the_list(house: House, project: Project, people: Any):
    one = add_dataset(house, project, arrays=[SERIES]).id
    other = add_project(house, "OTHER")
    two = add_dataset(house, other, arrays=[SERIES]).id
    assert references(offered(people.admin, project_id=project.id)) == [f"{one}/series"]
    assert references(offered(people.admin, project_id=other.id)) == [f"{two}/series"]
    text = people.admin.get("/methods/tomogram_sirt/run", headers={"Accept": "text/html"}).text
    assert 'name="within.inputs.projections"' in text
