"""The lab's critical doses stand beside the literature's and come first."""

from typing import Any

import pytest

from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.limits.schemas import NewDoseLimit

LIMIT: dict[str, Any] = {
    "phase": "LiF",
    "criterion": "onset_of_visible_damage",
    "dose": {"lower": 260.0, "best": 300.0, "upper": 340.0, "unit": "e/A^2"},
    "beam_energy_kV": 200.0,
    "temperature_K": [288.0, 298.0],
    "mode": "tem_field",
    "rate_e_per_A2_s": [80.0, 120.0],
    "source": "movie of May, notebook page 12",
}
ROOM = {"phase": "LiF", "temperature_K": 293.15, "beam_energy_kV": 200, "rate_e_per_A2_s": 100}


@pytest.fixture
def member(people: Any, project: Any) -> Any:
    return people.make(role="viewer", project=project)


def look_up(who: Any, **asked: Any) -> Any:
    return who.get("/api/v1/dose-limit-lookup", params={**ROOM, **asked}).json()


def test_the_literature_is_listed_with_everything_it_says(member: Any) -> None:
    listed = member.get("/api/v1/dose-limits", params={"phase": "Li₂CO₃"}).json()
    assert {item["phase"] for item in listed["items"]} == {"Li2CO3"}
    room = next(item for item in listed["items"] if item["id"] == "li2co3_room_temperature_004")
    assert room["dose"] == {"lower": None, "best": None, "upper": 100.0, "unit": "e/A^2"}
    assert len(room["statements"]) == 3
    assert "onset_of_visible_damage" in listed["criteria"]


def test_a_look_up_gives_window_reason_and_what_was_passed_over(member: Any) -> None:
    found = look_up(member)
    assert found["window"] == {"lower": 2.0, "best": 2.0, "upper": 2.0, "unit": "s"}
    assert found["limit"]["source"].startswith("Bai et al. (004)")
    assert found["passed_over"][0]["reason"].endswith("nothing is interpolated between temperatures")
    nobody = look_up(member, temperature_K=150)
    assert nobody["limit"] is None
    assert nobody["window"]["upper"] is None


def test_a_limit_of_the_lab_comes_first_until_it_is_retired(manager: Any, member: Any) -> None:
    made = manager.post("/api/v1/dose-limits", json=LIMIT)
    assert made.status_code == 201, made.text
    row = made.json()
    assert (row["kind"], row["created_by"], row["warnings"]) == ("lab", manager.id, [])
    found = look_up(member)
    assert found["limit"]["id"] == row["id"]
    assert found["window"]["best"] == pytest.approx(3.0)
    assert "rows_disagree" in found["flags"]
    beside = {each["limit"]["id"]: each["reason"] for each in found["passed_over"]}
    assert beside["lif_room_temperature_004"] == "the lab's own measurement comes first"
    assert manager.delete(f"/api/v1/dose-limits/{row['id']}").status_code == 204
    assert look_up(member)["limit"]["kind"] == "literature"
    again = manager.delete(f"/api/v1/dose-limits/{row['id']}")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/limit-retired")
    shown = member.get("/api/v1/dose-limits", params={"phase": "LiF", "with_retired": True}).json()["items"]
    assert shown[-1]["retired_at"] is not None


def test_a_correction_takes_the_place_of_what_it_corrects(manager: Any, member: Any) -> None:
    first = manager.post("/api/v1/dose-limits", json=LIMIT).json()
    dose = {"lower": 400.0, "unit": "e/A^2"}
    second = manager.post("/api/v1/dose-limits", json={**LIMIT, "dose": dose, "supersedes_id": first["id"]}).json()
    assert look_up(member)["limit"]["id"] == second["id"]
    once_more = manager.post("/api/v1/dose-limits", json={**LIMIT, "supersedes_id": first["id"]})
    assert (once_more.status_code, once_more.json()["type"]) == (409, "/problems/already-superseded")
    shown = member.get("/api/v1/dose-limits", params={"with_retired": True}).json()["items"]
    assert next(item for item in shown if item["id"] == first["id"])["superseded_by"] == second["id"]


def test_the_literature_is_not_retired(manager: Any) -> None:
    answer = manager.delete("/api/v1/dose-limits/lif_cryogenic_004")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/literature-limit")


def test_members_record_no_limits(member: Any) -> None:
    assert member.post("/api/v1/dose-limits", json=LIMIT).status_code == 403


@pytest.mark.parametrize(
    ("change", "problem", "pointer"),
    [
        ({"dose": {"lower": 3.0}}, "unit-missing", "/body/dose/unit"),
        ({"dose": {"lower": 3.0, "unit": "e/nm^2"}}, "unit-mismatch", "/body/dose/unit"),
        ({"dose": {"unit": "e/A^2"}}, "invalid-input", "/body/dose"),
        ({"dose": {"lower": 3.0, "upper": 2.0, "unit": "e/A^2"}}, "invalid-input", "/body/dose"),
        ({"dose": {"lower": -3.0, "unit": "e/A^2"}}, "out-of-range", "/body/dose/lower"),
        ({"dose": {"lower": 1e11, "unit": "e/A^2"}}, "implausible-value", "/body/dose/lower"),
        ({"criterion": "luck"}, "invalid-input", "/body/criterion"),
        ({"temperature_K": [300.0, 200.0]}, "invalid-input", "/body/temperature_K"),
        ({"supersedes_id": "lim_none"}, "invalid-input", "/body/supersedes_id"),
    ],
)
def test_what_cannot_be_a_limit_is_told_by_field(manager: Any, change: Any, problem: str, pointer: str) -> None:
    answer = manager.post("/api/v1/dose-limits", json={**LIMIT, **change})
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}"), answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert len(manager.get("/api/v1/dose-limits", params={"phase": "LiF"}).json()["items"]) == 2


def test_what_is_far_outside_is_taken_when_it_is_meant(manager: Any) -> None:
    dose = {"lower": 1e11, "unit": "e/A^2"}
    made = manager.post("/api/v1/dose-limits", json={**LIMIT, "dose": dose, "confirm": True})
    assert made.status_code == 201
    assert "critical_dose_e_per_A2" in made.json()["warnings"][0]


def test_limits_are_kept_on_either_database(any_house: Any) -> None:
    with any_house.database.writing() as session:
        limits = Lab(any_house, session).limits
        first = limits.create(SYSTEM, NewDoseLimit.model_validate(LIMIT)).limit
        newer = NewDoseLimit.model_validate({**LIMIT, "supersedes_id": first.id})
        second = limits.create(SYSTEM, newer).limit
    with any_house.database.reading() as session:
        limits = Lab(any_house, session).limits
        assert [row.id for row in limits.standing() if row.kind == "lab"] == [second.id]
        assert limits.look_up(phase="LiF", temperature_K=293.15, beam_energy_kV=200.0).limit == second
        assert len(limits.all(phase="LiF", with_retired=True)) == 4
