"""Stacks under way hold the room they may take, on SQLite and PostgreSQL: no two series pass the quota together."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import event, text, update

from app.infra.db.models import Dataset, Job, Project, Sample
from app.infra.db.models.job import RESERVES
from app.infra.db.quotas import counted_bytes, room_in
from app.infra.house import House
from app.infra.queue import TERMINAL, Claim, Leases, State
from app.lab.composition import Lab
from app.lab.series.room import stack_bytes
from app.lab.series.sweeping import call_back, sweep
from lithoscope.wording import size
from tests.app.series.growing import add, begun, seen, stacked, tilt
from tests.app.series.test_killed_looks import DIE_WHILE_IT_LOOKS
from tests.app.series.test_room import waits
from tests.app.uploads.uploading import begin
from tests.conftest import Person

PROBLEM = {"type": "/problems/x", "title": "x", "detail": "x"}
GIB = 1 << 30


@pytest.fixture
def house(any_house: House) -> House:
    return any_house


def counted(house: House, project: Project) -> int:
    """Return what counts against the quota."""
    with house.database.reading() as session:
        return counted_bytes(session, project.id)


def two_series(house: House, analyst: Person, sample: Sample, leave: Callable[[int], None]) -> tuple[list[Any], int]:
    """Begin two series of one project, each with a part, and leave room for one stack; return what it may take."""
    series, sent = [begun(analyst, sample) for _ in range(2)], []
    for each in series:
        sent.append(tilt(house, sample.project_id, sample))
        add(analyst, each, sent[-1], 1)
    needed_bytes = stack_bytes(sent[:1])
    leave(2 * needed_bytes - 1)
    return series, needed_bytes


def claimed(house: House) -> Claim:
    """Take the next stack, as a worker does."""
    with house.database.writing() as session:
        claim = Leases(session).claim(["io"], worker="w", lease_s=60)
    assert claim is not None
    return claim


def test_of_two_series_that_are_looked_at_at_once_one_is_stacked_and_one_waits(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None], tmp_path: Path
) -> None:
    (first, second), needed_bytes = two_series(house, analyst, sample, leave)
    before = counted(house, project)

    def look_at_second() -> None:
        with house.database.writing() as session:
            Lab(house, session).series_engine.look_at(second["id"])

    other = threading.Thread(target=look_at_second)
    with house.database.writing() as session:  # one process has looked and not yet committed
        assert Lab(house, session).series_engine.look_at(first["id"])
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join()
    found = [seen(house, analyst, each) for each in (first, second)]
    assert [waits(each) for each in found] == [False, True]
    assert counted(house, project) - before == needed_bytes
    stacked(house, tmp_path)
    leave(needed_bytes)
    assert call_back(house) == 1
    assert not waits(seen(house, analyst, second))


def test_what_is_published_counts_in_the_place_of_what_was_reserved(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None], tmp_path: Path
) -> None:
    part = tilt(house, project, sample)
    add(analyst, begun(analyst, sample), part, 1)
    leave(stack_bytes([part]))
    before = counted(house, project)
    sweep(house)
    assert counted(house, project) == before + stack_bytes([part])
    stacked(house, tmp_path)
    with house.database.reading() as session:
        made = session.query(Dataset).filter(Dataset.is_interim).one()
    assert counted(house, project) == before + made.size_bytes
    assert made.size_bytes < stack_bytes([part])


@pytest.mark.parametrize("end", ["fail", "cancelled"])
def test_what_fails_or_is_cancelled_gives_its_room_back(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None], end: str
) -> None:
    (first, second), needed_bytes = two_series(house, analyst, sample, leave)
    before = counted(house, project)
    sweep(house)
    assert sorted(waits(seen(house, analyst, each)) for each in (first, second)) == [False, True]
    claim = claimed(house)
    assert counted(house, project) - before == needed_bytes
    if end == "cancelled":
        assert analyst.post(f"/api/v1/jobs/{claim.job_id}/cancellation").status_code == 202
        assert counted(house, project) - before == needed_bytes  # its worker may still publish
    assert call_back(house) == 0
    with house.database.writing() as session:
        leases = Leases(session)
        leases.cancelled(claim) if end == "cancelled" else leases.fail(claim, PROBLEM)
        Lab(house, session).ended(claim.job_id)
    assert counted(house, project) == before
    assert call_back(house) == 1


def test_a_killed_look_reserves_nothing(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None]
) -> None:
    two_series(house, analyst, sample, leave)
    before = counted(house, project)
    command = [sys.executable, "-c", DIE_WHILE_IT_LOOKS, str(house.settings.data), house.database.url]
    done = subprocess.run([*command, "DELETE FROM series_candidate"], check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert counted(house, project) == before


def test_uploads_and_repeated_jobs_ask_for_room_beside_stacks_under_way(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None]
) -> None:
    _, needed_bytes = two_series(house, analyst, sample, leave)
    sweep(house)
    claim = claimed(house)
    answer = begin(analyst, needed_bytes, project.id)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/quota-exceeded")
    assert f"takes {size(needed_bytes)}, 1 byte more than is left of the project's quota" in answer.json()["detail"]
    with house.database.writing() as session:
        Leases(session).fail(claim, PROBLEM)
    again = f"/api/v1/jobs/{claim.job_id}/retries"
    leave(needed_bytes - 1)
    refused = analyst.post(again)
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/quota-exceeded")
    leave(needed_bytes)
    assert analyst.post(again).status_code == 202
    with house.database.reading() as session:
        assert room_in(session, project.id) == 0


def test_what_is_reserved_is_let_go_in_every_state_that_ends_a_job(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None]
) -> None:
    two_series(house, analyst, sample, leave)
    before = counted(house, project)
    sweep(house)
    for state in get_args(State):
        with house.database.writing() as session:
            session.execute(update(Job).values(state=state, reserved_bytes=3 * GIB))
        assert counted(house, project) - before == (0 if state in TERMINAL else 3 * GIB), state


def test_all_that_counts_is_seen_in_one_statement_from_an_index(house: House, project: Project) -> None:
    """What becomes a dataset between two statements would be counted in neither."""
    said: list[str] = []
    with house.database.reading() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *given: said.append(given[2]))
        counted_bytes(session, project.id)
        assert len(said) == 1
        explain = "EXPLAIN QUERY PLAN" if house.database.is_sqlite else "EXPLAIN"
        if not house.database.is_sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        query = f"{explain} SELECT sum(reserved_bytes) FROM job WHERE project_id = 'x' AND {RESERVES}"
        plan = "\n".join(str(row) for row in session.execute(text(query)))
    assert "ix_job_project_id_reserved_bytes" in plan
