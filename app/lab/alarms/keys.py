"""Keys of alarms: what an alarm is about, so that it is raised once."""

import hashlib
from datetime import datetime


def clock_key(state: str, sample_id: str, clock: str, passed_at: datetime) -> str:
    """Name a clock that passed a deadline; another deadline is another alarm."""
    return f"clock.{state}:{sample_id}:{clock}:{passed_at.isoformat()}"


def budget_key(state: str, region_id: str, phase: str) -> str:
    """Name a budget that is nearly or wholly spent."""
    return f"budget.{state}:{region_id}:{phase}"


def series_key(series_id: str, since: str) -> str:
    """Name a series that waits for room; one that went on and waits again is another alarm."""
    return f"series.waiting:{series_id}:{since}"


def rule_key(rule_id: str, version: int, problem: str) -> str:
    """Name a version of a rule that lost its effect; another reason is another alarm."""
    return f"rule.stopped:{rule_id}:{version}:{hashlib.sha256(problem.encode()).hexdigest()[:16]}"
