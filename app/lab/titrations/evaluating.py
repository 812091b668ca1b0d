"""From peak areas to lithium, loss and laws of loss: what a titration series says."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite, sqrt
from statistics import fmean, stdev
from typing import Any

from app.lab.titrations.schemas import NewTitrationSeries, Standard, TitratedBottle
from lithoscope.numerics.common.distributions import student_quantile
from lithoscope.numerics.titration import CalibrationLine, StorageFit, fit_storage_loss, read_amount
from lithoscope.numerics.titration.calibration import CONFIDENCE
from lithoscope.rules.storage_loss import FARTHEST_EXTRAPOLATION, LOSS_MODELS, RATE_UNIT, LossModel, MeasuredLoss
from lithoscope.rules.titration import (
    FEWEST_REPLICATES,
    HYDRIDE,
    Bottle,
    TitratedLithium,
    account_titration,
    inventory_loss,
    lithium_of_fraction,
)
from lithoscope.units import Quantity

FEWEST_TIMES = 3
MISFIT_P = 0.05
CURVE_STEPS = 30


@dataclass(frozen=True, slots=True)
class Gauge:
    """
    What turns peak areas into lithium.

    Parameters
    ----------
    line : CalibrationLine
        Its calibration.
    standard : {"lithium_mg", "hydrogen_percent"}
        What the line's amounts are.
    bottle : Bottle or None
        Needed for shares of hydrogen.
    """

    line: CalibrationLine
    standard: Standard
    bottle: Bottle | None

    def lithium(self, amount: Quantity) -> Quantity:
        """Turn an amount of the line into lithium [mg]."""
        return amount if self.bottle is None else lithium_of_fraction(amount, self.bottle)

    def read(self, areas: Sequence[float]) -> tuple[Quantity, list[str]]:
        """Read lithium [mg] from the areas of one bottle, with what is doubtful about it."""
        found = read_amount(self.line, areas)
        warnings = []
        if not found.is_inside:
            warnings.append("outside-calibration: the area lies outside those of the standards")
        if found.amount <= 0:
            warnings.append("no-lithium: the area is not above that of an empty bottle")
        unit = "mg" if self.bottle is None else "%"
        interval = max(0.0, found.lower), max(0.0, found.upper)
        amount = Quantity(max(0.0, found.amount), unit, "measured", found.sd, interval, HYDRIDE)
        return self.lithium(amount), warnings

    @property
    def shared_error_mg(self) -> float:
        """Return half the 90 % interval of what the line's intercept does to every bottle alike [mg]."""
        t = student_quantile(self.line.points - 2, (1 + CONFIDENCE) / 2)
        amount = t * self.line.intercept_sd / self.line.slope
        return self.lithium(Quantity(amount, "mg" if self.bottle is None else "%", "measured")).value or 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one bottle held, in every unit, and what is doubtful about it."""

    account: TitratedLithium
    warnings: list[str]

    @property
    def mass_mg(self) -> float:
        """Return the lithium [mg]."""
        return self.account.lithium.value or 0.0

    def to_json(self) -> dict[str, Any]:
        """Write it with plain JSON types."""
        names = TitratedLithium.__dataclass_fields__
        return {**{name: getattr(self.account, name).to_json() for name in names}, "warnings": self.warnings}


Filed = tuple[TitratedBottle, Reading]


@dataclass(slots=True)
class Evaluation:
    """What a series says, with plain JSON types."""

    bottles: list[dict[str, Any]]
    times: list[dict[str, Any]]
    fits: list[dict[str, Any]]
    warnings: list[str] = field(default_factory=list)


def read_bottle(areas: Sequence[float], gauge: Gauge, *, area_cm2: float | None) -> Reading:
    """Read one bottle."""
    lithium, warnings = gauge.read(areas)
    return Reading(account_titration(lithium, area_cm2=area_cm2), warnings)


def evaluate(series: NewTitrationSeries, gauge: Gauge) -> Evaluation:
    """Say what a series found: bottle by bottle, time by time, law by law."""
    filed = [(bottle, read_bottle(bottle.areas, gauge, area_cm2=series.area_cm2)) for bottle in series.bottles]
    by_time: dict[float, list[Reading]] = {}
    for bottle, reading in sorted(filed, key=lambda each: each[0].storage_h):
        by_time.setdefault(bottle.storage_h, []).append(reading)
    fresh = _mean_mass(by_time.get(0.0, []))
    return Evaluation(
        bottles=[_bottle_json(bottle, reading, fresh) for bottle, reading in filed],
        times=[_time_json(hours, group, fresh) for hours, group in by_time.items()],
        fits=[_fit_json(_fit(filed, gauge, model), series.area_cm2) for model in LOSS_MODELS],
        warnings=_doubts(by_time, gauge),
    )


def measured_loss(fit: dict[str, Any], series_id: str = "") -> MeasuredLoss:
    """Read back a law from the record of a series."""
    return MeasuredLoss(
        model=fit["model"],
        rate=Quantity.from_json(fit["rate"]),
        longest_storage_h=fit["longest_storage_h"],
        series_id=series_id,
        note="; ".join(fit["warnings"]),
    )


def _fit(filed: Sequence[Filed], gauge: Gauge, model: LossModel) -> StorageFit:
    hours = [bottle.storage_h for bottle, _ in filed]
    masses = [reading.mass_mg for _, reading in filed]
    return fit_storage_loss(hours, masses, model=model, offset_half_width=gauge.shared_error_mg)


def _mean_mass(readings: Sequence[Reading]) -> Quantity:
    """Return the mean lithium [mg] of replicates; its uncertainty is that of the mean, from their scatter."""
    if not readings:
        return Quantity.unknown("mg", "no electrode was titrated without storage")
    masses = [reading.mass_mg for reading in readings]
    uncertainty = stdev(masses) / sqrt(len(masses)) if len(masses) > 1 else None
    return Quantity(fmean(masses), "mg", "measured", uncertainty=uncertainty, note=HYDRIDE)


def _loss(mass: Quantity, fresh: Quantity) -> Quantity:
    """Return the loss [%] from fresh lithium."""
    if mass.value is None or not fresh.value:
        return Quantity.unknown("%", fresh.note if fresh.value is None else "the fresh electrodes held no lithium")
    loss = 100 * inventory_loss(mass.value, fresh.value)
    if mass.uncertainty is None or fresh.uncertainty is None:
        return Quantity(loss, "%", "measured")
    left = mass.value / fresh.value
    spread = sqrt(mass.uncertainty**2 + (left * fresh.uncertainty) ** 2) / fresh.value
    return Quantity(loss, "%", "measured", uncertainty=100 * spread)


def _bottle_json(bottle: TitratedBottle, reading: Reading, fresh: Quantity) -> dict[str, Any]:
    loss = _loss(reading.account.lithium, fresh).to_json()
    return {**bottle.model_dump(mode="json"), **reading.to_json(), "loss": loss}


def _time_json(hours: float, group: Sequence[Reading], fresh: Quantity) -> dict[str, Any]:
    mean = _mean_mass(group)
    loss = Quantity(0.0, "%", "measured") if hours == 0 else _loss(mean, fresh)
    return {"storage_h": hours, "replicates": len(group), "lithium": mean.to_json(), "loss": loss.to_json()}


def _rate(fit: StorageFit) -> Quantity:
    unit = RATE_UNIT[fit.model]
    if not (isfinite(fit.lower) and isfinite(fit.upper)):
        return Quantity.unknown(unit, "the masses set no end to the rate: titrate more bottles")
    if fit.upper <= 0:
        return Quantity.unknown(unit, "more lithium is found after storage than before: check the bottles")
    return Quantity(max(0.0, fit.rate), unit, "measured", interval=(max(0.0, fit.lower), fit.upper))


def _fit_json(fit: StorageFit, area_cm2: float | None) -> dict[str, Any]:
    warnings = []
    if fit.misfit_p is not None and fit.misfit_p < MISFIT_P:
        warnings.append("misfit: the bottles deviate from this law by more than their scatter")
    if fit.lower <= 0:
        warnings.append("no-clear-loss: the band reaches zero loss")
    fresh = Quantity(max(0.0, fit.fresh), "mg", "measured", note="extrapolated by the law to no storage")
    law = MeasuredLoss(fit.model, _rate(fit), fit.longest_h, note="; ".join(warnings))
    return {
        "model": fit.model,
        "rate": law.rate.to_json(),
        "fresh_lithium": fresh.to_json(),
        "fresh_charge_per_area": account_titration(fresh, area_cm2=area_cm2).charge_per_area.to_json(),
        "shelf_life": law.shelf_life().to_json(),
        "longest_storage_h": fit.longest_h,
        "misfit_p": fit.misfit_p,
        "warnings": warnings,
        "curve": _curve(law),
    }


def _curve(law: MeasuredLoss) -> list[dict[str, float]]:
    """Draw a law with its band to where it may be relied on; nothing when its rate is not known."""
    points = []
    for step in range(CURVE_STEPS + 1):
        hours = law.longest_storage_h * FARTHEST_EXTRAPOLATION * step / CURVE_STEPS
        loss = law.loss_at(hours)
        if loss.value is None or loss.interval is None:
            continue
        lower, upper = loss.interval
        points.append({"hours": hours, "loss_percent": loss.value, "lower_percent": lower, "upper_percent": upper})
    return points


def _doubts(by_time: dict[float, list[Reading]], gauge: Gauge) -> list[str]:
    """Say what is weak about a series as a whole."""
    doubts = [
        f"too-few-replicates: {len(group)} at {hours:g} h, {FEWEST_REPLICATES} are asked for"
        for hours, group in by_time.items()
        if len(group) < FEWEST_REPLICATES
    ]
    if len(by_time) < FEWEST_TIMES:
        doubts.append(f"too-few-times: {len(by_time)} times of storage tell no law from another")
    if 0.0 not in by_time:
        doubts.append("no-fresh-electrode: the lithium before storage is extrapolated")
    if gauge.line.is_curved:
        doubts.append("curved-calibration: the standards bend away from the line")
    if any(reading.warnings for group in by_time.values() for reading in group):
        doubts.append("doubtful-bottles: some bottles carry warnings of their own")
    return doubts


def line_json(line: CalibrationLine) -> dict[str, Any]:
    """Write a calibration line with plain JSON types."""
    return asdict(line)


def line_of(record: dict[str, Any]) -> CalibrationLine:
    """Read back what `line_json` wrote."""
    pairs = {name: tuple(record[name]) for name in ("amount_range", "area_range")}
    return CalibrationLine(**{**record, **pairs})
