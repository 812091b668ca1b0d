"""The facility counts how many of its datasets report their dose, and shows the literature beside."""

from typing import Any

from sqlalchemy import event

from app.infra.house import House
from app.lab.reports.repository import ReportRepository
from tests.app.reports.chain import add_dataset, expose
from tests.conftest import add_project, add_sample


def statistics(who: Any, **query: str) -> dict[str, Any]:
    answer = who.get("/api/v1/reporting-statistics", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_datasets_are_counted_by_what_their_exposures_state(
    analyst: Any, house: House, project: Any, sample: Any
) -> None:
    high, low, silent, _none = (add_dataset(house, project, sample) for _ in range(4))
    expose(analyst, sample, 1, dataset_id=high)
    gentle = {"value": 20.0, "unit": "e/(A^2 s)", "source": "measured"}
    expose(analyst, sample, 2, dataset_id=low, dose_rate_e_per_A2_s=gentle)
    expose(analyst, sample, 3, dataset_id=silent, dose_rate_e_per_A2_s=None)
    found = statistics(analyst, project_id=project.id)
    assert (found["datasets"], found["with_exposure"], found["complete"]) == (4, 3, 2)
    assert (found["of_electrons"], found["low_dose"]) == (3, 1)
    assert found["complete_share"]["value"] == 50.0


def test_a_corrected_exposure_counts_once(analyst: Any, house: House, project: Any, sample: Any) -> None:
    dataset_id = add_dataset(house, project, sample)
    wrong = expose(analyst, sample, 1, dataset_id=dataset_id, dose_rate_e_per_A2_s=None)
    assert statistics(analyst)["complete"] == 0
    expose(analyst, sample, 1, dataset_id=dataset_id, supersedes_id=wrong["id"])
    assert statistics(analyst)["complete"] == 1


def test_exposures_are_read_by_one_statement_however_many_there_are(
    analyst: Any, house: House, project: Any, sample: Any
) -> None:
    recorded = [
        expose(analyst, sample, number, dataset_id=add_dataset(house, project, sample))["id"] for number in (1, 2, 3)
    ]
    asked: list[str] = []
    with house.database.reading() as session:
        event.listen(house.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
        read = [each.id for some in ReportRepository(session).exposures(None, at_once=1) for each in some]
    assert sorted(read) == sorted(recorded)
    assert sum("SELECT" in statement for statement in asked) == 1


def test_other_projects_are_counted_only_for_those_who_see_them(
    analyst: Any, people: Any, house: House, project: Any, sample: Any
) -> None:
    other = add_project(house, "PRJ-2")
    add_dataset(house, other, add_sample(house, other, "LS-2026-9002"))
    add_dataset(house, project, sample)
    assert statistics(analyst)["datasets"] == 1
    assert statistics(people.make(facility_role="manager"))["datasets"] == 2
    assert analyst.get("/api/v1/reporting-statistics", params={"project_id": other.id}).status_code == 404


def test_without_datasets_a_share_is_unknown_not_zero(analyst: Any) -> None:
    found = statistics(analyst)
    assert found["complete_share"]["source"] == "unknown"
    assert found["low_dose_share"]["value"] is None


def test_the_literature_stands_beside_with_its_citation(analyst: Any) -> None:
    rows = {row["id"]: row for row in statistics(analyst)["literature"]}
    assert (rows["papers"]["value"], rows["omit_dose_solid"]["bound"]) == (66, "more than")
    assert all(row["citation"].startswith("004") for row in rows.values())
