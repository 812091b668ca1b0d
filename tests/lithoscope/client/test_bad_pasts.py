"""What cannot have been: each refusal reaches notebook and terminal by its own name, and nothing half-written stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from lithoscope.client import Problem
from lithoscope.client.cli import cli
from lithoscope.client.sample import Sample

PREPARED = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)


def hour(number: float) -> str:
    """Return a moment after the preparation."""
    return (PREPARED + timedelta(hours=number)).isoformat()


def known(value: Any, unit: str | None = None) -> dict[str, Any]:
    """Return a quantity as a person states it."""
    return {"value": value, "source": "user"} | ({} if unit is None else {"unit": unit})


BOX = {"type": "storage", "occurred_at": hour(1), "ended_at": hour(9), "place": "glovebox"}
NAMED = {"type": "note", "occurred_at": hour(1), "note": "one", "client_event_id": "first"}
GONE = {"type": "disposal", "occurred_at": hour(20)}
YEAR_OFF = (datetime.now(UTC) + timedelta(days=365)).isoformat()
RATE = "dose_rate_e_per_A2_s"
EVENTS: list[tuple[str, dict[str, Any], str]] = [
    ("an end before its start", {**BOX, "occurred_at": hour(12), "ended_at": hour(11)}, "time-order"),
    ("two places at one time", {**BOX, "occurred_at": hour(2), "place": "microscope"}, "contradictory-place"),
    ("a clock a year off", {"type": "note", "occurred_at": YEAR_OFF, "note": "x"}, "clock-off"),
    ("two events for one client id", {**NAMED, "note": "two"}, "client-event-id-reused"),
    ("a split after the disposal", {"type": "split", "occurred_at": hour(21)}, "after-disposal"),
]
EXPOSURES: list[tuple[str, dict[str, Any], str]] = [
    ("an acquisition before the sample", {"occurred_at": hour(-1)}, "before-sample"),
    ("an end before its start", {"ended_at": hour(9)}, "time-order"),
    ("a negative dose rate", {RATE: known(-100, "e/(A^2 s)")}, "out-of-range"),
    ("a dose rate without unit", {RATE: known(100)}, "unit-missing"),
    ("a dose rate per square nanometre", {RATE: known(100, "e/(nm^2 s)")}, "unit-mismatch"),
    ("a dose rate a thousand times too high", {RATE: known(1e11, "e/(A^2 s)")}, "implausible-value"),
    ("a beam that outlasts the sample", {"ended_at": hour(21)}, "after-disposal"),
]


@pytest.fixture(scope="module")
def foil(service) -> Any:
    """Give a sample with a past that ended."""
    with service.client() as client:
        sample = client.samples.create("foil", project=service.project_id, prepared_at=PREPARED.isoformat())
        for event in (BOX, NAMED, GONE):
            sample.record_event(**event)
        yield sample


def test_every_bad_input_has_a_type_of_its_own():
    types = [code for _, _, code in EVENTS] + [code for _, _, code in EXPOSURES]
    assert len(set(types)) == len(types) - 2  # an end before its start, and what lies after a disposal, stand in both


@pytest.mark.parametrize(("event", "code"), [pytest.param(*row[1:], id=row[0]) for row in EVENTS])
def test_an_event_that_cannot_have_been_is_refused_by_name_in_a_notebook(foil: Sample, event: Any, code: str):
    before = foil.events()
    with pytest.raises(Problem) as refused:
        foil.record_event(**event)
    assert refused.value.code == code
    assert foil.events() == before


@pytest.mark.parametrize(("change", "code"), [pytest.param(*row[1:], id=row[0]) for row in EXPOSURES])
def test_an_exposure_that_cannot_have_been_is_refused_by_name_in_a_notebook(foil: Sample, change: Any, code: str):
    beam = {"mode": "tem_field", "occurred_at": hour(10), "exposure_s": known(1.0), RATE: known(100, "e/(A^2 s)")}
    with pytest.raises(Problem) as refused:
        foil.record_exposure(**{**beam, **change})
    assert refused.value.code == code
    assert foil.exposures() == []


@pytest.mark.parametrize(("event", "code"), [pytest.param(*row[1:], id=row[0]) for row in EVENTS])
def test_an_event_that_cannot_have_been_is_refused_by_name_at_a_terminal(
    foil: Sample, service, monkeypatch: pytest.MonkeyPatch, event: dict[str, Any], code: str
):
    monkeypatch.setenv("LITHOSCOPE_URL", service.url)
    monkeypatch.setenv("LITHOSCOPE_TOKEN", service.token)
    before = foil.events()
    more = {name: value for name, value in event.items() if name not in {"type", "occurred_at", "ended_at"}}
    words = ["sample", "event", foil.id, event["type"], "--at", event["occurred_at"]]
    words += ["--until", event["ended_at"]] if "ended_at" in event else []
    words += [word for name, value in more.items() for word in ("-f", f"{name}={value}")]
    ended = CliRunner().invoke(cli, words)
    assert isinstance(ended.exception, Problem), ended.output
    assert (ended.exception.code, ended.exception.exit_code) == (code, 5)
    assert foil.events() == before
