"""One browser for a file of journeys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys import portal
from tests.servers import need


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give Debian's browser; every visitor has cookies of their own."""
    need("browser", portal.missing())
    with portal.browser() as made:
        yield made
