"""What people and instruments do with growing series; nobody commits here."""

from typing import Any

from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.infra.clock import now
from app.infra.db.models import Dataset, GrowingSeries, SeriesPart
from app.infra.ids import new_id
from app.lab.access import SYSTEM, Action, Actor, allow, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.datasets.service import DatasetService
from app.lab.instruments.service import InstrumentService
from app.lab.rules.planning import Planner
from app.lab.rules.service import RuleService
from app.lab.samples.service import SampleService
from app.lab.series.repository import SeriesFilter, SeriesRepository
from app.lab.series.room import is_waiting
from app.lab.series.schemas import NewPart, NewSeries, SeriesAction, SeriesClosing

NO_RULE = "No such rule of this project that is switched on: see GET /processing-rules."
NO_DATASET = "No such dataset of the series' sample: give the id of one that shows it."


class SeriesClosed(Conflict):
    """The series takes no such part any more."""

    code, title = "series-closed", "The series is closed"


class NumberTaken(Conflict):
    """Another dataset is the part of this number."""

    code, title = "number-taken", "Another part has this number"


class PartElsewhere(Conflict):
    """The dataset is a part of the series under another number or at another place."""

    code, title = "part-elsewhere", "The dataset is another part of the series"


class ClosedOtherwise(Conflict):
    """The series was closed with another number of parts, or has parts beyond it."""

    code, title = "closed-otherwise", "The series has another number of parts"


