"""Two runs side by side over HTTP and on the portal's page."""

from typing import Any

from app.infra.db.models import Project
from app.infra.house import House
from tests.app.jobs.past import add_run
from tests.app.portal.test_pages import HTML
from tests.conftest import Person, add_project

VOLUME = {"name": "volume", "title": "Tomogram", "kind": "volume", "axes": "zyx", "shape": [4, 4, 4], "unit": "counts"}


def number(value: float | None, uncertainty: float | None = None) -> dict[str, Any]:
    quantity = {"value": value, "unit": "nm", "source": "measured" if value is not None else "unknown"}
    quantity |= {"uncertainty": uncertainty, "interval": None, "note": ""}
    return {"name": "size", "title": "Size", "kind": "scalar", "unit": "nm", "quantity": quantity}


def run(house: House, project: Project, iterations: int, *outputs: dict[str, Any], **stated: Any) -> str:
    params = {"iterations": iterations, "nonnegative": True}
    return add_run(house, project, method="tomogram_sirt", params=params, outputs=list(outputs), **stated)


def compared(person: Person, *of: str) -> Any:
    return person.get("/api/v1/comparisons", params={"of": of})


def test_parameters_numbers_and_maps_stand_side_by_side(house: House, project: Project, analyst: Person):
    inputs = {"projections": f"ds_{'1' * 32}/series"}
    one = run(house, project, 20, number(10.0, 3.0), VOLUME, inputs=inputs)
    two = run(house, project, 50, number(5.0, 4.0), VOLUME, inputs=inputs)
    found = compared(analyst, one, two).json()
    rows = {row["name"]: row for row in found["parameters"]}
    assert (rows["iterations"]["first"], rows["iterations"]["second"], rows["iterations"]["is_same"]) == (20, 50, False)
    assert rows["iterations"]["title"] == "Iterations"
    assert rows["nonnegative"]["is_same"]
    (size,) = found["numbers"]
    assert (size["difference"]["value"], size["difference"]["uncertainty"], size["in_uncertainties"]) == (5.0, 5.0, 1.0)
    (volume,) = found["arrays"]
    assert (volume["first"], volume["second"], volume["reason"]) == (f"{one}/volume", f"{two}/volume", "")
    assert found["shares_inputs"]


def test_maps_of_other_lengths_say_why_they_cannot_be_subtracted(house: House, project: Project, analyst: Person):
    one, two = run(house, project, 1, VOLUME), run(house, project, 1, {**VOLUME, "shape": [4, 4, 5]})
    assert "lengths" in compared(analyst, one, two).json()["arrays"][0]["reason"]


def test_jobs_are_compared_as_their_results_are(house: House, project: Project, analyst: Person):
    one, two = run(house, project, 1, number(2.0)), run(house, project, 2, number(1.0))
    jobs = [analyst.get(f"/api/v1/results/{each}").json()["job_id"] for each in (one, two)]
    assert compared(analyst, *jobs).json() == compared(analyst, one, two).json()


def test_a_foreign_run_is_not_found_and_one_is_not_compared_with_itself(
    house: House, project: Project, analyst: Person
):
    one, foreign = run(house, project, 1), run(house, add_project(house, "OTHER"), 1)
    assert compared(analyst, one, foreign).status_code == 404
    assert compared(analyst, one, one).status_code == 422
    assert compared(analyst, one).status_code == 422


def test_the_page_shows_the_difference_and_offers_it_as_a_volume(house: House, project: Project, analyst: Person):
    one, two = run(house, project, 20, number(10.0, 3.0), VOLUME), run(house, project, 50, number(None), VOLUME)
    text = analyst.get("/compare", params={"of": [one, two]}, headers=HTML).text
    assert "Iterations" in text
    assert "unknown" in text
    assert f'value="{one}/volume"' in text
    assert f"/viewer?show={one}/volume&amp;show={two}/volume" in text


def test_the_page_offers_what_one_run_may_be_compared_with(house: House, project: Project, analyst: Person):
    one, two = run(house, project, 20), run(house, project, 50)
    text = analyst.get("/compare", params={"of": one}, headers=HTML).text
    assert f'value="{two}"' in text
    assert analyst.get("/compare", headers=HTML).status_code == 200


def test_runs_of_other_data_differ_though_their_parameters_are_the_same(
    house: House, project: Project, analyst: Person
):
    one = run(house, project, 20, inputs={"projections": f"ds_{'1' * 32}/series"})
    two = run(house, project, 20, inputs={"projections": f"ds_{'2' * 32}/series"})
    (row,) = compared(analyst, one, two).json()["inputs"]
    assert (row["name"], row["is_same"]) == ("projections", False)
    assert (row["first"], row["second"]) == ([f"ds_{'1' * 32}/series"], [f"ds_{'2' * 32}/series"])
    text = analyst.get(f"/compare?of={one}&of={two}", headers=HTML).text
    assert "All parameters are the same" in text
    assert "all the same" not in text
    assert compared(analyst, one, run(house, project, 20, inputs={"projections": f"ds_{'1' * 32}/series"})).json()[
        "inputs"
    ][0]["is_same"]
