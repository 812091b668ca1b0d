"""Series as they are shown: counts of parts, what was stacked and made last, the dose so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.infra.db.models import Dataset, GrowingSeries, SeriesAssembly, SeriesPart
from app.lab.dose.schemas import BeamSumOut
from app.lab.dose.service import DoseService, RecordedExposure
from app.lab.schemas import QuantityOut
from app.lab.series.facts import facts_of, kind_of, standing_of
from app.lab.series.refreshing import Refreshing
from app.lab.series.repository import SeriesRepository
from app.lab.series.schemas import AssemblyOut, PartCounts, PartOut, PartState, RefreshOut, SeriesDoseOut, SeriesOut
from app.lab.series.schemas import SeriesRow as SeriesRowOut
from lithoscope.rules.accumulation import LOWER_BOUND, BeamSum, sums_by_beam
from lithoscope.units import Quantity

SEVERAL = "the parts were taken with beams of several energies: see by_beam"
_OF_PART = ("id", "series_id", "number", "dataset_id", "created_by", "created_at")
_OF_DATASET: dict[str, PartState] = {"deleted": "deleted", "rejected": "refused", "readable": "readable"}


@dataclass(slots=True)
class Counts:
    """Parts of a series by state."""

    waiting: int = 0
    readable: int = 0
    refused: int = 0
    deleted: int = 0

    def out(self) -> PartCounts:
        """Describe them."""
        total = self.waiting + self.readable + self.refused + self.deleted
        return PartCounts(
            total=total, waiting=self.waiting, readable=self.readable, refused=self.refused, deleted=self.deleted
        )


class SeriesViews:
    """Describes series that the caller was already given."""

    def __init__(self, series: SeriesRepository, refreshing: Refreshing, dose: DoseService) -> None:
        self._series = series
        self._refreshing = refreshing
        self._dose = dose

    def rows(self, given: Sequence[GrowingSeries]) -> list[SeriesRowOut]:
        """Describe series as lists show them."""
        counts = {series.id: Counts() for series in given}
        for series_id, state, is_refused, number in self._series.states([series.id for series in given]):
            name = _state(state, is_refused=is_refused)
            setattr(counts[series_id], name, getattr(counts[series_id], name) + number)
        return [SeriesRowOut(**_own(series), parts=counts[series.id].out()) for series in given]

    def whole(self, series: GrowingSeries) -> SeriesOut:
        """Describe a series with what was made of it."""
        parts = self._series.parts(series.id)
        assemblies = self._series.assemblies(series.id)
        standing = standing_of(series, parts)
        refreshes = [found for each in assemblies[:50] if (found := self._refresh(each)) is not None]
        return SeriesOut(
            **self.rows([series])[0].model_dump(),
            missing=list(standing.missing),
            newest_assembly=self._assembly(assemblies[0]) if assemblies else None,
            newest_refresh=refreshes[0] if refreshes else None,
            newest_result=next((each for each in refreshes if each.result_id is not None), None),
            sealed_dataset_id=next((each.dataset_id for each in assemblies if each.is_final), None),
            dose=self._dose_of(parts),
        )

    def part(self, series: GrowingSeries, part: SeriesPart) -> PartOut:
        """Describe a part."""
        dataset = self._series.dataset(part.dataset_id)
        if dataset is None:
            raise ValueError("a part is a dataset")
        return self.parts(series, [(part, dataset)])[0]

    def parts(self, series: GrowingSeries, given: Sequence[tuple[SeriesPart, Dataset]]) -> list[PartOut]:
        """Describe parts."""
        exposures = self._series.exposures_of([dataset.id for _, dataset in given])
        of = {exposure.dataset_id: exposure.id for exposure in exposures}
        return [_part_out(series, part, dataset, of.get(dataset.id)) for part, dataset in given]

    def _assembly(self, row: SeriesAssembly) -> AssemblyOut:
        job = self._series.job(row.job_id)
        own = {name: getattr(row, name) for name in ("id", "is_final", "job_id", "dataset_id", "outcome", "reason")}
        return AssemblyOut(
            **own,
            parts=row.part_count,
            numbers=[] if job is None else list(job.params["numbers"]),
            left_out=[each["number"] for each in row.left_out],
            state="queued" if job is None else job.state,
            created_at=row.created_at,
        )

    def _refresh(self, row: SeriesAssembly) -> RefreshOut | None:
        found = self._refreshing.of(row)
        if found is None or row.acted_at is None:
            return None
        return RefreshOut(
            assembly_id=row.id,
            parts=row.part_count,
            is_final=row.is_final,
            start=row.start,
            job_id=row.refresh_job_id,
            run_id=row.refresh_run_id,
            state=found.state,
            result_id=found.result_id,
            output=found.volume,
            started_at=row.acted_at,
        )

    def _dose_of(self, parts: Sequence[tuple[SeriesPart, Dataset]]) -> SeriesDoseOut:
        """Add what the exposures of the parts gave; a part without one is not known to have had none."""
        numbers = {dataset.id: part.number for part, dataset in parts}
        exposures = self._series.exposures_of(list(numbers))
        accounts = self._dose.account_for([RecordedExposure(exposure, None, None) for exposure in exposures])
        known = {exposure.dataset_id for exposure in exposures}
        silent = sorted(number for dataset_id, number in numbers.items() if dataset_id not in known)
        sums = sums_by_beam(account.leg for account in accounts)
        total, part = _total(sums, silent=len(silent), parts=len(parts))
        return SeriesDoseOut(
            total=QuantityOut.model_validate(total),
            known_part=QuantityOut.model_validate(part),
            by_beam=[BeamSumOut.model_validate(each) for each in sums],
            parts=len(parts),
            silent=silent,
            note=LOWER_BOUND,
        )


def _total(sums: Sequence[BeamSum], *, silent: int, parts: int) -> tuple[Quantity, Quantity]:
    unit = "e/A^2"
    if not parts:
        nothing = Quantity.unknown(unit, "no part was sent yet")
        return nothing, nothing
    if not sums:
        nothing = Quantity.unknown(unit, f"none of {parts} parts has an exposure on record")
        return nothing, nothing
    if len(sums) > 1:
        several = Quantity.unknown(sums[0].total.unit, SEVERAL)
        return several, several
    if silent:
        words = f"{silent} of {parts} parts have no exposure on record"
        return Quantity.unknown(sums[0].total.unit, words), sums[0].known_part
    return sums[0].total, sums[0].known_part


def _state(state: str, *, is_refused: bool) -> PartState:
    found = _OF_DATASET.get(state, "waiting")
    return "refused" if is_refused and found == "readable" else found


def _own(series: GrowingSeries) -> dict[str, Any]:
    return {name: getattr(series, name) for name in SeriesRowOut.model_fields if name != "parts"}


def _part_out(series: GrowingSeries, part: SeriesPart, dataset: Dataset, exposure_id: str | None) -> PartOut:
    state = _state(dataset.state, is_refused=part.refusal is not None)
    reason = part.refusal
    if dataset.state == "rejected":
        reason = str((dataset.problem or {}).get("detail") or "its file cannot be read")
    own = {name: getattr(part, name) for name in _OF_PART}
    place = facts_of(part, dataset, kind_of(series)).place
    return PartOut(
        **own,
        tilt_deg=place if series.kind == "tilt_series" else None,
        z_nm=place if series.kind == "slices" else None,
        state=state,
        reason=reason if state == "refused" else None,
        exposure_id=exposure_id,
    )
