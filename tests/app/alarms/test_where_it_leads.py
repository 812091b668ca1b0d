"""An alarm leads to the page of what it tells of."""

import pytest

from app.infra.db.models import Alarm
from app.lab.alarms.pages import page_of


@pytest.mark.parametrize(
    ("sample_id", "record", "page"),
    [
        (None, {"rule_id": "rul_1"}, "/rules/rul_1"),
        ("smp_1", {"series_id": "ser_1"}, "/series/ser_1"),
        ("smp_1", {"region_id": "rgn_1"}, "/samples/smp_1"),
        (None, {}, None),
    ],
    ids=["rule", "series", "sample", "nothing"],
)
def test_an_alarm_leads_to_what_it_tells_of(sample_id, record, page):
    assert page_of(Alarm(sample_id=sample_id, record=record)) == page
