"""A month of a misbehaving microscope in minutes: every file arrives once, whole and at its time."""

from pathlib import Path

import pytest

from lithoscope.client.simulator import FAULTS, Scenario
from tests.rehearsals.storm import DAY_S, Storm, Weather

pytestmark = [pytest.mark.faults, pytest.mark.timeout(5400)]
MONTH = Scenario(
    files=2000,
    span_s=30 * DAY_S,
    sessions=60,
    faults=dict.fromkeys(FAULTS, 30),
    groups=60,
    samples=("sample-1", "sample-2", "sample-3"),
    seed=2026,
)
WEATHER = Weather(service_kills=20, collector_kills=50, cuts=30, outage_s=(9 * DAY_S, 16 * DAY_S))


def test_a_month_with_thirty_faults_of_each_kind_and_seventy_kills_loses_and_doubles_nothing(tmp_path: Path):
    with Storm(tmp_path, MONTH, WEATHER) as storm:
        assert storm.run() == []
        assert storm.collector.peak_MiB < 100
        tally = storm.tally
        assert (tally.service_kills, tally.collector_kills, tally.cuts) == (20, 50, 30)
        held = storm.held()
        assert len(held) >= 1900
        assert sum(bool(one.or_s) for one in held) <= 20  # thirty times the clock is set, and few times are given twice
