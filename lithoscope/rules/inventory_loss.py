"""How much lithium storage has cost, as an interval: by the paper's inequalities and by the lab's titrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lithoscope.rules.shelf_tables import LossBound, Window, loss_bound, warned
from lithoscope.rules.storage_loss import (
    FARTHEST_EXTRAPOLATION,
    LOSS_MODELS,
    SHELF_LIFE_LOSS,
    LossModel,
    MeasuredLoss,
    hours_to_loss,
    loss_after,
)
from lithoscope.units import Quantity

UNLIKE_THICKNESS = "percentages do not transfer between thicknesses: equal share and equal amount are both within"


@dataclass(frozen=True, slots=True)
class LossEstimate:
    """
    Lithium lost so far by one law, between two bounds.

    Parameters
    ----------
    model : {"first_order", "square_root"}
        The law of time.
    origin : {"literature", "lab"}
        An inequality of the table, or a titration series of the facility.
    lower, upper : Quantity
        Share of the lithium [%]; unknown where the source gives no such bound.
    lower_capacity, upper_capacity : Quantity
        The same as capacity per area [mAh/cm^2]; unknown without the sample's capacity.
    note : str
        The source and what to know before relying on it.
    """

    model: LossModel
    origin: Literal["literature", "lab"]
    lower: Quantity
    upper: Quantity
    lower_capacity: Quantity
    upper_capacity: Quantity
    note: str


def loss_estimates(
    *,
    material: str,
    electrolyte: str | None,
    capacity_mAh_per_cm2: float | None,
    hours: float,
    measured: Sequence[MeasuredLoss] = (),
) -> tuple[LossEstimate, ...]:
    """Return what storage of some hours has cost: by both laws, from the table and from each titration series."""
    bound = loss_bound(material, electrolyte)
    published = (
        [] if bound is None else [_published(bound, model, capacity_mAh_per_cm2, hours) for model in LOSS_MODELS]
    )
    own = [_own(series, capacity_mAh_per_cm2, hours) for series in measured]
    if published or own:
        return (*published, *own)
    return tuple(_unknown(model) for model in LOSS_MODELS)


def storage_window(
    material: str, electrolyte: str | None, general: Window, measured: Sequence[MeasuredLoss] = ()
) -> Window:
    """
    Return when a tenth of the lithium may be, and must be taken to be, lost.

    The lab's own series come before the paper. From a series: due when the quickest law of the bands reaches 10 %,
    overdue when the last of the best fits does. From "less than": due when the first law no longer vouches for less
    than 10 %, overdue when none does. From "more than": due after the general window's few hours, overdue when the
    first law has lost 10 % at the latest. Without either: the general window.
    """
    if (window := _measured_window(measured)) is not None:
        return window
    bound = loss_bound(material, electrolyte)
    if bound is None:
        return general
    reached = bound.hours_to(SHELF_LIFE_LOSS).values()
    if bound.bound == "upper":
        return _ordered(min(reached), max(reached), bound.citation)
    return _ordered(min(general.due_h, *reached), min(reached), f"{bound.citation}; {general.citation}")


def _measured_window(measured: Sequence[MeasuredLoss]) -> Window | None:
    soonest, best, names = [], [], []
    for series in measured:
        if series.rate.value is None:
            continue
        high = max((series.rate.interval or (series.rate.value, series.rate.value))[1], series.rate.value)
        farthest_h = FARTHEST_EXTRAPOLATION * series.longest_storage_h
        soonest.append(min(hours_to_loss(series.model, max(high, 0.0)), farthest_h))
        best.append(min(hours_to_loss(series.model, max(series.rate.value, 0.0)), farthest_h))
        names.append(series.series_id)
    if not names:
        return None
    return _ordered(min(soonest), max(best), f"titration series of the facility: {', '.join(dict.fromkeys(names))}")


def _ordered(due_h: float, overdue_h: float, citation: str) -> Window:
    return Window(due_h if due_h < overdue_h else warned(overdue_h), overdue_h, citation)


def _published(bound: LossBound, model: LossModel, capacity: float | None, hours: float) -> LossEstimate:
    trusted_h = FARTHEST_EXTRAPOLATION * bound.hours
    percent = 100 * loss_after(model, bound.rate(model), min(hours, trusted_h))
    shares = _shares(percent, bound.deposit_mAh_per_cm2, capacity)
    unbounded = Quantity.unknown("%", "the source gives no such bound")
    lower, upper = unbounded, unbounded
    if bound.bound == "lower":
        lower = Quantity(min(shares), "%", "assumed", note=bound.citation)
    else:
        lower = Quantity(0.0, "%", "assumed", note="nothing lost is the least")
        upper = Quantity(max(shares), "%", "assumed", note=bound.citation)
        if hours > trusted_h:
            upper = Quantity.unknown("%", f"measured up to {bound.hours:g} h only")
    note = bound.citation if len(set(shares)) == 1 else f"{bound.citation}; {UNLIKE_THICKNESS}"
    return _estimate(model, "literature", (lower, upper), capacity=capacity, note=note)


def _shares(percent: float, measured_on: float | None, capacity: float | None) -> list[float]:
    """Return the loss as an equal share, and as an equal amount per area of a deposit of another thickness [%]."""
    if measured_on is None or capacity is None:
        return [percent]
    return [percent, min(100.0, percent * measured_on / capacity)]


def _own(series: MeasuredLoss, capacity: float | None, hours: float) -> LossEstimate:
    loss = series.loss_at(hours)
    if loss.value is None:
        bounds = (loss, loss)
    else:
        low, high = loss.interval or (loss.value, loss.value)
        bounds = (Quantity(low, "%", loss.source), Quantity(high, "%", loss.source))
    note = f"titration series {series.series_id}; {loss.note}"
    return _estimate(series.model, "lab", bounds, capacity=capacity, note=note)


def _unknown(model: LossModel) -> LossEstimate:
    nothing = Quantity.unknown("%", "neither the table nor a titration series knows this material and electrolyte")
    return _estimate(model, "literature", (nothing, nothing), capacity=None, note=nothing.note)


def _estimate(
    model: LossModel,
    origin: Literal["literature", "lab"],
    bounds: tuple[Quantity, Quantity],
    *,
    capacity: float | None,
    note: str,
) -> LossEstimate:
    lower, upper = bounds
    return LossEstimate(model, origin, lower, upper, _per_area(lower, capacity), _per_area(upper, capacity), note)


def _per_area(share: Quantity, capacity: float | None) -> Quantity:
    if share.value is None:
        return Quantity.unknown("mAh/cm^2", share.note)
    if capacity is None:
        return Quantity.unknown("mAh/cm^2", "the sample's capacity per area is not recorded")
    return Quantity(share.value / 100 * capacity, "mAh/cm^2", share.source, note=share.note)
