"""The rooms, wired to one session: the same objects answer REST, portal and worker."""

from datetime import timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from app.infra.house import House
from app.lab.accounts.authentication import Authentication
from app.lab.accounts.repository import AccountRepository
from app.lab.audit.repository import AuditRepository
from app.lab.audit.service import AuditLog
from app.lab.custody.repository import CustodyRepository
from app.lab.custody.service import CustodyService
from app.lab.dose.repository import ExposureRepository
from app.lab.dose.service import DoseService
from app.lab.lineage.repository import LineageRepository
from app.lab.lineage.service import LineageService
from app.lab.samples.repository import SampleRepository
from app.lab.samples.service import SampleService


class Lab:
    """
    The facility within one transaction.

    Rooms are made when first asked for; a room is given the rooms it needs, never the Lab.
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
    def samples(self) -> SampleService:
        """Return the samples' room."""
        return SampleService(SampleRepository(self.session), self.audit, self.lineage)

    @cached_property
    def lineage(self) -> LineageService:
        """Return the lineage graph."""
        return LineageService(LineageRepository(self.session))

    @cached_property
    def custody(self) -> CustodyService:
        """Return the custody room."""
        return CustodyService(CustodyRepository(self.session), self.samples, lineage=self.lineage, audit=self.audit)

    @cached_property
    def dose(self) -> DoseService:
        """Return the dose room."""
        return DoseService(
            ExposureRepository(self.session), self.samples, self.custody, lineage=self.lineage, audit=self.audit
        )
