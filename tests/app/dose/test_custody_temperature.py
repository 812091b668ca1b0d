"""A temperature nobody states of an exposure may stand in custody: taken where custody speaks of that very time."""

from typing import Any

import pytest

from tests.app.dose.ledger import FIB, FIELD, dose_of, record

BEFORE, AFTER = "2026-10-03T07:00:00Z", "2026-10-03T09:00:00Z"
BEAM = {"type": "exposure", "beam": "electron", "occurred_at": BEFORE, "ended_at": AFTER, "temperature_K": 95.0}
STAY = {"type": "storage", "atmosphere": "vacuum", "occurred_at": BEFORE, "ended_at": AFTER, "temperature_K": 95.0}


def tell(who: Any, sample: Any, event: dict[str, Any], **change: Any) -> str:
    """Record an event; `...` leaves a field out."""
    body = {name: value for name, value in {**event, **change}.items() if value is not ...}
    answer = who.post(f"/api/v1/samples/{sample.id}/events", json=body)
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["id"]
    return name


def temperature(who: Any, sample: Any, exposure: dict[str, Any] = FIELD, **change: Any) -> dict[str, Any]:
    """Record an exposure and return the temperature its account has."""
    answer = record(who, sample.id, exposure, **change)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = dose_of(who, sample.id)["exposures"][-1]["temperature_K"]
    return shown


@pytest.mark.parametrize("told", [BEAM, STAY], ids=["beam", "stay in vacuum"])
def test_custody_that_speaks_of_the_whole_exposure_gives_its_temperature_and_is_named(
    contributor: Any, sample: Any, told: dict[str, Any]
) -> None:
    event_id = tell(contributor, sample, told, source="measured")
    found = temperature(contributor, sample)
    assert (found["value"], found["source"]) == (95.0, "measured")
    assert found["note"] == f"not recorded of the exposure; custody: {event_id} ({told['type']})"


def test_a_stated_temperature_stays(contributor: Any, sample: Any) -> None:
    tell(contributor, sample, BEAM)
    found = temperature(contributor, sample, temperature_K={"value": 293.15, "source": "user"})
    assert (found["value"], found["source"]) == (293.15, "user")


@pytest.mark.parametrize(
    ("told", "change"),
    [
        (BEAM, {"ended_at": "2026-10-03T08:00:01Z"}),
        (BEAM, {"occurred_at": "2026-10-03T08:00:01Z"}),
        (BEAM, {"ended_at": ...}),
        (BEAM, {"temperature_K": ...}),
        (STAY, {"ended_at": ...}),
        (STAY, {"atmosphere": "argon"}),
        ({**BEAM, "type": "cooling", "beam": ...}, {"ended_at": ..., "atmosphere": "vacuum"}),
        ({**BEAM, "type": "fib_milling", "beam": ...}, {"ion_source": "Ar"}),
        (BEAM, {"beam": "light"}),
        (STAY, {"container": "uhv_suitcase"}),
    ],
    ids=[
        "ends within",
        "begins within",
        "a moment",
        "silent",
        "open",
        "under gas",
        "a cooling",
        "a milling",
        "another beam",
        "out of any beam's reach",
    ],
)
def test_custody_that_does_not_speak_of_it_leaves_it_unknown(
    contributor: Any, sample: Any, told: dict[str, Any], change: dict[str, Any]
) -> None:
    """The field is lit for two seconds from eight o'clock on."""
    tell(contributor, sample, told, **change)
    assert temperature(contributor, sample)["value"] is None


def test_a_sample_warmed_or_cooled_since_has_an_unknown_temperature(contributor: Any, sample: Any) -> None:
    tell(contributor, sample, STAY, temperature_K=298.0)
    tell(contributor, sample, {"type": "cooling", "occurred_at": "2026-10-03T07:30:00Z", "temperature_K": 95.0})
    assert temperature(contributor, sample)["value"] is None


def test_a_sample_moved_since_has_an_unknown_temperature(contributor: Any, sample: Any) -> None:
    tell(contributor, sample, STAY)
    shuttle = {"type": "transfer", "method": "inert_gas_shuttle", "air_exposure_s": 0}
    tell(contributor, sample, {**shuttle, "occurred_at": "2026-10-03T07:30:00Z", "ended_at": "2026-10-03T07:40:00Z"})
    assert temperature(contributor, sample)["value"] is None


def test_a_move_that_ended_before_the_record_began_does_not_count(contributor: Any, sample: Any) -> None:
    shuttle = {"type": "transfer", "method": "inert_gas_shuttle", "air_exposure_s": 0, "ended_at": BEFORE}
    tell(contributor, sample, {**shuttle, "occurred_at": "2026-10-03T06:30:00Z"})
    tell(contributor, sample, BEAM)
    assert temperature(contributor, sample)["value"] == 95.0


def test_an_exposure_that_lasted_nobody_knows_how_long_takes_no_temperature(contributor: Any, sample: Any) -> None:
    """Custody cannot speak of the whole of it, and a moment of it is not enough."""
    tell(contributor, sample, BEAM)
    assert temperature(contributor, sample, exposure_s=...)["value"] is None


def test_custody_that_contradicts_itself_settles_nothing(contributor: Any, sample: Any) -> None:
    first = tell(contributor, sample, BEAM)
    second = tell(contributor, sample, STAY, temperature_K=298.0)
    found = temperature(contributor, sample)
    assert found["value"] is None
    assert first in found["note"]
    assert second in found["note"]


def test_ions_take_theirs_from_a_milling(contributor: Any, sample: Any) -> None:
    day = {"occurred_at": "2026-10-05T07:00:00Z", "ended_at": "2026-10-05T09:00:00Z"}
    tell(contributor, sample, {"type": "fib_milling", "ion_source": "Ga", "temperature_K": 95.0, **day})
    assert temperature(contributor, sample, FIB)["value"] == 95.0


def test_a_corrected_record_counts_as_it_was_corrected(contributor: Any, sample: Any) -> None:
    wrong = tell(contributor, sample, BEAM)
    tell(contributor, sample, BEAM, temperature_K=293.0, supersedes_id=wrong)
    assert temperature(contributor, sample)["value"] == 293.0
