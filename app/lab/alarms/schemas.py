"""What alarms and webhooks look like from outside."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from app.lab.schemas import Body, ObjectId, Out, Stamped

Topic = Literal["clock.due", "clock.overdue", "budget.near", "budget.exceeded", "rule.stopped", "series.waiting"]
TOPICS: tuple[Topic, ...] = get_args(Topic)


class DeliveriesOut(Out):
    """How far an alarm got: messages taken, messages still tried, messages given up after a day of tries."""

    delivered: int = 0
    waiting: int = 0
    given_up: int = 0


class AlarmOut(Out):
    """Something the facility should know; ``record`` says what it is about and names its source."""

    id: str
    topic: Topic
    project_id: str
    sample_id: str | None
    message: str
    record: dict[str, Any]
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    deliveries: DeliveriesOut


class NewWebhook(Body):
    """An address that wants to hear of alarms."""

    url: Annotated[str, Field(min_length=8, max_length=500, description="https, or http to the service's own machine")]
    project_id: Annotated[ObjectId | None, Field(description="Left out: alarms of every project")] = None
    topics: Annotated[list[Topic], Field(max_length=20, description="Empty: every topic")] = Field(default_factory=list)


class WebhookOut(Stamped):
    """A webhook without its secret."""

    project_id: str | None
    url: str
    topics: list[Topic]
    created_by: str
    last_delivered_at: datetime | None = None
    last_error: str | None = None


class WebhookMade(WebhookOut):
    """A webhook just made; ``secret`` signs what is sent and is shown this once."""

    secret: str
