"""The rooms of growing series, wired to those of a Lab: `app.lab.composition` is full."""

from functools import cached_property
from typing import TYPE_CHECKING

from app.infra.queue import Leases
from app.lab.dose.of_series import SeriesExposureService
from app.lab.rules.planning import Planner
from app.lab.rules.repository import RuleRepository
from app.lab.series.acting import SeriesActing
from app.lab.series.assembling import SeriesAssembling
from app.lab.series.engine import SeriesEngine
from app.lab.series.exposing import SeriesExposing
from app.lab.series.refreshing import Refreshing
from app.lab.series.repository import SeriesRepository
from app.lab.series.room import SeriesRoom
from app.lab.series.service import SeriesService
from app.lab.series.views import SeriesViews

if TYPE_CHECKING:
    from app.lab.composition import Lab


class SeriesRooms:
    """What keeps, shows and carries on series that grow, within one transaction."""

    def __init__(self, lab: "Lab", planner: Planner) -> None:
        self._lab = lab
        self._planner = planner
        self._repository = SeriesRepository(lab.session)

    @cached_property
    def service(self) -> SeriesService:
        """Return what people and instruments do with series."""
        return SeriesService(
            self._repository,
            samples=self._lab.samples,
            instruments=self._lab.instruments,
            datasets=self._lab.datasets,
            planner=self._planner,
            rules=self._lab.rules,
            audit=self._lab.audit,
        )

    @cached_property
    def views(self) -> SeriesViews:
        """Return what describes series."""
        return SeriesViews(self._repository, self._refreshing, self._lab.dose)

    @cached_property
    def engine(self) -> SeriesEngine:
        """Return what looks at series that have grown."""
        return SeriesEngine(
            self._repository,
            jobs=self._lab.jobs,
            assembling=self.assembling,
            acting=SeriesActing(
                self._repository,
                self._refreshing,
                self._planner,
                authentication=self._lab.authentication,
                audit=self._lab.audit,
            ),
            exposing=SeriesExposing(self._repository, SeriesExposureService(self._lab.dose, self._lab.datasets)),
            room=SeriesRoom(self._repository),
        )

    @cached_property
    def assembling(self) -> SeriesAssembling:
        """Return what publishes stacked parts."""
        return SeriesAssembling(
            self._repository,
            self._lab.bench,
            leases=Leases(self._lab.session),
            datasets=self._lab.datasets,
            lineage=self._lab.lineage,
            store=self._lab.house.store,
            audit=self._lab.audit,
            on_sealed=RuleRepository(self._lab.session).note_readable,
        )

    @cached_property
    def _refreshing(self) -> Refreshing:
        return Refreshing(
            self._repository, jobs=self._lab.jobs, recipes=self._lab.recipes, methods=self._lab.house.methods
        )
