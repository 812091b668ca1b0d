"""Who acts in tests of the rooms, and who is told."""

from collections.abc import Iterator

import pytest

from app.infra.db.models import Project
from tests.conftest import People, Person
from tests.receivers import MailReceiver, WebhookReceiver, mail_receiver, webhook_receiver


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
def receiver() -> Iterator[WebhookReceiver]:
    """Give a receiver of webhooks on loopback."""
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Iterator[MailReceiver]:
    """Give a mail server on loopback that keeps what it is sent."""
    with mail_receiver() as mailbox:
        yield mailbox
