"""How much of a facility's data reports its dose, beside what the literature does."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from lithoscope.rules.legs import Leg
from lithoscope.units import Quantity


@dataclass(frozen=True, slots=True)
class LiteratureFigure:
    """A number of the literature with how it is bounded and where it stands."""

    id: str
    value: float
    unit: str
    bound: Literal["exactly", "more than", "less than", "nearly"]
    title: str
    citation: str


@dataclass(frozen=True, slots=True)
class DoseReporting:
    """
    How many datasets report their dose.

    Parameters
    ----------
    datasets : int
        All of them.
    with_exposure : int
        Some exposure is recorded.
    complete : int
        Every exposure states beam energy and dose, and with electrons the dose rate.
    of_electrons : int
        Some exposure was to electrons.
    low_dose : int
        Every dose rate of electrons is stated and below the literature's line.
    complete_share, low_dose_share : Quantity
        Of all datasets, and of those of electrons [%]; unknown when there is none.
    """

    datasets: int
    with_exposure: int
    complete: int
    of_electrons: int
    low_dose: int
    complete_share: Quantity
    low_dose_share: Quantity


@cache
def literature() -> tuple[LiteratureFigure, ...]:
    """Read what the literature reports."""
    text = (resources.files("lithoscope.rules") / "tables" / "reporting_literature.toml").read_text(encoding="utf-8")
    return tuple(LiteratureFigure(id=name, **row) for name, row in tomllib.loads(text).items())


@cache
def papers() -> dict[str, str]:
    """Read what the numbers before citations stand for."""
    text = (resources.files("lithoscope.rules") / "tables" / "report_papers.toml").read_text(encoding="utf-8")
    return {number: str(title) for number, title in tomllib.loads(text).items()}


def low_dose_line() -> float:
    """Return the dose rate below which the literature speaks of low dose [e/(Å² s)]."""
    return next(row.value for row in literature() if row.id == "low_dose_rate")


def dose_reporting(datasets: Iterable[Sequence[Leg]]) -> DoseReporting:
    """Count the datasets that report their dose; each is given by the legs that gave it, none when none is recorded."""
    given = [tuple(legs) for legs in datasets]
    electrons = [legs for legs in given if any(leg.radiation == "electrons" for leg in legs)]
    complete, low = sum(map(is_complete, given)), sum(map(is_low_dose, electrons))
    return DoseReporting(
        datasets=len(given),
        with_exposure=sum(bool(legs) for legs in given),
        complete=complete,
        of_electrons=len(electrons),
        low_dose=low,
        complete_share=_share(complete, len(given)),
        low_dose_share=_share(low, len(electrons)),
    )


def is_complete(legs: Sequence[Leg]) -> bool:
    """Say whether every leg states its beam energy and dose, and one of electrons its dose rate."""
    return bool(legs) and all(
        leg.beam_energy.value is not None
        and leg.fluence.value is not None
        and (leg.radiation != "electrons" or leg.rate.value is not None)
        for leg in legs
    )


def is_low_dose(legs: Sequence[Leg]) -> bool:
    """Say whether every dose rate of electrons is stated and low; an unknown one is not low."""
    rates = [leg.rate.value for leg in legs if leg.radiation == "electrons"]
    return bool(rates) and all(rate is not None and rate < low_dose_line() for rate in rates)


def _share(part: int, whole: int) -> Quantity:
    if not whole:
        return Quantity.unknown("%", "there is no dataset to count")
    return Quantity(100 * part / whole, "%", "measured", note=f"{part} of {whole}")
