"""Put on PYTHONPATH, it gives every process of a service the time of the world; leases keep the database's clock."""

import os
from datetime import UTC, datetime
from pathlib import Path

from app.infra import clock
from tests.rehearsals.time_of_the_world import TimeOfTheWorld

_world = TimeOfTheWorld(Path(os.environ["REHEARSAL_TIME"]))
clock.now = lambda: datetime.fromtimestamp(_world.true_s, UTC)
