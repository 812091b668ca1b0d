"""The rooms of samples and of what happens to them, wired to one session."""

from functools import cached_property

from app.infra.db.models import Sample
from app.lab.access import SYSTEM
from app.lab.budgets.service import BudgetService
from app.lab.clocks.beams import beams
from app.lab.clocks.repository import ClockRepository
from app.lab.clocks.service import ClockService
from app.lab.custody.repository import CustodyRepository
from app.lab.custody.service import CustodyService
from app.lab.custody.splitting import SplittingService
from app.lab.dose.beam_records import BeamRecordService
from app.lab.dose.of_series import SeriesExposureService
from app.lab.dose.recording import Recording
from app.lab.dose.repository import ExposureRepository
from app.lab.dose.service import DoseService
from app.lab.ground_floor import GroundFloor
from app.lab.regions.repository import RegionRepository
from app.lab.regions.service import RegionService
from app.lab.samples.repository import SampleRepository
from app.lab.samples.service import SampleService
from app.lab.titrations.repository import TitrationRepository
from app.lab.titrations.service import TitrationService
from lithoscope.rules.custody import Happening


class FirstFloor(GroundFloor):
    """
    Samples with their custody, clocks, dose and budgets, within one transaction.

    Rooms are made when first asked for.
    """

    @cached_property
    def samples(self) -> SampleService:
        """Return the samples' room."""
        return SampleService(
            SampleRepository(self.session),
            self.audit,
            self.lineage,
            on_change=self._refresh_clocks,
        )

    @cached_property
    def custody(self) -> CustodyService:
        """Return the custody room."""
        return CustodyService(
            CustodyRepository(self.session),
            self.samples,
            lineage=self.lineage,
            audit=self.audit,
            on_change=self._refresh_clocks,
            beams=self._beams_on,
        )

    @cached_property
    def splitting(self) -> SplittingService:
        """Return what divides samples."""
        return SplittingService(self.samples, self.custody)

    def _refresh_clocks(self, sample: Sample) -> None:
        """Tell the clocks' room, which stands above those that call this and is made when first told."""
        self.clocks.refresh(sample)

    def _beams_on(self, sample: Sample) -> list[Happening]:
        """Return what the dose room, which stands above custody, has on record of a sample."""
        return self.dose.happenings_of(sample)

    @cached_property
    def clocks(self) -> ClockService:
        """Return the clocks' room."""
        return ClockService(
            ClockRepository(self.session),
            self.samples,
            self.custody,
            beams=lambda sample: beams(self.dose.history(SYSTEM, sample.id)),
            measured=self.titrations.measured_losses,
        )

    @cached_property
    def titrations(self) -> TitrationService:
        """Return the titrations' room."""
        return TitrationService(
            TitrationRepository(self.session),
            instruments=self.instruments,
            samples=self.samples,
            audit=self.audit,
            on_series=lambda series: self.clocks.refresh_alike(series.project_id, series.material),
        )

    @cached_property
    def dose(self) -> DoseService:
        """Return the dose room."""
        return DoseService(
            ExposureRepository(self.session),
            self.samples,
            self.custody,
            recording=Recording(ExposureRepository(self.session), self.custody, lineage=self.lineage, audit=self.audit),
            readings=self.beam_calibrations.readings,
        )

    @cached_property
    def series_exposures(self) -> SeriesExposureService:
        """Return what records the exposures of datasets."""
        return SeriesExposureService(self.dose, self.datasets)

    @cached_property
    def beam_records(self) -> BeamRecordService:
        """Return the records of when beams were on."""
        return BeamRecordService(ExposureRepository(self.session), self.samples, self.custody, audit=self.audit)

    @cached_property
    def regions(self) -> RegionService:
        """Return the regions' room."""
        return RegionService(RegionRepository(self.session), self.samples, self.dose, audit=self.audit)

    @cached_property
    def budgets(self) -> BudgetService:
        """Return what is left of phases in regions."""
        return BudgetService(self.regions, self.dose, self.limits)
