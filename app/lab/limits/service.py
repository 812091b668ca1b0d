"""Critical doses: those of the literature, and those the facility measured; nobody commits here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.errors import Conflict, Invalid, NotFound
from app.infra.clock import now
from app.infra.db.models import DoseLimit as Row
from app.infra.ids import new_id
from app.lab.access import Action, Actor, require
from app.lab.audit.service import AuditLog
from app.lab.dose.conditions import UnitMismatch, UnitMissing
from app.lab.doubts import AlreadySuperseded, question
from app.lab.limits.repository import LimitRepository
from app.lab.limits.schemas import NewDoseLimit
from lithoscope.rules.bounds import Bounds
from lithoscope.rules.critical_dose import Choice, DoseLimit, canonical_phase, literature_limits, look_up
from lithoscope.rules.dose_limits import ONSET, criteria
from lithoscope.rules.legs import Mode

UNIT = "e/A^2"


class LiteratureLimit(Conflict):
    """What the literature says stays: the lab's own rows stand beside it and come first."""

    code, title = "literature-limit", "A limit of the literature"


class LimitRetired(Conflict):
    """A retired limit stays as it is: budgets were stated by it."""

    code, title = "limit-retired", "The limit is retired"


@dataclass(frozen=True, slots=True)
class RecordedLimit:
    """A limit with what is on record of it; ``row`` is None for the literature's."""

    limit: DoseLimit
    row: Row | None = None
    superseded_by: str | None = None


class LimitService:
    """Keeps the facility's own limits beside the literature's and finds the one that holds."""

    def __init__(self, limits: LimitRepository, *, audit: AuditLog) -> None:
        self._limits = limits
        self._audit = audit

    def standing(self) -> tuple[DoseLimit, ...]:
        """Return every limit that counts, the literature's first."""
        return (*literature_limits(), *(limit_of(row) for row in self._limits.all(with_retired=False)))

    def all(self, *, phase: str | None = None, with_retired: bool = False) -> list[RecordedLimit]:
        """Return the limits of every phase or of one; they are the same for everybody."""
        rows = self._limits.all(with_retired=with_retired)
        newer = {row.supersedes_id: row.id for row in rows}
        found = [RecordedLimit(limit) for limit in literature_limits()]
        found += [RecordedLimit(limit_of(row), row, newer.get(row.id)) for row in rows]
        return [each for each in found if phase is None or each.limit.phase == canonical_phase(phase)]

    def create(self, actor: Actor, new: NewDoseLimit) -> RecordedLimit:
        """Record a limit the facility measured; for managers."""
        require(actor, Action.MANAGE)
        limit = _checked(new)
        doubts_about(limit, is_confirmed=new.confirm)
        if new.supersedes_id is not None:
            self._check_supersedes(new.supersedes_id)
        limit = replace(limit, id=new_id("lim"))
        row = Row(
            id=limit.id,
            phase=limit.phase,
            record=limit.to_json(),
            supersedes_id=new.supersedes_id,
            created_by=actor.id,
            created_at=now(),
        )
        self._limits.keep(row)
        details: dict[str, Any] = {"phase": limit.phase, "supersedes_id": new.supersedes_id, "confirmed": new.confirm}
        self._audit.record(actor, "dose_limit.create", row.id, **details)
        return RecordedLimit(limit, row)

    def retire(self, actor: Actor, limit_id: str) -> None:
        """Let a limit of the facility count no more; it stays on record."""
        require(actor, Action.MANAGE)
        if any(limit.id == limit_id for limit in literature_limits()):
            raise LiteratureLimit("Limits of the literature stay: record one of your own, it comes first.")
        row = self._limits.get(limit_id)
        if row is None:
            raise NotFound
        if row.retired_at is not None:
            raise LimitRetired("The limit was retired before.")
        row.retired_at = now()
        self._limits.keep(row)
        self._audit.record(actor, "dose_limit.retire", row.id, phase=row.phase)

    def look_up(
        self,
        *,
        phase: str,
        temperature_K: float | None,
        beam_energy_kV: float | None,
        mode: Mode = "tem_field",
        rate_e_per_A2_s: float | None = None,
        criterion: str = ONSET,
    ) -> Choice:
        """Return the limit that holds under some conditions, and why; see `lithoscope.rules.critical_dose.look_up`."""
        check_criterion(criterion, "/query/criterion")
        return look_up(
            self.standing(),
            phase=phase,
            temperature_K=temperature_K,
            beam_energy_kV=beam_energy_kV,
            mode=mode,
            rate_e_per_A2_s=rate_e_per_A2_s,
            criterion=criterion,
        )

    def _check_supersedes(self, limit_id: str) -> None:
        old = self._limits.get(limit_id)
        if old is None:
            raise Invalid.field("/body/supersedes_id", "No such limit of the facility: give the id of one of its own.")
        if self._limits.superseding(old.id) is not None:
            raise AlreadySuperseded("This limit has been corrected before: supersede the correction.")


