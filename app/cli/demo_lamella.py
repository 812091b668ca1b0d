"""The demonstration's second sample: a lithium lamella on the way the guidelines describe, judged by their protocol."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.cli.demo_service import Cast
from app.cli.demo_words import words_of
from lithoscope.client.sample import Sample

CHAIN = Path("data/lithium_lamella.json")
HOURS_TO_NOW = 27.0
PROTOCOL = "lithium_metal_tem"


class Story:
    """
    A chain of events told in hours from its begin, which lies in the past.

    Parameters
    ----------
    examples : Path
        Folder of the examples.
    """

    def __init__(self, examples: Path) -> None:
        self.parts: dict[str, Any] = json.loads((examples / CHAIN).read_text(encoding="utf-8"))
        self._begin = datetime.now(UTC) - timedelta(hours=HOURS_TO_NOW)

    def at(self, hours: float) -> str:
        """Return a moment of the story."""
        return (self._begin + timedelta(hours=hours)).isoformat()

    def tell(self, sample: Sample, events: list[dict[str, Any]]) -> None:
        """Record events."""
        for event in events:
            fields = {name: value for name, value in event.items() if name not in {"type", "from_h", "to_h"}}
            if "to_h" in event:
                fields["ended_at"] = self.at(event["to_h"])
            sample.record_event(event["type"], self.at(event["from_h"]), source="assumed", **fields)


def find_or_tell(cast: Cast, examples: Path) -> Sample:
    """Return the lamella of an earlier run, or register foil and lamella with everything that happened to them."""
    story = Story(examples)
    foil, lamella = story.parts["foil"], story.parts["lamella"]
    client = cast.scientist
    known = [row for row in client.connection.pages("/samples", q=lamella["code"]) if row["code"] == lamella["code"]]
    if known:
        return client.samples.get(known[0]["id"])
    parent = _register(cast, foil, prepared_at=story.at(foil["prepared_h"]))
    story.tell(parent, foil["events"])
    child = _register(cast, lamella, parent_id=parent.id)
    lift_out = {"child_ids": [child.id], "process": "lift-out", "atmosphere": "vacuum"}
    parent.record_event("split", story.at(foil["lift_out_h"]), source="assumed", **lift_out)
    story.tell(child, lamella["events"])
    _expose(story, child, cast.tem_id)
    return child


def _register(cast: Cast, part: dict[str, Any], **more: Any) -> Sample:
    fields = {name: part[name] for name in ("code", "name", "material")}
    made = cast.scientist.connection.post("/samples", {"project_id": cast.project_id, **fields, **more})
    return cast.scientist.samples.get(made["id"])


def _expose(story: Story, sample: Sample, tem_id: str) -> None:
    """Record the window that was looked at, the beam on it, and the operator's word for the rest of the time."""
    part = story.parts["lamella"]
    region = sample.add_region(**part["region"])
    for exposure in part["exposures"]:
        begin, seconds = exposure["at_h"], exposure["seconds"]
        sample.record_exposure(
            mode=exposure["mode"],
            purpose=exposure["purpose"],
            region_id=region.id,
            instrument_id=tem_id,
            occurred_at=story.at(begin),
            ended_at=story.at(begin + seconds / 3600),
            exposure_s={"value": seconds, "source": "assumed"},
            dose_rate_e_per_A2_s={
                "value": exposure["dose_rate_e_per_A2_s"],
                "unit": "e/(A^2 s)",
                "source": "assumed",
            },
            **{name: {"value": exposure[name], "source": "assumed"} for name in ("beam_energy_kV", "temperature_K")},
            note=exposure["note"],
        )
    record = part["beam_record"]
    word = {"from_at": story.at(record["from_h"]), "to_at": story.at(record["to_h"]), "intervals": []}
    given = {name: record[name] for name in ("kind", "covers", "note")}
    sample.record_beam(instrument_id=tem_id, **given, **word)


def rows(cast: Cast, sample: Sample) -> list[tuple[str, str]]:
    """Judge the lamella by the protocol, which is kept, and return what the demonstration's table says of it."""
    verdict = cast.scientist.connection.post("/evaluations", {"target_id": sample.id, "protocol_id": PROTOCOL})
    state, budget = sample.state(), sample.budget("Li")
    clocks = ", ".join(f"{clock.title}: {clock.state}" for clock in sample.clocks())
    return [
        ("lamella", f"{sample.code}  {sample.name}, with the numbers of Bai et al."),
        ("time in air", words_of(state.air_exposure)),
        ("clocks", clocks),
        ("budget for lithium", f"{budget.state}: {'; '.join(budget.reasons)}"),
        ("protocol", f"{verdict['protocol_title']}: {verdict['verdict']}"),
    ]
