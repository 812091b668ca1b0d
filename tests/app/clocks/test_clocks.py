"""How long samples keep: over HTTP, in the facility's list, and after whatever changes it; on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import delete, event, select, update

from app.infra.clock import now
from app.infra.db.models import Project, Sample, SampleClock
from app.infra.house import House
from app.infra.ids import new_id
from app.lab.access import SYSTEM, Actor
from app.lab.clocks.sweeping import refresh_stale
from app.lab.composition import Lab
from app.lab.custody.event_types import NewEvent
from app.lab.dose.exposure_types import TemField
from tests.conftest import add_project, add_sample

EVENTS = TypeAdapter[Any](NewEvent)


def ago(hours: float) -> str:
    return (now() - timedelta(hours=hours)).isoformat()


def opened(hours: float) -> list[dict[str, Any]]:
    """Return a disassembly some hours ago into a glovebox where the sample still is."""
    return [
        {"type": "disassembly", "occurred_at": ago(hours), "atmosphere": "argon"},
        {"type": "storage", "occurred_at": ago(hours), "container": "glovebox", "atmosphere": "argon"},
    ]


def register(who: Any, project: Any, **more: Any) -> dict[str, Any]:
    body = {"project_id": project.id, "name": "anode", "material": "lithium_electrodeposited", "electrolyte": "Gen2"}
    answer = who.post("/api/v1/samples", json={**body, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def record(who: Any, sample: dict[str, Any], *events: dict[str, Any]) -> list[dict[str, Any]]:
    answers = [who.post(f"/api/v1/samples/{sample['id']}/events", json=event) for event in events]
    assert [answer.status_code for answer in answers] == [201] * len(events), answers[-1].text
    return [answer.json() for answer in answers]


def clocks_of(who: Any, sample: dict[str, Any], **query: Any) -> dict[str, dict[str, Any]]:
    answer = who.get(f"/api/v1/samples/{sample['id']}/clocks", params=query)
    assert answer.status_code == 200, answer.text
    return {clock["name"]: clock for clock in answer.json()["clocks"]}


def deadlines(who: Any, **query: Any) -> list[dict[str, Any]]:
    answer = who.get("/api/v1/deadlines", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_clocks_tell_state_reason_citation_and_loss_with_unit(contributor: Any, project: Any) -> None:
    sample = register(contributor, project, capacity_mAh_per_cm2=0.25)
    disassembly, _ = record(contributor, sample, *opened(20))
    found = clocks_of(contributor, sample)
    assert {name: clock["state"] for name, clock in found.items()} == {
        "fib_start": "overdue",
        "storage": "overdue",
        "surface": "fresh",
    }
    storage = found["storage"]
    assert disassembly["id"] in storage["decided_by"]
    assert storage["citation"].startswith("004, Figure 1A")
    assert [(loss["model"], loss["upper"]["value"]) for loss in storage["loss"]] == [
        ("first_order", None),
        ("square_root", None),
    ]
    assert storage["loss"][1]["lower"]["value"] == pytest.approx(13.8, abs=0.1)
    assert storage["loss"][1]["lower_capacity"]["unit"] == "mAh/cm^2"


def test_clocks_are_judged_at_the_moment_asked_for(contributor: Any, project: Any) -> None:
    sample = register(contributor, project)
    record(contributor, sample, *opened(20))
    assert clocks_of(contributor, sample, at=ago(19))["storage"]["state"] == "fresh"


def test_preparation_starts_the_clocks_of_a_sample_no_cell_was_opened_for(contributor: Any, project: Any) -> None:
    foil = register(contributor, project, material="lithium_metal_foil", electrolyte=None, prepared_at=ago(1))
    record(contributor, foil, {"type": "storage", "occurred_at": ago(1), "container": "glovebox"})
    assert clocks_of(contributor, foil)["storage"]["state"] == "fresh"
    assert foil["prepared_at"] is not None


@pytest.mark.parametrize("bad", [{"capacity_mAh_per_cm2": 0.0}, {"capacity_mAh_per_cm2": -1.0}])
def test_a_capacity_that_cannot_be_is_refused(contributor: Any, project: Any, bad: dict[str, Any]) -> None:
    body = {"project_id": project.id, "name": "x", "material": "nmc", **bad}
    answer = contributor.post("/api/v1/samples", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/out-of-range")


def test_the_facility_lists_deadlines_the_earliest_first(contributor: Any, project: Any) -> None:
    late, early = register(contributor, project, electrolyte="Bi-salt"), register(contributor, project)
    record(contributor, late, *opened(2))
    record(contributor, early, *opened(1))
    listed = deadlines(contributor)
    assert [item["due_at"] for item in listed] == sorted(item["due_at"] for item in listed)
    assert {(item["sample_id"], item["clock"]) for item in listed[:2]} == {
        (early["id"], "fib_start"),
        (early["id"], "storage"),
    }
    assert listed[0]["sample_code"] == early["code"]
    assert {item["state"] for item in listed} == {"fresh"}


def test_deadlines_are_chosen_by_state_and_project(contributor: Any, people: Any, house: House, project: Any) -> None:
    fresh, overdue, unknown = (register(contributor, project) for _ in range(3))
    record(contributor, fresh, *opened(1))
    record(contributor, overdue, *opened(100))
    carried = {"type": "transfer", "occurred_at": ago(0.1), "method": "uhv_suitcase"}
    record(contributor, unknown, *opened(1), carried)
    by_state = {
        state: {item["sample_id"] for item in deadlines(contributor, state=state)}
        for state in ("fresh", "due", "overdue", "unknown")
    }
    assert by_state == {"fresh": {fresh["id"]}, "due": set(), "overdue": {overdue["id"]}, "unknown": {unknown["id"]}}
    assert deadlines(people.make(role="viewer", project=add_project(house, "PRJ-2"))) == []
    assert len(deadlines(people.admin, project_id=project.id)) == 9
    assert contributor.get("/api/v1/deadlines", params={"state": "fine"}).status_code == 422


def test_deadlines_come_page_by_page_and_each_once(contributor: Any, project: Any) -> None:
    for _ in range(3):
        record(contributor, register(contributor, project), *opened(1))
    seen: list[tuple[str, str]] = []
    url: str | None = "/api/v1/deadlines?limit=2"
    while url is not None:
        page = contributor.get(url).json()
        seen += [(item["sample_id"], item["clock"]) for item in page["items"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == 9


def test_a_correction_moves_the_deadline(contributor: Any, project: Any) -> None:
    sample = register(contributor, project)
    disassembly, storage = record(contributor, sample, *opened(20))
    assert deadlines(contributor, state="overdue")
    first, second = opened(1)
    record(
        contributor,
        sample,
        {**first, "supersedes_id": disassembly["id"]},
        {**second, "supersedes_id": storage["id"]},
    )
    assert deadlines(contributor, state="overdue") == []


def test_an_event_of_the_parent_moves_the_deadlines_of_its_children(contributor: Any, project: Any) -> None:
    parent = register(contributor, project)
    opening, _ = record(contributor, parent, *opened(1))
    child = register(contributor, project, name="lamella", electrolyte=None, parent_id=parent["id"])
    mine = [item for item in deadlines(contributor) if item["sample_id"] == child["id"]]
    assert {item["clock"] for item in mine} == {"fib_start", "storage", "surface"}
    assert mine[0]["citation"].startswith("004, storage: just a few hours")  # the parent's electrolyte is the child's
    air = {"type": "transfer", "occurred_at": ago(0.5), "method": "ambient_air", "air_exposure_s": 15.0}
    (spoilt,) = record(contributor, parent, air)
    found = [item for item in deadlines(contributor, state="overdue") if item["sample_id"] == child["id"]]
    assert len(found) == 3
    assert all(spoilt["id"] in item["reason"] for item in found)
    assert opening["id"] in found[0]["reason"]


def test_a_changed_description_moves_the_deadline(contributor: Any, project: Any) -> None:
    sample = register(contributor, project)
    record(contributor, sample, *opened(20))
    change = {"electrolyte": "Bi-salt"}
    answer = contributor.patch(f"/api/v1/samples/{sample['id']}", json=change, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert deadlines(contributor, state="overdue") == []


def test_the_first_image_ends_the_wait_for_imaging(contributor: Any, project: Any) -> None:
    sample = register(contributor, project, electrolyte="Bi-salt")
    milling = {
        "type": "fib_milling",
        "occurred_at": ago(4),
        "ended_at": ago(3),
        "ion_source": "Ar",
        "steps": [{"purpose": "polish"}],
    }
    record(contributor, sample, *opened(5), milling)
    assert "imaging" in {item["clock"] for item in deadlines(contributor)}
    exposure = {"mode": "tem_field", "occurred_at": ago(1), "beam_energy_kV": {"value": 200.0, "source": "user"}}
    assert contributor.post(f"/api/v1/samples/{sample['id']}/exposures", json=exposure).status_code == 201
    assert "imaging" not in {item["clock"] for item in deadlines(contributor)}
    assert clocks_of(contributor, sample)["imaging"]["state"] == "fresh"


# --- on both databases ------------------------------------------------------------------------------------------------
def _sample(house: House, project: Project, code: str) -> Sample:
    sample = add_sample(house, project, code)
    with house.database.writing() as session:
        session.execute(
            update(Sample).where(Sample.id == sample.id).values(material="lithium_electrodeposited", electrolyte="Gen2")
        )
    return sample


def _record(house: House, sample: Sample, *events: dict[str, Any]) -> None:
    with house.database.writing() as session:
        for each in events:
            Lab(house, session).custody.record(SYSTEM, sample.id, EVENTS.validate_python(each))


def test_the_list_is_one_query_and_agrees_with_each_samples_own_clocks(any_house: House) -> None:
    project = add_project(any_house, "P")
    ages = (0.5, 4.0, 20.0, 60.0)
    for number, age in enumerate(ages):
        _record(any_house, _sample(any_house, project, f"S-{number}"), *opened(age))
    silent = _sample(any_house, project, "S-silent")
    carried = {"type": "transfer", "occurred_at": ago(0.2), "method": "uhv_suitcase"}
    _record(any_house, silent, *opened(1), carried)
    with any_house.database.reading() as session:
        lab = Lab(any_house, session)
        asked: list[str] = []
        event.listen(any_house.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
        listed = lab.clocks.deadlines(SYSTEM, limit=500)
        assert len([query for query in asked if "SELECT" in query]) == 1
        for deadline in listed:
            own = {clock.name: clock for clock in lab.clocks.of_sample(SYSTEM, deadline.sample.id)}
            assert deadline.state == own[deadline.row.clock].state
            assert deadline.row.due_at == own[deadline.row.clock].due_at
        for state in ("fresh", "due", "overdue", "unknown"):
            chosen = lab.clocks.deadlines(SYSTEM, states=frozenset({state}), limit=500)
            assert {each.place for each in chosen} == {each.place for each in listed if each.state == state}
        counted = lab.clocks.counts(SYSTEM)
        assert sum(counted.values()) == len(listed)
    assert len(listed) == 3 * (len(ages) + 1)


def test_deadlines_of_several_projects_are_one_list_in_pages(any_house: House) -> None:
    projects = [add_project(any_house, f"P-{number}") for number in range(3)]
    for number, project in enumerate([*projects, *projects]):
        _record(any_house, _sample(any_house, project, f"S-{number}"), *opened(1.0 + number))
    mine = {project.id: "viewer" for project in projects[:2]}
    with any_house.database.reading() as session:
        clocks = Lab(any_house, session).clocks
        every = [each for each in clocks.deadlines(SYSTEM, limit=500) if each.sample.project_id in mine]
        reader = Actor(id="usr_x", kind="person", label="x", roles=mine)
        pages, after = [], None
        while page := clocks.deadlines(reader, after=after, limit=5):
            pages.append([each.place for each in page])
            after = pages[-1][-1]
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [place for page in pages for place in page] == [each.place for each in every]


def test_clocks_of_other_tables_and_clocks_never_computed_are_computed_by_the_sweeper(any_house: House) -> None:
    project = add_project(any_house, "P")
    stale, missing = _sample(any_house, project, "S-1"), _sample(any_house, project, "S-2")
    add_sample(any_house, project, "S-stable")  # of a material that needs no clock
    _record(any_house, stale, *opened(1))
    _record(any_house, missing, *opened(1))
    with any_house.database.writing() as session:
        old = {"tables_digest": "0" * 64, "due_at": now()}
        session.execute(update(SampleClock).where(SampleClock.sample_id == stale.id).values(**old))
        session.execute(delete(SampleClock).where(SampleClock.sample_id == missing.id))
    assert refresh_stale(any_house) == 2
    assert refresh_stale(any_house) == 0
    with any_house.database.reading() as session:
        rows = list(session.scalars(select(SampleClock)))
        assert {(row.sample_id, row.clock) for row in rows} == {
            (sample.id, clock) for sample in (stale, missing) for clock in ("fib_start", "storage", "surface")
        }
        assert all(row.due_at is not None and row.due_at > now() for row in rows)


def test_a_beam_recorded_by_the_dose_room_reaches_the_clocks(any_house: House) -> None:
    sample = _sample(any_house, add_project(any_house, "P"), "S-1")
    milling = {"type": "fib_milling", "occurred_at": ago(2), "ion_source": "Xe", "steps": [{"purpose": "thin"}]}
    _record(any_house, sample, *opened(3), milling)
    with any_house.database.writing() as session:
        new = TemField.model_validate({"mode": "tem_field", "occurred_at": ago(1), "client_event_id": new_id("exp")})
        Lab(any_house, session).dose.record(SYSTEM, sample.id, new)
    with any_house.database.reading() as session:
        row = session.get_one(SampleClock, (sample.id, "imaging"))
        assert (row.verdict, row.due_at, row.is_running) == ("fresh", None, False)
