"""The rooms, wired to one session: the same objects answer REST, portal and worker."""

from functools import cached_property

from app.infra.db.models import Sample
from app.infra.queue import Leases
from app.lab.access import SYSTEM
from app.lab.annotations.repository import AnnotationRepository
from app.lab.annotations.service import AnnotationService, Find
from app.lab.budgets.service import BudgetService
from app.lab.chain_plans.service import ChainPlanService
from app.lab.clocks.beams import beams
from app.lab.clocks.repository import ClockRepository
from app.lab.clocks.service import ClockService
from app.lab.comparisons.service import ComparisonService
from app.lab.custody.repository import CustodyRepository
from app.lab.custody.service import CustodyService
from app.lab.custody.splitting import SplittingService
from app.lab.datasets.calibrating import CalibrationService
from app.lab.datasets.repository import DatasetRepository
from app.lab.datasets.service import DatasetService
from app.lab.dose.beam_records import BeamRecordService
from app.lab.dose.of_series import SeriesExposureService
from app.lab.dose.recording import Recording
from app.lab.dose.repository import ExposureRepository
from app.lab.dose.service import DoseService
from app.lab.evaluations.repository import EvaluationRepository
from app.lab.evaluations.service import EvaluationService
from app.lab.evaluations.targets import Targets
from app.lab.ground_floor import GroundFloor
from app.lab.inspection.service import InspectionService
from app.lab.jobs.bench import Bench
from app.lab.jobs.estimates import EstimateService
from app.lab.jobs.inputs import Inputs
from app.lab.jobs.offers import OfferService
from app.lab.jobs.repository import JobRepository
from app.lab.jobs.service import JobService
from app.lab.labels.repository import LabelRepository
from app.lab.labels.service import LabelService
from app.lab.overview.repository import OverviewRepository
from app.lab.overview.service import OverviewService
from app.lab.provenance.repository import ProvenanceRepository
from app.lab.provenance.service import ProvenanceService
from app.lab.recipes.engine import Engine
from app.lab.recipes.repository import RecipeRepository
from app.lab.recipes.service import RecipeService
from app.lab.regions.repository import RegionRepository
from app.lab.regions.service import RegionService
from app.lab.reports.gathering import Gathering, Rooms
from app.lab.reports.repository import ReportRepository
from app.lab.reports.service import ReportService
from app.lab.results.citing import CitationService
from app.lab.results.repository import ResultRepository
from app.lab.results.service import ResultService
from app.lab.retention.repository import RetentionRepository
from app.lab.retention.service import RetentionService
from app.lab.review_links.repository import ReviewLinkRepository
from app.lab.review_links.service import ReviewLinkService
from app.lab.samples.repository import SampleRepository
from app.lab.samples.service import SampleService
from app.lab.titrations.repository import TitrationRepository
from app.lab.titrations.service import TitrationService
from app.lab.uploads.repository import UploadRepository
from app.lab.uploads.service import UploadService
from lithoscope.rules.custody import Happening

MIB = 1024 * 1024


