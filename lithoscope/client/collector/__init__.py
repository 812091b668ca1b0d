"""The collector of instrument PCs: finds what is finished, sends it once, and says what it cannot send."""

from lithoscope.client.collector.clock import SYSTEM, Clock, SystemClock
from lithoscope.client.collector.collector import Collector, Round
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.settings import BadSettings, Settings

__all__ = ["SYSTEM", "BadSettings", "Clock", "Collector", "Journal", "Round", "Settings", "SystemClock"]
