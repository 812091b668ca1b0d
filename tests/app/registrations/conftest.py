"""A facility whose storage the service sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.infra.house import House
from tests.app.registrations.facility import Facility, facility_in


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    """Give one facility for the tests of a module; each lays files of its own."""
    with facility_in(tmp_path_factory.mktemp("facility")) as facility:
        yield facility


@pytest.fixture
def facility_on_any(any_house: House, tmp_path: Path) -> Iterator[Facility]:
    """Give a facility on SQLite, then one on PostgreSQL."""
    with facility_in(tmp_path, database_url=any_house.settings.database_url) as facility:
        yield facility
