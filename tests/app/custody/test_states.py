"""Where a sample is and what met it, over HTTP and on both databases; what cannot be true is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.infra.clock import now
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.custody.event_types import NewEvent
from app.lab.samples.schemas import NewSample
from tests.conftest import add_project, add_sample
from tests.lithoscope.rules.test_custody_state import plain

EVENTS = TypeAdapter[Any](NewEvent)
OPENED = {"type": "disassembly", "occurred_at": "2026-10-01T08:00:00Z", "atmosphere": "argon"}
BOX = {
    "type": "storage",
    "occurred_at": "2026-10-01T08:00:00Z",
    "ended_at": "2026-10-01T20:00:00Z",
    "place": "Glovebox 1",
    "container": "glovebox",
    "atmosphere": "argon",
    "o2_ppm": 0.1,
    "h2o_ppm": 0.1,
    "temperature_K": 298.0,
    "pressure_Pa": 101325.0,
}
LATER = {"at": "2026-10-01T22:00:00Z"}


def record(who: Any, sample_id: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    answers = [who.post(f"/api/v1/samples/{sample_id}/events", json=event) for event in events]
    assert [answer.status_code for answer in answers] == [201] * len(events), answers[-1].text
    return [answer.json() for answer in answers]


def test_the_state_tells_place_gas_and_hours(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, OPENED, BOX)
    at = {"at": "2026-10-01T18:00:00Z"}
    state = contributor.get(f"/api/v1/samples/{sample.id}/custody-state", params=at).json()
    assert (state["place"], state["container"], state["atmosphere"]) == ("Glovebox 1", "glovebox", "argon")
    assert (state["is_gap"], state["has_gaps"], state["temperature_K"]["value"]) == (False, False, 298.0)
    assert state["since_disassembly"]["glovebox"]["value"] == 10.0
    assert state["gas_exposure"]["O2"] == {
        "value": pytest.approx(76.0 * 36000),
        "unit": "langmuir",
        "source": "user",
        "uncertainty": None,
        "interval": None,
        "note": "pressure times fraction times time, stay by stay",
    }


def test_a_gap_is_shown_as_a_gap(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, OPENED, BOX)
    state = contributor.get(f"/api/v1/samples/{sample.id}/custody-state", params=LATER).json()
    assert (state["is_gap"], state["has_gaps"], state["place"]) == (True, True, None)
    assert state["gas_exposure"]["O2"]["value"] is None
    stays = contributor.get(f"/api/v1/samples/{sample.id}/stays", params=LATER).json()["items"]
    assert [(stay["kind"], stay["is_gap"], stay["seconds"]) for stay in stays] == [
        ("storage", False, 12 * 3600.0),
        (None, True, 2 * 3600.0),
    ]


@pytest.mark.parametrize(("ahead_h", "true_hours"), [(-1, (9, 21)), (1, (7, 19))])
def test_moments_are_corrected_by_the_measured_offset_of_the_sender(
    house: House, device: Any, sample: Any, ahead_h: int, true_hours: tuple[int, int]
) -> None:
    sent_at = (now() + timedelta(hours=ahead_h)).isoformat()
    assert device.post("/api/v1/heartbeats", json={"sent_at": sent_at}).status_code == 201
    answer = device.post(f"/api/v1/samples/{sample.id}/events", json=BOX)
    assert answer.json()["occurred_at"] == BOX["occurred_at"]
    with house.database.reading() as session:
        (event,) = Lab(house, session).custody.happenings(SYSTEM, sample.id)
    for moment, hour in zip((event.occurred_at, event.ended_at), true_hours, strict=True):
        assert moment is not None
        assert abs(moment - datetime(2026, 10, 1, hour, tzinfo=UTC)) < timedelta(seconds=5)


def test_a_child_has_its_parents_state_until_the_split_and_a_gap_afterwards(
    contributor: Any, project: Any, sample: Any
) -> None:
    body = {"project_id": project.id, "name": "lamella", "material": "nmc", "parent_id": sample.id}
    child = contributor.post("/api/v1/samples", json=body).json()
    split = {"type": "split", "occurred_at": "2026-10-01T12:00:00Z", "child_ids": [child["id"]]}
    record(contributor, sample.id, OPENED, BOX, split)
    stays = contributor.get(f"/api/v1/samples/{child['id']}/stays", params=LATER).json()["items"]
    assert [(stay["is_gap"], stay["seconds"]) for stay in stays] == [(False, 4 * 3600.0), (True, 10 * 3600.0)]


def test_the_disposal_of_what_is_left_does_not_dispose_of_the_child(
    contributor: Any, project: Any, sample: Any
) -> None:
    body = {"project_id": project.id, "name": "lamella", "material": "nmc", "parent_id": sample.id}
    child = contributor.post("/api/v1/samples", json=body).json()
    record(contributor, sample.id, OPENED, BOX, {"type": "disposal", "occurred_at": "2026-10-01T21:00:00Z"})
    record(contributor, child["id"], {"type": "mounting", "occurred_at": "2026-10-01T21:30:00Z", "holder": "IGST"})
    assert not contributor.get(f"/api/v1/samples/{child['id']}/custody-state").json()["is_disposed"]


# --- what cannot be true ----------------------------------------------------------------------------------------------
ELSEWHERE = {
    "type": "storage",
    "occurred_at": "2026-10-01T10:00:00Z",
    "ended_at": "2026-10-01T11:00:00Z",
    "place": "FIB",
}
GONE = {"type": "disposal", "occurred_at": "2026-10-02T08:00:00Z"}
AFTER = "2026-10-03T08:00:00Z"
MINUTE = {"occurred_at": "2026-10-01T21:00:00Z", "ended_at": "2026-10-01T21:01:00Z"}
LONG = {"type": "storage", "occurred_at": "2026-10-02T07:00:00Z", "ended_at": AFTER}
AIRY = {"type": "transfer", "method": "cooling_holder", "air_exposure_s": 90.0, **MINUTE}
MOUNTED = {"type": "mounting", "occurred_at": "2026-10-01T12:00:00Z", "place": "TEM", "holder": "x"}
IMPOSSIBLE = [
    (ELSEWHERE, 409, "contradictory-place", "/body/place"),
    (MOUNTED, 409, "contradictory-place", "/body/place"),
    (LONG, 409, "after-disposal", "/body/ended_at"),
    ({"type": "split", "occurred_at": AFTER}, 409, "after-disposal", "/body/occurred_at"),
    ({"type": "storage", "occurred_at": AFTER}, 409, "after-disposal", "/body/occurred_at"),
    ({"type": "disposal", "occurred_at": "2026-10-01T09:00:00Z"}, 409, "after-disposal", "/body/occurred_at"),
    ({**BOX, "ended_at": "2026-10-01T07:00:00Z"}, 422, "time-order", "/body/ended_at"),
    ({"type": "split", "occurred_at": LATER["at"], "ended_at": AFTER}, 422, "unknown-field", "/body/ended_at"),
    ({**BOX, "container": "pocket"}, 422, "invalid-input", "/body/container"),
    (AIRY, 422, "invalid-input", "/body/air_exposure_s"),
    ({**BOX, "temperature_K": -20.0}, 422, "out-of-range", "/body/temperature_K"),
    ({**BOX, "pressure_Pa": 1e12}, 422, "implausible-value", "/body/pressure_Pa"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "status", "code", "pointer"), IMPOSSIBLE, ids=lambda value: str(value)[:40])
def test_what_cannot_be_true_is_refused_by_name_and_nothing_is_kept(
    contributor: Any, sample: Any, event: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    record(contributor, sample.id, OPENED, BOX, GONE)
    before = contributor.get(f"/api/v1/samples/{sample.id}/events").json()
    answer = contributor.post(f"/api/v1/samples/{sample.id}/events", json=event)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}"), answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert contributor.get(f"/api/v1/samples/{sample.id}/events").json() == before


def test_a_correction_is_not_contradicted_by_what_it_corrects(contributor: Any, sample: Any) -> None:
    wrong, gone = record(contributor, sample.id, BOX, GONE)
    record(contributor, sample.id, {**BOX, "place": "Glovebox 2", "supersedes_id": wrong["id"]})
    record(contributor, sample.id, {**GONE, "occurred_at": AFTER, "supersedes_id": gone["id"]})


def test_a_note_may_be_written_after_the_disposal(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, GONE, {"type": "note", "occurred_at": AFTER, "note": "went into the bin"})


def test_no_beam_meets_what_is_no_more(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, GONE)
    answer = contributor.post(
        f"/api/v1/samples/{sample.id}/exposures", json={"mode": "stem_raster", "occurred_at": AFTER}
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/after-disposal")
    assert contributor.get(f"/api/v1/samples/{sample.id}/exposures").json()["items"] == []


def test_an_exposure_of_a_clock_a_year_off_is_refused(contributor: Any, sample: Any) -> None:
    body = {"mode": "stem_raster", "occurred_at": (now() + timedelta(days=365)).isoformat()}
    answer = contributor.post(f"/api/v1/samples/{sample.id}/exposures", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/clock-off")


# --- corrections and order leave no trace -----------------------------------------------------------------------------
moments = st.integers(0, 40).map(lambda hour: datetime.fromisoformat("2026-10-01T00:00:00Z") + timedelta(hours=hour))
intervals = st.tuples(moments, st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + timedelta(hours=pair[1])))


def _event(kind: str, interval: tuple[datetime, datetime], more: dict[str, Any]) -> dict[str, Any]:
    fields = {"storage": {}, "transfer": {"method": "cooling_holder"}, "surface_renewal": {}, "cooling": {}}[kind]
    known = {name: value for name, value in more.items() if kind == "transfer" or name != "air_exposure_s"}
    return {"type": kind, "occurred_at": interval[0], "ended_at": interval[1], **fields, **known}


recorded = st.builds(
    _event,
    st.sampled_from(["storage", "transfer", "surface_renewal", "cooling"]),
    intervals,
    st.fixed_dictionaries(
        {},
        optional={
            "temperature_K": st.sampled_from([90.0, 298.0]),
            "atmosphere": st.sampled_from(["argon", "air"]),
            "air_exposure_s": st.sampled_from([0.0, 15.0]),
        },
    ),
)


def test_a_superseded_event_leaves_the_state_as_if_it_had_been_right_at_first(any_house: House) -> None:
    """Right histories are recorded in order; in wrong ones an event stands first as another and is superseded last."""
    project = add_project(any_house, "P")
    count = iter(range(10_000))

    def state(events: list[dict[str, Any]], wrong: dict[str, Any] | None, place: int) -> tuple[Any, Any]:
        sample = add_sample(any_house, project, f"S-{next(count)}")
        with any_house.database.writing() as session:
            session.merge(sample).material = "lithium_electrodeposited"
        with any_house.database.writing() as session:
            lab = Lab(any_house, session)
            first = None
            for index, event in enumerate(events):
                body = wrong if wrong is not None and index == place else event
                entry, _ = lab.custody.record(SYSTEM, sample.id, EVENTS.validate_python(body))
                first = entry if index == place else first
            if wrong is not None and first is not None:
                right = {**events[place], "supersedes_id": first.event.id}
                lab.custody.record(SYSTEM, sample.id, EVENTS.validate_python(right))
            at = datetime.fromisoformat("2026-10-03T00:00:00Z")
            found = lab.clocks.of_sample(SYSTEM, sample.id, at)
            told = [(clock.name, clock.state, clock.elapsed_s, clock.due_at) for clock in found]
            return plain(lab.custody.state(SYSTEM, sample.id, at)), told

    opened = {"type": "disassembly", "occurred_at": datetime.fromisoformat("2026-10-01T00:00:00Z")}

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(events=st.lists(recorded, min_size=1, max_size=4), wrong=recorded, data=st.data())
    def holds(events: list[dict[str, Any]], wrong: dict[str, Any], data: st.DataObject) -> None:
        history = [opened, *events]
        place = data.draw(st.integers(1, len(events)))
        right = state(history, None, place)
        assert state(history, wrong, place) == right
        assert state(data.draw(st.permutations(history)), None, 0) == right

    holds()


def test_a_sample_split_from_another_inherits_its_state_on_both_databases(any_house: House) -> None:
    parent = add_sample(any_house, add_project(any_house, "P"), "S-1")
    with any_house.database.writing() as session:
        lab = Lab(any_house, session)
        for event in (OPENED, BOX):
            lab.custody.record(SYSTEM, parent.id, EVENTS.validate_python(event))
        body = {"project_id": parent.project_id, "name": "lamella", "material": "nmc", "parent_id": parent.id}
        child = lab.samples.create(SYSTEM, NewSample.model_validate(body))
        at = datetime.fromisoformat("2026-10-01T18:00:00Z")
        assert plain(lab.custody.state(SYSTEM, child.id, at)) == plain(lab.custody.state(SYSTEM, parent.id, at))
