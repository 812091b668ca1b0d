"""Phases that a beam makes of others: may what is seen have been made by looking?"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from lithoscope.rules.damage_budget import Budget
from lithoscope.rules.dose_limits import canonical_phase

Verdict = Literal["true", "false", "unknown"]


@dataclass(frozen=True, slots=True)
class Decay:
    """What beams make of a phase."""

    parent: str
    products: tuple[str, ...]
    route: str
    source: str


@dataclass(frozen=True, slots=True)
class BeamMade:
    """
    Whether a label may show what the beam made.

    Parameters
    ----------
    verdict : {"true", "false", "unknown"}
        `true` says that it may, not that it is.
    reason : str
        Why.
    budgets : mapping of str to Budget
        The doses behind it, by parent phase.
    decays : tuple of Decay
        The routes by which the phase is made, with citation.
    """

    verdict: Verdict
    reason: str
    budgets: Mapping[str, Budget]
    decays: tuple[Decay, ...]


@cache
def decays() -> tuple[Decay, ...]:
    """Read what beams make of phases."""
    text = (resources.files("lithoscope.rules") / "tables" / "beam_products.toml").read_text(encoding="utf-8")
    return tuple(Decay(**{**row, "products": tuple(row["products"])}) for row in tomllib.loads(text)["decay"])


def decays_to(phase: str) -> tuple[Decay, ...]:
    """Return the routes by which a beam makes a phase; the parents in them are those to keep budgets for."""
    return tuple(decay for decay in decays() if canonical_phase(phase) in decay.products)


def possibly_beam_made(phase: str, *, budgets: Mapping[str, Budget]) -> BeamMade:
    """
    Judge a label of a phase by the budgets of the phases it decays from.

    Parameters
    ----------
    phase : str
        What the label is said to be.
    budgets : mapping of str to Budget
        Of the place the label lies in, by parent phase, up to when it was seen. A missing parent counts as unknown.
    """
    routes = decays_to(phase)
    own = {route.parent: budgets[route.parent] for route in routes if route.parent in budgets}
    verdict, reason = _verdict(canonical_phase(phase), routes, own)
    return BeamMade(verdict, reason, own, routes)


def _verdict(phase: str, routes: tuple[Decay, ...], budgets: Mapping[str, Budget]) -> tuple[Verdict, str]:
    if not routes:
        if any(phase == decay.parent for decay in decays()):
            return "false", f"{phase} is a phase that beams destroy; nothing on record makes it"
        return "unknown", f"the table of beam products says nothing about {phase}"
    over = [route for route in routes if route.parent in budgets and budgets[route.parent].state == "exceeded"]
    if over:
        words = "; ".join(f"{route.route} ({route.source})" for route in over)
        return "true", f"the dose passed the limit of {' and '.join(route.parent for route in over)}: {words}"
    open_ones = [parent for parent in (route.parent for route in routes) if not _is_below(budgets.get(parent))]
    if open_ones:
        return "unknown", f"whether the dose passed the limit of {' and '.join(open_ones)} is not known"
    return "false", f"the dose stayed below the limit of {' and '.join(route.parent for route in routes)}"


def _is_below(budget: Budget | None) -> bool:
    if budget is None or budget.state not in {"within", "near"}:
        return False
    return budget.spent.upper is not None and budget.spent.upper < 1
