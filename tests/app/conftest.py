"""Who acts in tests of the rooms, on what, and who is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.infra.db.models import Project, Result, Sample
from app.infra.house import House
from tests.app.results.publishing import add_job, outputs, publish
from tests.conftest import People, Person
from tests.receivers import MailReceiver, WebhookReceiver, mail_receiver, webhook_receiver


@pytest.fixture
def viewer(people: People, project: Project) -> Person:
    """Give a viewer of the project."""
    return people.make(role="viewer", project=project)


@pytest.fixture
def contributor(people: People, project: Project) -> Person:
    """Give a contributor of the project."""
    return people.make(role="contributor", project=project)


@pytest.fixture
def steward(people: People, project: Project) -> Person:
    """Give a steward of the project."""
    return people.make(role="steward", project=project)


@pytest.fixture
def manager(people: People) -> Person:
    """Give a manager of the facility."""
    return people.make(facility_role="manager")


@pytest.fixture
def kept() -> dict[str, Any]:
    """Give what the result keeps: one output of each kind; a module may override this fixture."""
    return outputs()


@pytest.fixture
def used() -> dict[str, str]:
    """Give what the result's job used, by input: nothing; a module may override this fixture."""
    return {}


@pytest.fixture
def result(
    house: House, project: Project, sample: Sample, used: dict[str, str], kept: dict[str, Any], tmp_path: Path
) -> Result:
    """Give a published result of the sample."""
    return publish(house, add_job(house, project, sample, **used), tmp_path, kept)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """Give a receiver of webhooks on loopback."""
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Iterator[MailReceiver]:
    """Give a mail server on loopback that keeps what it is sent."""
    with mail_receiver() as mailbox:
        yield mailbox
