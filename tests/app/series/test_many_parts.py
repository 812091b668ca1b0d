"""A series of many parts takes the room of what is used: in memory, and in the store its project pays for."""

from pathlib import Path

import pytest
from sqlalchemy import inspect

from app.infra.db.models import LineageEdge, Project, Sample
from app.infra.house import House
from app.lab.composition import Lab
from app.lab.series.repository import SeriesRepository
from tests.app.series.growing import add, assemblies, begun, close, seen, stacked, tilt
from tests.conftest import Person


@pytest.fixture
def grown(house: House, project: Project, sample: Sample, analyst: Person, tmp_path: Path) -> dict[str, object]:
    """Give a series without an action that was stacked after each of three parts."""
    series = begun(analyst, sample)
    for number in (1, 2, 3):
        add(analyst, series, tilt(house, project, sample), number)
        seen(house, analyst, series)
        stacked(house, tmp_path)
    return series


def states(house: House) -> list[str]:
    """Return the states of what was stacked, first first."""
    with house.database.reading() as session:
        found = [SeriesRepository(session).dataset(row.dataset_id or "") for row in assemblies(house)]
        return [dataset.state for dataset in found if dataset is not None]


def test_what_was_stacked_of_fewer_parts_is_deleted_when_nothing_was_made_of_it(
    house: House, project: Project, analyst: Person, grown: dict[str, object]
) -> None:
    assert states(house) == ["deleted", "deleted", "readable"]
    newest = assemblies(house)[-1].dataset_id
    with house.database.reading() as session:
        kept = Lab(house, session).datasets.held_bytes(project.id)
    assert close(analyst, grown, 3).status_code == 200
    assert seen(house, analyst, grown)["sealed_dataset_id"] == newest
    assert kept == sum(
        each["size_bytes"] for each in analyst.get("/api/v1/datasets?interim=true&limit=100").json()["items"]
    )


def test_which_parts_an_older_stack_had_is_said_once_by_its_job(house: House, grown: dict[str, object]) -> None:
    with house.database.reading() as session:
        repository = SeriesRepository(session)
        rows = repository.assemblies(str(grown["id"]))
        assert all("left_out" in inspect(row).unloaded for row in rows)
        assert [row.part_count for row in rows] == [3, 2, 1]
        jobs = [repository.job(row.job_id) for row in rows]
        assert [job.params["numbers"] for job in jobs if job is not None] == [[1, 2, 3], [1, 2], [1]]


def test_only_what_is_kept_draws_arrows_to_each_part(house: House, grown: dict[str, object]) -> None:
    with house.database.reading() as session:
        rows = SeriesRepository(session).assemblies(str(grown["id"]))
        arrows = [session.query(LineageEdge).filter_by(source_id=row.dataset_id).count() for row in rows]
        used = [session.query(LineageEdge).filter_by(source_id=row.job_id, relation="used").count() for row in rows]
    assert (arrows, used) == ([5, 0, 0], [3, 0, 0])  # three parts, the sample and the job