def check_criterion(criterion: str, pointer: str) -> None:
    """Refuse a criterion that the table does not know."""
    if criterion not in criteria():
        raise Invalid.field(pointer, f"The criterion is one of {', '.join(criteria())}.")


def limit_of(row: Row) -> DoseLimit:
    """Return a row of the facility as the rules take it."""
    return DoseLimit.from_json(row.record)


def _checked(new: NewDoseLimit) -> DoseLimit:
    check_criterion(new.criterion, "/body/criterion")
    _check_unit(new.dose.unit)
    ends = [value for value in (new.dose.lower, new.dose.best, new.dose.upper) if value is not None]
    if not ends or ends != sorted(ends):
        raise Invalid.field(
            "/body/dose", "The dose needs at least one of lower, best and upper, and runs in that order."
        )
    temperature = _range("/body/temperature_K", new.temperature_K)
    return DoseLimit(
        id="",
        phase=canonical_phase(new.phase),
        criterion=new.criterion,
        dose=Bounds(new.dose.lower, new.dose.best, new.dose.upper, UNIT),
        beam_energy_kV=new.beam_energy_kV,
        temperature_K=temperature,
        mode=new.mode,
        rate_e_per_A2_s=None if new.rate_e_per_A2_s is None else _range("/body/rate_e_per_A2_s", new.rate_e_per_A2_s),
        source=new.source,
        kind="lab",
        note=new.note,
    )


def _check_unit(unit: str | None) -> None:
    pointer = "/body/dose/unit"
    if unit is None:
        detail = f"the dose needs its unit stated: send unit {UNIT}"
        raise UnitMissing(detail, errors=[{"pointer": pointer, "detail": detail}])
    if unit != UNIT:
        detail = f"the dose is given in {UNIT}: convert it"
        raise UnitMismatch(detail, errors=[{"pointer": pointer, "detail": detail}])


def _range(pointer: str, ends: list[float]) -> tuple[float, float]:
    low, high = ends
    if low > high:
        raise Invalid.field(pointer, "A range runs from its lower to its upper end: exchange them.")
    return low, high


def doubts_about(limit: DoseLimit, *, is_confirmed: bool = True) -> list[str]:
    """Return what is implausible about a limit of the lab; the literature is not questioned."""
    return [] if limit.kind == "literature" else question(_numbers(limit), is_confirmed=is_confirmed)


def _numbers(limit: DoseLimit) -> Iterator[tuple[str, str, float]]:
    """Go through the numbers to question, each with the pointer to where it stood."""
    yield "/body/beam_energy_kV", "beam_energy_kV", limit.beam_energy_kV
    for number, value in enumerate(limit.temperature_K):
        yield f"/body/temperature_K/{number}", "temperature_K", value
    for number, value in enumerate(limit.rate_e_per_A2_s or ()):
        yield f"/body/rate_e_per_A2_s/{number}", "dose_rate_e_per_A2_s", value
    for end in ("lower", "best", "upper"):
        value = getattr(limit.dose, end)
        if value is not None:
            yield f"/body/dose/{end}", "critical_dose_e_per_A2", value
