"""Rules at work, for tests: datasets that become readable, and what rules make of them."""

from typing import Any

from app.infra.db.models import Dataset, Job, Project, Sample
from app.infra.house import House
from app.lab.composition import Lab
from app.lab.rules.sweeping import sweep
from tests.conftest import Person
from tests.datasets import add_dataset

RULES = "/api/v1/processing-rules"
TRIES = "/api/v1/processing-rule-dry-runs"


def series(tilts: int = 29) -> dict[str, Any]:
    """Return the summary of a tilt series."""
    shape = {"axes": "tyx", "shape": [tilts, 8, 8], "spacing": {}, "coordinates": {}}
    return {"name": "dark_field", "title": "Dark field", "kind": "tilt_series", "unit": "counts", **shape}


def rule(project: Project, **more: Any) -> dict[str, Any]:
    """Return the body of a rule that reconstructs every tilt series, switched on."""
    action = {"method": "tomogram_sirt", "params": {"iterations": 7}}
    trigger = {"kinds": ["tilt_series"]}
    return {"project_id": project.id, "name": "Every series", "is_enabled": True, "action": action} | {
        "trigger": trigger, **more
    }  # fmt: skip


def made(person: Person, project: Project, **more: Any) -> dict[str, Any]:
    """Make a rule over HTTP."""
    answer = person.post(RULES, json=rule(project, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def arrived(house: House, project: Project, sample: Sample | None = None, **fields: Any) -> Dataset:
    """Let a dataset become readable as its ingest does."""
    tilts = fields.pop("tilts", 29)
    dataset = add_dataset(house, project, sample, state="verified", filename=fields.pop("filename", "a.mrc"), **fields)
    read(house, dataset, tilts)
    return dataset


def read(house: House, dataset: Dataset, tilts: int = 29) -> None:
    """Do what the end of an ingest does."""
    with house.database.writing() as session:
        Lab(house, session).datasets.mark_readable(
            dataset.id, arrays=[series(tilts)], store_key="trees/x", is_again=True, kind="tilt_series"
        )


def jobs(house: House) -> list[Job]:
    """Return what rules started, first first."""
    sweep(house)
    with house.database.reading() as session:
        return list(session.query(Job).filter(Job.rule_id.is_not(None)).order_by(Job.id))


def firings(person: Person, rule_id: str) -> list[tuple[str, str]]:
    """Return what a rule did, newest first: outcome and reason."""
    items = person.get(f"{RULES}/{rule_id}/firings").json()["items"]
    return [(item["outcome"], item["reason"]) for item in items]
