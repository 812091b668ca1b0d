"""The rooms, wired to one session: the same objects answer REST, portal and worker."""

from functools import cached_property

from app.infra.queue import Leases
from app.lab.annotations.repository import AnnotationRepository
from app.lab.annotations.service import AnnotationService, Find
from app.lab.chain_plans.service import ChainPlanService
from app.lab.comparisons.service import ComparisonService
from app.lab.datasets.calibrating import CalibrationService
from app.lab.evaluations.repository import EvaluationRepository
from app.lab.evaluations.service import EvaluationService
from app.lab.evaluations.targets import Targets
from app.lab.exchange.repository import ExchangeRepository
from app.lab.exchange.service import ExchangeService
from app.lab.exchange.service import Rooms as ExchangeRooms
from app.lab.first_floor import FirstFloor
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
from app.lab.recipes.forecast import ForecastService
from app.lab.recipes.repository import RecipeRepository
from app.lab.recipes.service import RecipeService
from app.lab.registrations.repository import RegistrationRepository
from app.lab.registrations.service import RegistrationService
from app.lab.reports.gathering import Gathering, Rooms
from app.lab.reports.repository import ReportRepository
from app.lab.reports.service import ReportService
from app.lab.review_links.repository import ReviewLinkRepository
from app.lab.review_links.service import ReviewLinkService
from app.lab.rules.engine import RuleEngine
from app.lab.rules.judging import Judge
from app.lab.rules.judging import Rooms as RuleRooms
from app.lab.rules.planning import Planner
from app.lab.rules.repository import RuleRepository
from app.lab.rules.service import RuleService
from app.lab.series.assembling import SeriesAssembling
from app.lab.series.engine import SeriesEngine
from app.lab.series.repository import SeriesRepository
from app.lab.series.service import SeriesService
from app.lab.series.views import SeriesViews
from app.lab.series_rooms import SeriesRooms
from app.lab.uploads.repository import UploadRepository
from app.lab.uploads.service import UploadService

MIB = 1024 * 1024


class Lab(FirstFloor):
    """
    The facility within one transaction.

    Rooms are made when first asked for; a room is given the rooms it needs, never the Lab.
    """

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
    def registrations(self) -> RegistrationService:
        """Return the room of files that are registered where they lie."""
        return RegistrationService(
            RegistrationRepository(self.session),
            self.uploads,
            datasets=self.datasets,
            projects=self.projects,
            instruments=self.instruments,
            places=self.house.places,
            audit=self.audit,
            settings=self.house.settings,
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
            on_end=lambda job: self.ended(job.id),
        )

    def ended(self, job_id: str) -> None:
        """Carry on what waits for a job, in the transaction in which it ended: its recipe, and a series that grows."""
        self.engine.after(job_id)
        SeriesRepository(self.session).note_job(job_id)

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
    def forecasts(self) -> ForecastService:
        """Return what tells what a run of a recipe would do."""
        return ForecastService(self.recipes, self.estimates, inputs=self._job_inputs, methods=self.house.methods)

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
        return Inputs(
            dataset=self.datasets.get,
            result=self.results.get,
            dose=self.dose,
            check_place=self.datasets.check_place,
        )

    @cached_property
    def overview(self) -> OverviewService:
        """Return what looks over the rooms."""
        return OverviewService(
            OverviewRepository(self.session),
            alarms=self.alarms,
            budgets=self.budgets,
            instruments=self.instruments,
            queues=self.queues,
            space=self.space,
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
        return InspectionService(
            self.results,
            self.datasets,
            provenance=self.provenance,
            store=self.house.store,
            methods=self.house.methods,
        )

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
    def exchange(self) -> ExchangeService:
        """Return what leaves as crates and comes in with them."""
        rooms = ExchangeRooms(
            samples=self.samples,
            datasets=self.datasets,
            results=self.results,
            projects=self.projects,
            custody=self.custody,
            dose=self.dose,
            jobs=self.jobs,
            recipes=self.recipes,
            limits=self.limits,
            lineage=self.lineage,
            audit=self.audit,
        )
        return ExchangeService(ExchangeRepository(self.session), rooms, self.house.store)

    @cached_property
    def review_links(self) -> ReviewLinkService:
        """Return the links by which reviewers read."""
        return ReviewLinkService(
            ReviewLinkRepository(self.session),
            samples=self.samples,
            results=self.results,
            reports=self.reports,
            lineage=self.lineage,
            provenance=self.provenance,
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

    @cached_property
    def rules(self) -> RuleService:
        """Return the rules of automatic processing."""
        return RuleService(
            RuleRepository(self.session),
            self._judge,
            self._rule_planner,
            authentication=self.authentication,
            projects=self.projects,
            instruments=self.instruments,
            datasets=self.datasets,
            audit=self.audit,
        )

    @cached_property
    def rule_engine(self) -> RuleEngine:
        """Return what acts by the rules."""
        return RuleEngine(
            RuleRepository(self.session),
            self._judge,
            self._rule_planner,
            authentication=self.authentication,
            datasets=self.datasets,
            audit=self.audit,
        )

    @cached_property
    def _judge(self) -> Judge:
        rooms = RuleRooms(self.samples, self.instruments, self.annotations)
        return Judge(rooms, self._rule_planner, starter_of=RuleRepository(self.session).started_by)

    @cached_property
    def _rule_planner(self) -> Planner:
        return Planner(
            methods=self.house.methods,
            recipes=self.recipes,
            jobs=self.jobs,
            estimates=self.estimates,
            forecasts=self.forecasts,
            inputs=self._job_inputs,
            dose=self.dose,
        )

    @cached_property
    def _series_rooms(self) -> SeriesRooms:
        return SeriesRooms(self, self._rule_planner)

    @property
    def series(self) -> SeriesService:
        """Return the series that grow."""
        return self._series_rooms.service

    @property
    def series_views(self) -> SeriesViews:
        """Return what describes series that grow."""
        return self._series_rooms.views

    @property
    def series_engine(self) -> SeriesEngine:
        """Return what looks at series that have grown."""
        return self._series_rooms.engine

    @property
    def series_assembling(self) -> SeriesAssembling:
        """Return what publishes the stacked parts of series."""
        return self._series_rooms.assembling
