"""What is left of a phase in a region, live and planned."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from app.infra.clock import now
from tests.app.dose.ledger import FIB, record
from tests.conftest import add_project, add_sample

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10]]
LEFT = [[0, 0], [5, 0], [5, 10], [0, 10]]
BEAM: dict[str, Any] = {
    "mode": "tem_field",
    "occurred_at": "2026-10-03T08:00:00Z",
    "beam_energy_kV": {"value": 200, "source": "user"},
    "dose_rate_e_per_A2_s": {"value": 100, "unit": "e/(A^2 s)", "source": "measured"},
    "exposure_s": {"value": 1.5, "source": "user"},
    "temperature_K": {"value": 293.15, "source": "user"},
    "field_um": SQUARE,
}
COLD = {
    "occurred_at": "2026-10-03T08:30:00Z",
    "temperature_K": {"value": 98.15, "source": "user"},
    "exposure_s": {"value": 10, "source": "user"},
}
OPERATOR = {
    "kind": "operator",
    "from_at": "2026-10-03T07:00:00Z",
    "to_at": "2026-10-03T10:00:00Z",
    "intervals": [],
    "covers": ["search", "focus", "flyback", "parked"],
}
PLAN = {
    "phase": "LiF",
    "temperature_K": 98.15,
    "beam_energy_kV": 200,
    "beam_current_nA": 0.01,
    "dwell_s": 1.0,
    "beam_diameter_nm": 100,
    "frames": 10,
}


@pytest.fixture
def region_id(contributor: Any, sample: Any) -> str:
    new = {"name": "edge", "polygon_um": SQUARE, "phases": ["LiF", "Li2CO3"]}
    return str(contributor.post(f"/api/v1/samples/{sample.id}/regions", json=new).json()["id"])


def declare(who: Any, sample: Any, **change: Any) -> None:
    answer = who.post(f"/api/v1/samples/{sample.id}/beam-records", json={**OPERATOR, **change})
    assert answer.status_code == 201, answer.text


def before(**time: float) -> str:
    return (now() - timedelta(**time)).isoformat()


def budget_of(who: Any, region_id: str, phase: str = "LiF", **query: Any) -> Any:
    answer = who.get(f"/api/v1/regions/{region_id}/budget", params={"phase": phase, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_room_temperature_and_cold_spend_by_fractions(contributor: Any, sample: Any, region_id: str) -> None:
    """150 e/Å² at room temperature, then 1000 in the cold: 0.75 + 0.05 to 0.10."""
    for change in ({}, COLD):
        assert record(contributor, sample.id, BEAM, **change).status_code == 201
    declare(contributor, sample)
    found = budget_of(contributor, region_id, rate_e_per_A2_s=50)
    assert (found["spent"]["lower"], found["spent"]["upper"]) == pytest.approx((0.80, 0.85))
    assert found["state"] == "near"
    assert (found["seconds_left"]["lower"], found["seconds_left"]["upper"]) == pytest.approx((0.15 * 200, 0.2 * 400))
    assert [leg["limit_id"] for leg in found["legs"]] == ["lif_room_temperature_004", "lif_cryogenic_004"]
    warm = budget_of(contributor, region_id, rate_e_per_A2_s=50, temperature_K=293.15)
    assert warm["seconds_left"]["upper"] == pytest.approx(0.2 * 4)
    before = budget_of(contributor, region_id, at="2026-10-03T08:15:00Z")
    assert before["spent"]["upper"] == pytest.approx(0.75)


def test_a_region_is_judged_at_its_worst_place(contributor: Any, sample: Any, region_id: str) -> None:
    record(contributor, sample.id, BEAM, field_um=LEFT, exposure_s={"value": 3, "source": "user"})
    record(contributor, sample.id, BEAM, exposure_s={"value": 0.1, "source": "user"})
    declare(contributor, sample)
    found = budget_of(contributor, region_id)
    assert found["state"] == "exceeded"
    assert [(cell["area_um2"], cell["state"]) for cell in found["cells"]] == [(50.0, "exceeded"), (50.0, "within")]
    assert found["cell_count"] == 2


def test_without_a_record_of_the_beam_nothing_is_within(contributor: Any, sample: Any, region_id: str) -> None:
    record(contributor, sample.id, BEAM, exposure_s={"value": 0.1, "source": "user"})
    assert budget_of(contributor, region_id)["state"] == "unknown"
    record(contributor, sample.id, BEAM, **COLD, dose_rate_e_per_A2_s=...)
    declare(contributor, sample)
    assert budget_of(contributor, region_id)["state"] == "unknown"
    record(contributor, sample.id, BEAM, exposure_s={"value": 3, "source": "user"})
    assert budget_of(contributor, region_id)["state"] == "exceeded"


def test_an_exposure_that_nobody_placed_is_an_interval(contributor: Any, sample: Any, region_id: str) -> None:
    record(contributor, sample.id, BEAM, field_um=...)
    declare(contributor, sample)
    found = budget_of(contributor, region_id)
    assert (found["spent"]["lower"], found["spent"]["upper"]) == pytest.approx((0.0, 0.75))
    assert not found["legs"][0]["is_placed"]


def test_ions_leave_a_budget_unknown(contributor: Any, sample: Any, region_id: str) -> None:
    record(contributor, sample.id, FIB, occurred_at="2026-10-03T08:00:00Z", field_um=SQUARE)
    declare(contributor, sample)
    assert budget_of(contributor, region_id)["state"] == "unknown"


def test_a_limit_of_the_lab_is_what_budgets_are_judged_by(
    contributor: Any, people: Any, sample: Any, region_id: str
) -> None:
    record(contributor, sample.id, BEAM)
    declare(contributor, sample)
    limit = {
        "phase": "LiF",
        "criterion": "onset_of_visible_damage",
        "dose": {"lower": 100.0, "upper": 120.0, "unit": "e/A^2"},
        "beam_energy_kV": 200,
        "temperature_K": [288, 298],
        "mode": "tem_field",
        "source": "movie of May",
    }
    made = people.make(facility_role="manager").post("/api/v1/dose-limits", json=limit).json()
    found = budget_of(contributor, region_id)
    assert (found["state"], found["legs"][0]["limit_id"]) == ("exceeded", made["id"])


def test_a_correction_counts_as_if_it_had_been_right_at_first(contributor: Any, sample: Any, region_id: str) -> None:
    first = record(contributor, sample.id, BEAM, exposure_s={"value": 15, "source": "user"}).json()
    record(contributor, sample.id, BEAM, supersedes_id=first["id"])
    declare(contributor, sample)
    assert budget_of(contributor, region_id)["spent"]["upper"] == pytest.approx(0.75)


def stream(who: Any, region_id: str, last: int | None = None) -> list[tuple[int, str, dict[str, Any]]]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(last)} if last is not None else {})
    address = f"/api/v1/regions/{region_id}/budget/events?phase=LiF"
    with who.stream("GET", address, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if "data:" in block]
    fields = [dict(line.split(": ", 1) for line in block.split("\n") if ": " in line) for block in blocks]
    return [(int(field["id"]), field["event"], json.loads(field["data"])) for field in fields]


def test_a_still_region_is_told_once(contributor: Any, sample: Any, region_id: str) -> None:
    record(contributor, sample.id, BEAM)
    (number, kind, found), idle = stream(contributor, region_id)
    assert (kind, found["spent"]["lower"], idle[1]) == ("budget", pytest.approx(0.75), "idle")
    later = stream(contributor, region_id, last=number + 10**6)
    assert later[0][0] > number + 10**6
    asked_for_json = contributor.get(f"/api/v1/regions/{region_id}/budget/events?phase=LiF").json()
    assert asked_for_json["spent"] == found["spent"]


def test_a_running_exposure_is_followed_until_it_ends(contributor: Any, sample: Any, region_id: str) -> None:
    begun = before(seconds=1)
    declare(contributor, sample, from_at=before(seconds=600), to_at=begun)
    slow = {"occurred_at": begun, "dose_rate_e_per_A2_s": {"value": 1, "unit": "e/(A^2 s)", "source": "user"}}
    running = record(contributor, sample.id, BEAM, **slow, is_running=True, exposure_s=...).json()

    def end() -> None:
        record(contributor, sample.id, BEAM, **slow, ended_at=now().isoformat(), supersedes_id=running["id"])

    ender = threading.Timer(1.5, end)
    ender.start()
    told = stream(contributor, region_id)
    ender.join()
    budgets = [found for _, kind, found in told if kind == "budget"]
    assert len(budgets) >= 2
    assert budgets[0]["running_exposure_ids"] == [running["id"]]
    assert budgets[0]["state"] == "within"
    assert budgets[0]["seconds_left"]["upper"] < 200
    assert budgets[1]["spent"]["lower"] > budgets[0]["spent"]["lower"] > 0
    assert told[-1][1] == "idle"
    numbers = [number for number, kind, _ in told if kind == "budget"]
    assert numbers == sorted(set(numbers))


def test_a_running_exposure_is_within_nothing_until_somebody_answers_for_search_and_focus_before_it(
    contributor: Any, sample: Any, region_id: str
) -> None:
    begun = before(seconds=1)
    slow = {"occurred_at": begun, "dose_rate_e_per_A2_s": {"value": 1, "unit": "e/(A^2 s)", "source": "user"}}
    record(contributor, sample.id, BEAM, **slow, is_running=True, exposure_s=...)
    assert budget_of(contributor, region_id)["state"] == "unknown"
    declare(contributor, sample, from_at=begun, to_at=before(seconds=0))
    assert budget_of(contributor, region_id)["state"] == "unknown"
    declare(contributor, sample, from_at=before(seconds=60), to_at=begun, covers=["search", "focus"])
    assert budget_of(contributor, region_id)["state"] == "within"


def test_a_plan_on_a_fresh_place(contributor: Any) -> None:
    planned = contributor.post("/api/v1/dose-plans", json=PLAN).json()
    assert planned["dose"]["value"] == pytest.approx(794.7, rel=1e-3)
    assert planned["after"]["state"] == "within"
    assert (planned["largest_frames"]["lower"], planned["largest_frames"]["upper"]) == (125, 251)
    assert "above_search_rate" in planned["flags"]


def test_a_plan_on_a_region_counts_what_it_has_had(contributor: Any, sample: Any, region_id: str) -> None:
    record(contributor, sample.id, BEAM)
    declare(contributor, sample)
    fresh = contributor.post("/api/v1/dose-plans", json=PLAN).json()
    planned = contributor.post("/api/v1/dose-plans", json={**PLAN, "region_id": region_id}).json()
    assert planned["before"]["spent"]["upper"] == pytest.approx(0.75)
    assert planned["largest_dwell_s"]["lower"] == pytest.approx(fresh["largest_dwell_s"]["lower"] / 4)
    assert len(contributor.get(f"/api/v1/samples/{sample.id}/exposures").json()["items"]) == 1


def test_a_scanned_plan_is_held_against_a_limit_of_another_beam_and_says_so(contributor: Any) -> None:
    raster = {**PLAN, "beam_diameter_nm": None, "step_nm": 1.0, "dwell_s": 1e-5, "frame_pixels": [512, 512]}
    planned = contributor.post("/api/v1/dose-plans", json=raster).json()
    assert planned["mode"] == "stem_raster"
    assert "other_mode" in planned["flags"]
    assert planned["after"]["state"] == "unknown"


def test_a_region_of_another_project_cannot_be_planned_on(people: Any, house: Any, region_id: str) -> None:
    other = add_project(house, "OTHER")
    add_sample(house, other, "LS-2026-9002")
    stranger = people.make(role="steward", project=other)
    assert stranger.post("/api/v1/dose-plans", json={**PLAN, "region_id": region_id}).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"step_nm": 1.0}, "/body"),
        ({"beam_current_nA": 0}, "/body/beam_current_nA"),
        ({"frames": 0}, "/body/frames"),
        ({"criterion": "luck"}, "/body/criterion"),
    ],
)
def test_impossible_plans_are_told_by_field(contributor: Any, change: Any, pointer: str) -> None:
    answer = contributor.post("/api/v1/dose-plans", json={**PLAN, **change})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_an_unknown_criterion_is_refused(contributor: Any, region_id: str) -> None:
    answer = contributor.get(f"/api/v1/regions/{region_id}/budget?phase=LiF&criterion=luck")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/criterion")
