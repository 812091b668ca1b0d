"""A facility where something happened, and an empty one that it is taken to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.exchange.facilities import Facility, Story, facility, tell


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    """Give the facility where it happened."""
    with facility(tmp_path_factory.mktemp("here")) as found:
        yield found


@pytest.fixture(scope="module")
def story(here: Facility, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Give what happened."""
    return tell(here, tmp_path_factory.mktemp("story"))


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Facility]:
    """Give an empty facility."""
    with facility(tmp_path / "there", "OTHER") as found:
        yield found
