"""The rooms that need few or none of the others: what `app.lab.composition` builds on."""

from datetime import timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from app.infra.db.models import Dataset
from app.infra.house import House
from app.lab.accounts.authentication import Authentication
from app.lab.accounts.invitations import InvitationService
from app.lab.accounts.keys import KeyService
from app.lab.accounts.repository import AccountRepository
from app.lab.accounts.service import AccountService
from app.lab.alarms.repository import AlarmRepository
from app.lab.alarms.service import AlarmService
from app.lab.attention.service import AttentionService, Rooms
from app.lab.audit.repository import AuditRepository
from app.lab.audit.service import AuditLog
from app.lab.datasets.repository import DatasetRepository
from app.lab.datasets.service import DatasetService
from app.lab.health.report import HealthReport
from app.lab.health.repository import HealthRepository
from app.lab.health.service import HealthService
from app.lab.instruments.calibrating import BeamCalibrationService
from app.lab.instruments.repository import InstrumentRepository
from app.lab.instruments.service import InstrumentService
from app.lab.limits.repository import LimitRepository
from app.lab.limits.service import LimitService
from app.lab.lineage.repository import LineageRepository
from app.lab.lineage.service import LineageService
from app.lab.methods.service import MethodService
from app.lab.projects.repository import ProjectRepository
from app.lab.projects.service import ProjectService
from app.lab.protocols.repository import ProtocolRepository
from app.lab.protocols.service import ProtocolService
from app.lab.queues.repository import QueueRepository
from app.lab.queues.service import QueueService
from app.lab.results.citing import CitationService
from app.lab.results.repository import ResultRepository
from app.lab.results.service import ResultService
from app.lab.retention.repository import RetentionRepository
from app.lab.retention.service import RetentionService
from app.lab.rules.repository import RuleRepository
from app.lab.series.repository import SeriesRepository
from app.lab.space.repository import SpaceRepository
from app.lab.space.service import SpaceService
from app.lab.spectral_lines.service import SpectralLineService
from app.lab.strategies.service import StrategyService


class GroundFloor:
    """
    The rooms every other may stand on, within one transaction.

    Rooms are made when first asked for.
    """

    def __init__(self, house: House, session: Session) -> None:
        self.house = house
        self.session = session

    @cached_property
    def audit(self) -> AuditLog:
        """Return the audit log."""
        return AuditLog(AuditRepository(self.session))

    @cached_property
    def authentication(self) -> Authentication:
        """Return what turns credentials into actors."""
        idle = timedelta(minutes=self.house.settings.login_idle_minutes)
        return Authentication(AccountRepository(self.session), idle=idle)

    @cached_property
    def accounts(self) -> AccountService:
        """Return the accounts' room."""
        return AccountService(AccountRepository(self.session), self.audit)

    @cached_property
    def invitations(self) -> InvitationService:
        """Return the one-time links of people, and their sign-ins."""
        idle = timedelta(minutes=self.house.settings.login_idle_minutes)
        return InvitationService(AccountRepository(self.session), self.accounts, self.audit, idle=idle)

    @cached_property
    def keys(self) -> KeyService:
        """Return everybody's keys."""
        revoke = {"token": self.accounts.revoke_token, "device": self.instruments.revoke}
        return KeyService(AccountRepository(self.session), revoke=revoke)

    @cached_property
    def projects(self) -> ProjectService:
        """Return the projects' room."""
        quota_bytes = self.house.settings.project_quota_bytes
        return ProjectService(ProjectRepository(self.session), self.audit, quota_bytes=quota_bytes)

    @cached_property
    def instruments(self) -> InstrumentService:
        """Return the instruments' room."""
        return InstrumentService(InstrumentRepository(self.session), self.audit)

    @cached_property
    def beam_calibrations(self) -> BeamCalibrationService:
        """Return the readings of beam currents."""
        return BeamCalibrationService(InstrumentRepository(self.session), self.instruments, self.audit)

    @cached_property
    def health(self) -> HealthService:
        """Return what looks after the service itself."""
        return HealthService(self.house, HealthRepository(self.session))

    @cached_property
    def health_report(self) -> HealthReport:
        """Return what looks at every part of the service."""
        return HealthReport(self.house, HealthRepository(self.session))

    @cached_property
    def attention(self) -> AttentionService:
        """Return what gathers what needs attention."""
        rooms = Rooms(
            health=self.health_report,
            queues=self.queues,
            space=self.space,
            instruments=self.instruments,
            keys=self.keys,
            invitations=self.invitations,
            alarms=self.alarms,
            datasets=self.datasets,
        )
        return AttentionService(rooms)

    @cached_property
    def lineage(self) -> LineageService:
        """Return the lineage graph."""
        return LineageService(LineageRepository(self.session))

    @cached_property
    def alarms(self) -> AlarmService:
        """Return the alarms' room."""
        settings = self.house.settings
        return AlarmService(
            AlarmRepository(self.session),
            mail_to=settings.alarm_mail_to if settings.smtp_host else (),
            audit=self.audit,
        )

    @cached_property
    def spectral_lines(self) -> SpectralLineService:
        """Return where elements show in spectra."""
        return SpectralLineService()

    @cached_property
    def queues(self) -> QueueService:
        """Return the queues and their workers."""
        return QueueService(QueueRepository(self.session), self.audit)

    @cached_property
    def space(self) -> SpaceService:
        """Return what looks after bytes."""
        return SpaceService(self.house, SpaceRepository(self.session))

    @cached_property
    def strategies(self) -> StrategyService:
        """Return the strategy adviser."""
        return StrategyService()

    @cached_property
    def methods(self) -> MethodService:
        """Return the methods' room."""
        return MethodService(self.house.methods)

    @cached_property
    def protocols(self) -> ProtocolService:
        """Return the protocols' room."""
        return ProtocolService(ProtocolRepository(self.session), self.audit)

    @cached_property
    def limits(self) -> LimitService:
        """Return the critical doses."""
        return LimitService(LimitRepository(self.session), audit=self.audit)

    @cached_property
    def datasets(self) -> DatasetService:
        """Return the datasets' room."""
        rules, series = RuleRepository(self.session), SeriesRepository(self.session)

        def on_readable(dataset: Dataset) -> None:
            rules.note_readable(dataset)
            series.note_dataset(dataset)

        return DatasetService(
            DatasetRepository(self.session),
            self.audit,
            self.lineage,
            places=self.house.places,
            on_readable=on_readable,
            on_lost=series.note_dataset,
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