class Lab(GroundFloor):
    """
    The facility within one transaction.

    Rooms are made when first asked for; a room is given the rooms it needs, never the Lab.
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
    def datasets(self) -> DatasetService:
        """Return the datasets' room."""
        return DatasetService(DatasetRepository(self.session), self.audit, self.lineage)

    @cached_property
    def calibration(self) -> CalibrationService:
        """Return what corrects the calibration of datasets."""
        return CalibrationService(self.datasets, self.jobs)

    @cached_property
    def uploads(self) -> UploadService:
        """Return the uploads' room."""
        return UploadService(
            UploadRepository(self.session),
            samples=self.samples,
            datasets=self.datasets,
            jobs=self.jobs,
            audit=self.audit,
            settings=self.house.settings,
        )

    @cached_property
    def retention(self) -> RetentionService:
        """Return the retention room."""
        return RetentionService(
            RetentionRepository(self.session),
            projects=self.projects,
            datasets=self.datasets,
            results=self.results,
            lineage=self.lineage,
            audit=self.audit,
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
    def jobs(self) -> JobService:
        """Return the jobs' room."""
        return JobService(
            JobRepository(self.session),
            self._job_inputs,
            methods=self.house.methods,
            queue=self.house.queue,
            lineage=self.lineage,
            audit=self.audit,
            on_end=lambda job: self.engine.after(job.id),  # it stands above the jobs' room
        )

    @cached_property
    def estimates(self) -> EstimateService:
        """Return what tells how long jobs will take."""
        return EstimateService(
            JobRepository(self.session),
            self._job_inputs,
            methods=self.house.methods,
            memory_limit_bytes=self.house.settings.job_memory_mib * MIB,
        )

    @cached_property
    def offers(self) -> OfferService:
        """Return what finds inputs for methods and recipes."""
        return OfferService(
            datasets=self.datasets,
            results=self.results,
            samples=self.samples,
            dose=self.dose,
            methods=self.house.methods,
        )

    @cached_property
    def comparisons(self) -> ComparisonService:
        """Return what puts two runs side by side."""
        return ComparisonService(jobs=self.jobs, results=self.results, methods=self.house.methods)

    @cached_property
    def engine(self) -> Engine:
        """Return what carries recipes from step to step."""
        return Engine(RecipeRepository(self.session), self.jobs, methods=self.house.methods)

    @cached_property
    def recipes(self) -> RecipeService:
        """Return the recipes' room."""
        runs, known = RecipeRepository(self.session), self.house.recipes
        return RecipeService(
            runs, self.engine, jobs=self.jobs, inputs=self._job_inputs, recipes=known, audit=self.audit
        )

    @cached_property
    def bench(self) -> Bench:
        """Return what a worker does with the job it holds."""
        return Bench(
            JobRepository(self.session),
            self._job_inputs,
            leases=Leases(self.session),
            datasets=self.datasets,
            results=self.results,
            store=self.house.store,
        )

    @cached_property
    def _job_inputs(self) -> Inputs:
        return Inputs(dataset=self.datasets.get, result=self.results.get, dose=self.dose)

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

    @cached_property
    def overview(self) -> OverviewService:
        """Return what looks over the rooms."""
        return OverviewService(
            OverviewRepository(self.session),
            alarms=self.alarms,
            budgets=self.budgets,
            instruments=self.instruments,
            disk=self.health.disk,
        )

    @cached_property
    def labels(self) -> LabelService:
        """Return what labels of results are said to be."""
        return LabelService(
            LabelRepository(self.session),
            self.results,
            lineage=self.lineage,
            dose=self.dose,
            limits=self.limits,
            audit=self.audit,
        )

    @cached_property
    def results(self) -> ResultService:
        """Return the results' room."""
        return ResultService(ResultRepository(self.session), self.lineage, self.audit)

    @cached_property
    def citations(self) -> CitationService:
        """Return what says how results are cited."""
        return CitationService(ResultRepository(self.session), self.house.methods)

    @cached_property
    def annotations(self) -> AnnotationService:
        """Return the notes and tags on samples, datasets and results."""
        find: dict[str, Find] = {"smp": self.samples.get, "ds": self.datasets.get, "res": self.results.get}
        return AnnotationService(AnnotationRepository(self.session), find, self.audit)

    @cached_property
    def provenance(self) -> ProvenanceService:
        """Return what traces numbers to what had been done before, and events to the numbers after them."""
        return ProvenanceService(
            ProvenanceRepository(self.session),
            results=self.results,
            custody=self.custody,
            dose=self.dose,
            labels=self.labels,
            store=self.house.store,
        )

    @cached_property
    def inspection(self) -> InspectionService:
        """Return what looks at single voxels and parts of arrays."""
        return InspectionService(self.results, self.datasets, provenance=self.provenance, store=self.house.store)

    @cached_property
    def evaluations(self) -> EvaluationService:
        """Return what judges by protocols."""
        return EvaluationService(
            EvaluationRepository(self.session),
            self._targets,
            dose=self.dose,
            protocols=self.protocols,
            audit=self.audit,
        )

    @cached_property
    def _targets(self) -> Targets:
        return Targets(self.samples, datasets=self.datasets, results=self.results, dose=self.dose, lineage=self.lineage)

    @cached_property
    def reports(self) -> ReportService:
        """Return the reports' room."""
        rooms = Rooms(
            dose=self.dose,
            regions=self.regions,
            datasets=self.datasets,
            results=self.results,
            instruments=self.instruments,
            evaluations=self.evaluations,
            lineage=self.lineage,
            targets=self._targets,
            clocks=self.clocks,
            samples=self.samples,
            budgets=self.budgets,
            labels=self.labels,
        )
        return ReportService(
            ReportRepository(self.session),
            Gathering(rooms),
            samples=self.samples,
            dose=self.dose,
            audit=self.audit,
        )

    @cached_property
    def review_links(self) -> ReviewLinkService:
        """Return the links by which reviewers read."""
        return ReviewLinkService(
            ReviewLinkRepository(self.session),
            samples=self.samples,
            results=self.results,
            reports=self.reports,
            lineage=self.lineage,
            audit=self.audit,
        )

    @cached_property
    def chain_plans(self) -> ChainPlanService:
        """Return what judges a chain before it happens."""
        return ChainPlanService(
            self.samples,
            custody=self.custody,
            dose=self.dose,
            clocks=self.clocks,
            titrations=self.titrations,
            protocols=self.protocols,
            limits=self.limits.standing,
        )
