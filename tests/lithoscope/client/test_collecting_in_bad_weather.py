"""The short form of the collector's storm: some dozen files, every fault once, everything killed once."""

from pathlib import Path

from lithoscope.client.simulator import FAULTS, Scenario
from tests.rehearsals.storm import DAY_S, Storm, Weather

HALF_A_DAY = Scenario(files=40, span_s=DAY_S / 2, sessions=2, faults=dict.fromkeys(FAULTS, 1), groups=3, seed=11)
WEATHER = Weather(service_kills=1, collector_kills=1, cuts=1, outage_s=(0.02 * DAY_S, 0.2 * DAY_S))


def test_half_a_day_with_every_fault_and_every_kill_loses_and_doubles_nothing(tmp_path: Path):
    with Storm(tmp_path, HALF_A_DAY, WEATHER) as storm:
        assert storm.run() == []
        assert storm.collector.peak_MiB < 100