class SeriesService:
    """Keeps series that grow: their parts are appended, never exchanged while they are of use."""

    def __init__(
        self,
        series: SeriesRepository,
        *,
        samples: SampleService,
        instruments: InstrumentService,
        datasets: DatasetService,
        planner: Planner,
        rules: RuleService,
        audit: AuditLog,
    ) -> None:
        self._series = series
        self._samples = samples
        self._instruments = instruments
        self._datasets = datasets
        self._planner = planner
        self._rules = rules
        self._audit = audit

    def create(self, actor: Actor, new: NewSeries) -> GrowingSeries:
        """Begin a series of a sample; an action is started with the rights of who names it, or made its rule."""
        require(actor, Action.UPLOAD, new.project_id)
        self._check_places(actor, new)
        self._check_action(actor, new.action, new.project_id)
        series = GrowingSeries(
            **new.model_dump(exclude={"action", "instrument_id", "rule_id"}),
            **_acting(actor, new.action),
            id=new_id("ser"),
            instrument_id=actor.instrument_id or new.instrument_id,
            state="open",
            created_by=actor.id,
            created_at=now(),
        )
        if new.rule_id is not None:
            self._follow_rule(series, new.rule_id)
        self._series.add(series)
        by = {} if series.rule_id is None else {"rule_id": series.rule_id, "rule_version": series.rule_version}
        self._audit.record(actor, "series.begin", series.id, project_id=series.project_id, kind=series.kind, **by)
        return series

    def _follow_rule(self, series: GrowingSeries, rule_id: str) -> None:
        """Take over what a rule says as it stands; a foreign one is as if it were not there."""
        try:
            view = self._rules.get(SYSTEM, rule_id)
        except NotFound:
            raise Invalid.field("/body/rule_id", NO_RULE) from None
        if view.rule.project_id != series.project_id or not view.rule.is_enabled:
            raise Invalid.field("/body/rule_id", NO_RULE)
        series.action = SeriesAction.of_rule(view.said.action).model_dump(mode="json")
        series.acts_for = view.version.made_by
        series.rule_id, series.rule_version = view.rule.id, view.version.number

    def _check_places(self, actor: Actor, new: NewSeries) -> None:
        try:
            sample = self._samples.get(actor, new.sample_id, need=Action.UPLOAD)
        except NotFound:
            sample = None
        if sample is None or sample.project_id != new.project_id:
            raise Invalid.field("/body/sample_id", "No such sample in this project.")
        if new.region_id is not None and not self._series.has_region(new.region_id, sample.id):
            raise Invalid.field("/body/region_id", "No such region of this sample: create it first.")
        if new.instrument_id is None:
            return
        try:
            self._instruments.get(actor, new.instrument_id)
        except NotFound:
            detail = "No such instrument, or not the one this key belongs to: leave it out."
            raise Invalid.field("/body/instrument_id", detail) from None

    def _check_action(self, actor: Actor, action: SeriesAction | None, project_id: str) -> None:
        if action is None:
            return
        if actor.kind == "device":
            raise Forbidden("An instrument starts no jobs: leave the action out, who may start jobs adds it.")
        require(actor, Action.RUN, project_id)
        try:
            self._planner.check(actor, action.as_rule(), project_id)
        except Invalid as refusal:
            raise Invalid(refusal.detail, errors=[_own_field(each) for each in refusal.errors]) from None

    def get(self, actor: Actor, series_id: str, need: Action = Action.READ) -> GrowingSeries:
        """Return a series the actor may act on: an instrument's key those of its instrument, whatever it does."""
        series = self._series.get(series_id)
        if series is None:
            raise NotFound
        if actor.kind != "device":
            require(actor, need, series.project_id)
        elif actor.instrument_id != series.instrument_id or not allow(actor, Action.UPLOAD, series.project_id):
            raise NotFound
        return series

    def page(
        self, actor: Actor, *, project_id: str | None, wanted: SeriesFilter, before: str | None, limit: int
    ) -> list[GrowingSeries]:
        """Return the series the actor may see, newest first."""
        if actor.kind == "device":
            return self._of_device(actor, project_id, wanted, before, limit)
        return self._series.page(readable_projects(actor, project_id), wanted, before, limit)

    def _of_device(self, actor: Actor, project_id: str | None, wanted: SeriesFilter, *cut: Any) -> list[GrowingSeries]:
        if actor.scopes is not None and Action.UPLOAD.value not in actor.scopes:
            raise Forbidden(f"This needs the right '{Action.UPLOAD.value}'.")
        if project_id is not None and not allow(actor, Action.UPLOAD, project_id):
            raise NotFound
        projects = actor.project_ids if project_id is None else frozenset({project_id})
        own = SeriesFilter(wanted.sample_id, wanted.state, actor.instrument_id)
        return self._series.page(projects, own, *cut)

    def add_part(self, actor: Actor, series_id: str, new: NewPart) -> tuple[SeriesPart, bool]:
        """
        Append a part; says whether it is new (a repeated one is returned as it is).

        A part that was refused, rejected or deleted gives its number to the dataset that is sent in its place.
        """
        series = self._locked(actor, series_id)
        dataset = self._dataset_of(actor, series, new.dataset_id)
        place = _place(series, new)
        present = self._series.part(series.id, number=new.number)
        if present is not None and present.dataset_id == dataset.id:
            self._check_place(present, place)
            return present, False
        if self._series.number_of(series.id, dataset.id) is not None:
            raise PartElsewhere("The dataset is the part of another number: send each dataset once.")
        self._check_open(series, new.number)
        if present is None:
            return self._append(actor, series, new, place), True
        return self._replace(actor, series, present, new, place=place), True

    def _append(self, actor: Actor, series: GrowingSeries, new: NewPart, place: float | None) -> SeriesPart:
        part = SeriesPart(
            id=new_id("prt"),
            series_id=series.id,
            number=new.number,
            dataset_id=new.dataset_id,
            place=place,
            created_by=actor.id,
            created_at=now(),
        )
        self._series.add(part)
        self._series.note([series.id])
        return part

    def _replace(
        self, actor: Actor, series: GrowingSeries, present: SeriesPart, new: NewPart, *, place: float | None
    ) -> SeriesPart:
        before = self._series.dataset(present.dataset_id)
        if before is not None and before.state not in {"rejected", "deleted"} and present.refusal is None:
            raise NumberTaken("Another dataset is the part of this number: give each part its own.")
        details = {"number": new.number, "instead_of": present.dataset_id, "dataset_id": new.dataset_id}
        present.dataset_id, present.place, present.refusal = new.dataset_id, place, None
        present.created_by, present.created_at = actor.id, now()
        self._series.flush()
        self._series.note([series.id])
        self._audit.record(actor, "series.replace-part", series.id, project_id=series.project_id, **details)
        return present

    def _check_place(self, part: SeriesPart, place: float | None) -> None:
        if place is not None and part.place != place:
            raise PartElsewhere("The dataset is this part already, at another place: a part is not moved.")

    def _check_open(self, series: GrowingSeries, number: int) -> None:
        if series.state not in {"open", "closing"}:
            raise SeriesClosed(f"The series is {series.state}: begin another for what comes after it.")
        if series.expected is not None and number > series.expected:
            raise SeriesClosed(f"The series was closed with {series.expected} parts: begin another for further ones.")

    def _dataset_of(self, actor: Actor, series: GrowingSeries, dataset_id: str) -> Dataset:
        """Return a dataset that may be a part; what is not of the series' sample is as if it were not there."""
        try:
            dataset = self._datasets.get(SYSTEM, dataset_id)
        except NotFound:
            raise Invalid.field("/body/dataset_id", NO_DATASET) from None
        is_own = actor.kind != "device" or dataset.instrument_id == actor.instrument_id
        same = dataset.project_id == series.project_id and dataset.sample_id == series.sample_id
        if not same or not is_own or "series" in dataset.attributes:
            raise Invalid.field("/body/dataset_id", NO_DATASET)
        return dataset

    def parts(
        self, actor: Actor, series_id: str, *, before: str | None = None, limit: int = 50
    ) -> list[tuple[SeriesPart, Dataset]]:
        """Return parts of a series with their datasets, the one sent last first."""
        return self._series.part_page(self.get(actor, series_id).id, before, limit)

    def close(self, actor: Actor, series_id: str, closing: SeriesClosing) -> GrowingSeries:
        """
        Say how many parts a series has; repeating it changes nothing.

        A series that failed is tried again.
        """
        series = self._locked(actor, series_id)
        if series.state != "open" and series.expected != closing.parts:
            raise ClosedOtherwise(f"The series was closed with {series.expected} parts: that is not changed.")
        if series.state in {"closing", "sealed"}:
            return series
        highest = self._series.highest(series.id)
        if highest > closing.parts:
            raise ClosedOtherwise(f"The series has a part {highest} already: close it with at least as many.")
        if series.state == "failed":
            self._series.forget_failed(series.id)
        series.state, series.problem = "closing", None
        series.expected, series.closed_at = closing.parts, now()
        self._changed(actor, series, "series.close", parts=closing.parts)
        return series

    def act(self, actor: Actor, series_id: str, action: SeriesAction | None) -> GrowingSeries:
        """Set what is run as the series grows, from its next refresh on, or nothing; it acts for the actor."""
        self.get(actor, series_id, need=Action.RUN)
        if actor.kind == "device":
            raise Forbidden("An instrument starts no jobs: who may start jobs sets the action.")
        series = self._locked(actor, series_id)
        if series.state not in {"open", "closing"}:
            raise SeriesClosed(f"The series is {series.state}: run what you want on its dataset.")
        self._check_action(actor, action, series.project_id)
        for name, value in _acting(actor, action).items():
            setattr(series, name, value)
        self._changed(actor, series, "series.act", runs=series.action)
        return series

    def _changed(self, actor: Actor, series: GrowingSeries, what: str, **details: Any) -> None:
        series.version += 1
        self._series.flush()
        self._series.note([series.id])
        self._audit.record(actor, what, series.id, project_id=series.project_id, **details)

    def _locked(self, actor: Actor, series_id: str) -> GrowingSeries:
        self.get(actor, series_id, need=Action.UPLOAD)
        series = self._series.lock(series_id)
        if series is None:
            raise NotFound
        return series

    def waiting_for_room(self) -> list[GrowingSeries]:
        """Return the series of the facility that wait for room within the quotas of their projects."""
        return [series for series in self._series.with_problem() if is_waiting(series)]

    def is_growing_on(self, region_id: str) -> bool:
        """Say whether a series grows on a region another room was already given."""
        return self._series.is_growing_on(region_id)


def _acting(actor: Actor, action: SeriesAction | None) -> dict[str, Any]:
    """Return the columns of an action that somebody names, or of none."""
    said, acts_for = (None, None) if action is None else (action.model_dump(mode="json"), actor.id)
    return {"action": said, "acts_for": acts_for, "rule_id": None, "rule_version": None}


def _place(series: GrowingSeries, new: NewPart) -> float | None:
    """Return where a part lies; an angle of a slice, or a depth of a tilt, is a mistake."""
    stray, own = ("z_nm", "tilt_deg") if series.kind == "tilt_series" else ("tilt_deg", "z_nm")
    if getattr(new, stray) is not None:
        raise Invalid.field(f"/body/{stray}", f"Parts of this series have a {own}: give that instead.")
    place: float | None = getattr(new, own)
    return place


def _own_field(error: dict[str, str]) -> dict[str, str]:
    """Point at the field as it is called here."""
    return {**error, "pointer": error["pointer"].replace("/action/params", "/action/parameters")}
