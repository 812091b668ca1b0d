"""Loss of metallic lithium on storage as two plain laws of time: first order, and square root of time."""

from dataclasses import dataclass
from math import expm1, inf, log1p, sqrt
from typing import Literal, get_args

from lithoscope.errors import ScienceError
from lithoscope.units import Quantity

LossModel = Literal["first_order", "square_root"]
LOSS_MODELS: tuple[LossModel, ...] = get_args(LossModel)
RATE_UNIT: dict[LossModel, str] = {"first_order": "h^-1", "square_root": "h^-0.5"}
SHELF_LIFE_LOSS = 0.10
FARTHEST_EXTRAPOLATION = 1.5  # times the longest measured storage; beyond it a fit says nothing


class ImpossibleLoss(ScienceError):
    """A loss, a rate or a time that no storage can have."""

    code = "impossible-loss"


def first_order_loss(rate_per_h: float, hours: float) -> float:
    """
    Return the fraction lost when what is left decays in proportion to itself.

    Parameters
    ----------
    rate_per_h : float
        Rate constant k [1/h]; the loss is 1 - exp(-k t).
    hours : float
        Time in storage [h].
    """
    _refuse_negative(rate_per_h, hours)
    return -expm1(-rate_per_h * hours)


def square_root_loss(rate_per_sqrt_h: float, hours: float) -> float:
    """
    Return the fraction lost when a growing film slows its own growth.

    Parameters
    ----------
    rate_per_sqrt_h : float
        Parabolic rate p [1/sqrt(h)]; the loss is p sqrt(t), and never more than everything.
    hours : float
        Time in storage [h].
    """
    _refuse_negative(rate_per_sqrt_h, hours)
    return min(1.0, rate_per_sqrt_h * sqrt(hours))


def loss_after(model: LossModel, rate: float, hours: float) -> float:
    """Return the fraction lost by a law after a time [h]; the rate is in the unit of `RATE_UNIT`."""
    return first_order_loss(rate, hours) if model == "first_order" else square_root_loss(rate, hours)


def rate_from_loss(model: LossModel, loss: float, hours: float) -> float:
    """Return the rate, in the unit of `RATE_UNIT`, with which a law loses a fraction in a time [h]."""
    if not 0 <= loss < 1 or not 0 < hours < inf:
        raise ImpossibleLoss("a rate follows from a loss from 0 to below 1 after a time above zero: correct them")
    return -log1p(-loss) / hours if model == "first_order" else loss / sqrt(hours)


def hours_to_loss(model: LossModel, rate: float, loss: float = SHELF_LIFE_LOSS) -> float:
    """Return the time [h] a law needs to lose a fraction; infinite when nothing is lost."""
    if not 0 <= loss < 1:
        raise ImpossibleLoss("the loss to be reached must be from 0 to below 1: give it as a fraction")
    _refuse_negative(rate, 0.0)
    if rate == 0:
        return inf
    return -log1p(-loss) / rate if model == "first_order" else (loss / rate) ** 2


@dataclass(frozen=True, slots=True)
class MeasuredLoss:
    """
    A law of loss as the facility's own titrations gave it.

    Parameters
    ----------
    model : {"first_order", "square_root"}
        Which law.
    rate : Quantity
        In the unit of `RATE_UNIT`, with its 90 % interval.
    longest_storage_h : float
        Up to where it was measured [h].
    series_id : str
        The titration series it comes from.
    note : str
        What to know before relying on it.
    """

    model: LossModel
    rate: Quantity
    longest_storage_h: float
    series_id: str = ""
    note: str = ""

    def is_beyond(self, hours: float) -> bool:
        """Say whether a time lies too far beyond the measured ones for the law to be relied on."""
        return hours > FARTHEST_EXTRAPOLATION * self.longest_storage_h

    def loss_at(self, hours: float) -> Quantity:
        """Return the loss [%] after a time [h] with its 90 % interval; unknown beyond what the series supports."""
        if self.rate.value is None:
            return Quantity.unknown("%", self.rate.note)
        if self.is_beyond(hours):
            return Quantity.unknown(
                "%", f"measured up to {self.longest_storage_h:g} h only: titrate a longer storage to know"
            )
        low, high = self.rate.interval or (self.rate.value, self.rate.value)
        percent = [100 * loss_after(self.model, max(0.0, rate), hours) for rate in (self.rate.value, low, high)]
        return Quantity(percent[0], "%", self.rate.source, interval=(percent[1], percent[2]), note=self.note)

    def shelf_life(self, loss: float = SHELF_LIFE_LOSS) -> Quantity:
        """
        Return the time [h] until a fraction is lost with its 90 % interval.

        Unknown where it would lie too far beyond the measured times; where only the upper end does, no interval is
        given and the note states the lower end.
        """
        if self.rate.value is None:
            return Quantity.unknown("h", self.rate.note)
        low, high = self.rate.interval or (self.rate.value, self.rate.value)
        best, soonest, latest = (
            hours_to_loss(self.model, max(0.0, rate), loss) for rate in (self.rate.value, high, low)
        )
        if self.is_beyond(best):
            longest = f"the measured time of {self.longest_storage_h:g} h"
            at_least = "" if self.is_beyond(soonest) else f", and at 90 % confidence at least {soonest:.3g} h"
            return Quantity.unknown("h", f"{loss:.0%} loss is not reached within {longest}{at_least}")
        if self.is_beyond(latest):
            note = f"90 %: at least {soonest:.3g} h; the upper end lies beyond what was measured"
            return Quantity(best, "h", self.rate.source, note=f"{note}; {self.note}" if self.note else note)
        return Quantity(best, "h", self.rate.source, interval=(soonest, latest), note=self.note)


def _refuse_negative(rate: float, hours: float) -> None:
    if not 0 <= rate < inf or not 0 <= hours < inf:
        raise ImpossibleLoss("a rate and a time of storage are zero or above, and finite: correct them")
