"""Two processes take the same crate in at the same moment."""

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from app.errors import LabError
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.exchange.importing import import_crate
from app.lab.exchange.schemas import NewImport
from app.settings import Settings
from tests.app.exchange.facilities import facility, tell
from tests.conftest import add_project

FORK = multiprocessing.get_context("fork")


@pytest.fixture(scope="module")
def crate(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give a crate."""
    with facility(tmp_path_factory.mktemp("here")) as here:
        return here.export(tell(here, tmp_path_factory.mktemp("story")).cell.id)


def take(settings: Settings, dataset_id: str, gate: Any, answers: Any) -> None:
    """Take a crate in as a process of a service does, and say how it went."""
    house = House(settings)
    gate.wait()
    try:
        import_crate(house, SYSTEM, NewImport(dataset_id=dataset_id))
        answers.put("taken")
    except LabError as error:
        answers.put(error.code)


def raced(settings: Settings, dataset_ids: list[str]) -> list[str]:
    """Let processes begin at the same moment; return their answers."""
    gate, answers = FORK.Barrier(len(dataset_ids)), FORK.SimpleQueue()
    processes = [FORK.Process(target=take, args=(settings, each, gate, answers)) for each in dataset_ids]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * len(processes)
    return sorted(answers.get() for _ in processes)


def one_of_two(crate: bytes, folder: Path, **settings: Any) -> None:
    with facility(folder, "OTHER", **settings) as there:
        sent = there.send(crate)
        assert raced(there.house.settings, [sent, sent]) == ["already-imported", "taken"]
        ask = there.steward.get
        assert len(ask("/api/v1/samples").json()["items"]) == 2
        assert len(ask("/api/v1/imports").json()["items"]) == 1
        assert len(ask("/api/v1/recipe-runs").json()["items"]) == 1


def one_of_two_projects(crate: bytes, folder: Path, **settings: Any) -> None:
    with facility(folder, "OTHER", **settings) as there:
        second = add_project(there.house, "SECOND")
        manager = there.people.make(role="steward", project=second)
        there.steward, steward = manager, there.steward
        also = there.send(crate, project=second)
        there.steward = steward
        assert raced(there.house.settings, [there.send(crate), also]) == ["crate-codes-taken", "taken"]


def test_one_is_taken_in_and_the_other_is_told_that_it_stands_there(crate, tmp_path):
    one_of_two(crate, tmp_path / "there")


@pytest.mark.postgres
def test_one_is_taken_in_on_postgresql_too(crate, postgres_url, tmp_path):
    one_of_two(crate, tmp_path / "there", database_url=postgres_url)


def test_into_two_projects_the_second_is_told_which_labels_are_taken(crate, tmp_path):
    one_of_two_projects(crate, tmp_path / "there")


@pytest.mark.postgres
def test_into_two_projects_on_postgresql_too(crate, postgres_url, tmp_path):
    one_of_two_projects(crate, tmp_path / "there", database_url=postgres_url)
