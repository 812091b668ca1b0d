"""An exposure and a disposal recorded at one moment, on PostgreSQL, where two transactions write side by side."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from app.lab.composition import Lab
from app.lab.custody.event_types import Disposal
from tests.app.dose.ledger import FIELD, record

SOON_S = 0.5


@pytest.fixture
def house(postgres_house: Any) -> Any:
    """Give the house on PostgreSQL."""
    return postgres_house


@pytest.mark.postgres
def test_an_exposure_waits_for_a_disposal_that_is_being_recorded_and_is_refused(
    contributor: Any, sample: Any, project: Any, house: Any
) -> None:
    gone = Disposal(type="disposal", occurred_at=datetime(2026, 10, 2, tzinfo=UTC))
    with ThreadPoolExecutor(1) as other:
        with house.database.writing() as session:
            Lab(house, session).custody.record(contributor.actor({project.id: "contributor"}), sample.id, gone)
            sent = other.submit(record, contributor, sample.id, FIELD)
            with pytest.raises(TimeoutError):
                sent.result(SOON_S)
        answer = sent.result(30)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/after-disposal")
