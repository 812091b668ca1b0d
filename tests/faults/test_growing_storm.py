"""A tilt series is written tilt by tilt while collector and service are killed, the line is cut and the network out."""

from pathlib import Path

import pytest

from lithoscope.client.simulator import Scenario
from tests.rehearsals.storm import Storm, Weather

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]
TWO_SERIES = Scenario(files=2, span_s=600.0, live=2, quiet_s=60.0, seed=4)
WEATHER = Weather(service_kills=1, collector_kills=3, cuts=2, outage_s=(300.0, 600.0), seed=3)


def test_each_tilt_is_one_part_of_one_series_whatever_is_killed_and_cut(tmp_path: Path):
    with Storm(tmp_path, TWO_SERIES, WEATHER) as storm:
        assert storm.run() == []
        assert [len(each.parts) for each in storm.held_series()] == [12, 12]
        assert storm.collector.peak_MiB < 100
