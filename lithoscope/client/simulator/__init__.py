"""A misbehaving microscope: real files, written as badly as instruments write them, with a ledger of the truth."""

from lithoscope.client.simulator.checking import Finding, Held, compare, held_by, is_group
from lithoscope.client.simulator.checking_series import HeldPart, HeldSeries, compare_series
from lithoscope.client.simulator.ledger import Entry, Ledger, read_ledger
from lithoscope.client.simulator.microscope import Microscope
from lithoscope.client.simulator.scenario import FAULTS, BadScenario, Scenario

__all__ = [
    "FAULTS",
    "BadScenario",
    "Entry",
    "Finding",
    "Held",
    "HeldPart",
    "HeldSeries",
    "Ledger",
    "Microscope",
    "Scenario",
    "compare",
    "compare_series",
    "held_by",
    "is_group",
    "read_ledger",
]
