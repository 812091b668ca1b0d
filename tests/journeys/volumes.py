"""A running service with published results, and a person who looks at them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from sqlalchemy import select

from app.infra.db.models import Job, Project
from app.infra.house import House
from app.infra.storage import tree_key
from app.lab.composition import Lab
from app.settings import Settings
from tests.app.results.publishing import RUN_RECORD, add_job
from tests.journeys.portal import Visitor, founded
from tests.live import LiveService
from workers import folders, trees

Writer = Callable[[Path], list[dict[str, Any]]]  # writes a tree, returns the summaries of its arrays
TITLES = {"volume": "Tomogram"}


@contextmanager
def published(
    chromium: Browser, place: Path, made: Sequence[dict[str, Any] | Writer]
) -> Iterator[tuple[Visitor, list[str]]]:
    """
    Give a visitor of a running service and the ids of its results.

    Parameters
    ----------
    chromium : Browser
        The visitor's.
    place : Path
        An empty folder.
    made : sequence of dict or callable
        Of each result its outputs, or what writes its tree.
    """
    with LiveService(place / "data", workers=1) as service:
        visitor = founded(service, chromium, project=("NMC-1", "Layered oxides"), sample=("NMC111", "nmc"))
        house = House(Settings(data=place / "data"))
        with house.database.writing() as session:
            project = session.scalars(select(Project)).one()
            session.expunge(project)
        results = [_publish(house, project, place, each) for each in made]
        house.database.dispose()
        yield visitor, results
        visitor.context.close()


def _publish(house: House, project: Project, place: Path, made: dict[str, Any] | Writer) -> str:
    job = add_job(house, project, None)
    tree = place / job.id
    summaries = made(tree) if callable(made) else trees.write(tree, made, TITLES)
    digest, size = folders.seal(tree, summaries)
    house.store.put_tree(tree_key(digest), tree)
    kept = {"digest": digest, "store_key": tree_key(digest), "size_bytes": size, "outputs": summaries}
    with house.database.writing() as session:
        result = Lab(house, session).results.publish(job, **kept, run_record={**RUN_RECORD, "inputs": {}})
        session.get_one(Job, job.id).result_id = result.id
        identifier: str = result.id
    return identifier
