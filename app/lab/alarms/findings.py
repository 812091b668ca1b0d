"""What may become an alarm."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.lab.alarms.schemas import Topic


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Something an alarm should be raised about, unless it was.

    Parameters
    ----------
    key : str
        What it is about: the same key raises one alarm ever.
    topic : Topic
    project_id : str
    sample_id : str or None
        None for what is about no sample.
    message : str
        One line for people.
    since : datetime
        When it became true; old news is shown, not sent.
    record : dict
        Plain JSON: numbers with units, reasons, sources.
    """

    key: str
    topic: Topic
    project_id: str
    sample_id: str | None
    message: str
    since: datetime
    record: dict[str, Any] = field(default_factory=dict)
