"""Reports of what was done to samples, and their publication; nobody commits here."""

import hashlib
import json
from datetime import datetime
from typing import Any

from app.errors import Conflict, NotFound
from app.infra.clock import now
from app.infra.db.models import Publication
from app.infra.ids import new_id
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.dose.service import DoseService, RecordedExposure
from app.lab.reports.gathering import Gathering
from app.lab.reports.repository import ReportRepository
from app.lab.reports.schemas import REPORT
from app.lab.samples.service import SampleService
from lithoscope.rules.legs import Leg
from lithoscope.rules.report import Report
from lithoscope.rules.reporting import DoseReporting, dose_reporting


class ReportIncomplete(Conflict):
    """The checklist of the report names what nobody recorded; `missing` lists it."""

    code, title = "report-incomplete", "The report is incomplete"


class ReportService:
    """Gathers reports, freezes complete ones as publications, and counts how many datasets report their dose."""

    def __init__(
        self,
        reports: ReportRepository,
        gathering: Gathering,
        *,
        samples: SampleService,
        dose: DoseService,
        audit: AuditLog,
    ) -> None:
        self._reports = reports
        self._gathering = gathering
        self._samples = samples
        self._dose = dose
        self._audit = audit

    def of(self, actor: Actor, target_id: str, at: datetime | None = None) -> Report:
        """
        Return the report of a sample, dataset or result.

        Parameters
        ----------
        actor : Actor
            Who asks.
        target_id : str
            What it is about.
        at : datetime, optional
            For samples: until when history counts (now when left out). Data and results have a moment of their own.
        """
        return self._gathering.report(actor, target_id, at)

    def publish(self, actor: Actor, target_id: str) -> Publication:
        """Freeze a report that lacks nothing; an incomplete one is refused with the list of what is missing."""
        report = self.of(actor, target_id)
        project_id = self._samples.project_of(report.sample.id)
        require(actor, Action.RUN, project_id)
        if report.missing:
            missing = [
                {"item": each.item, "record_id": each.record_id, "field": each.field, "detail": each.detail}
                for each in report.missing
            ]
            raise ReportIncomplete(
                f"The report lacks {len(missing)} statements that others need to judge it: record them, then publish.",
                missing=missing,
            )
        frozen = to_json(report)
        publication = Publication(
            id=new_id("pub"),
            target_id=target_id,
            project_id=project_id,
            report=frozen,
            digest=digest_of(report),
            published_by=actor.id,
            published_at=now(),
        )
        self._reports.add(publication)
        said = {"target_id": target_id, "digest": publication.digest}
        self._audit.record(actor, "report.publish", publication.id, project_id=project_id, **said)
        return publication

    def get(self, actor: Actor, publication_id: str) -> Publication:
        """Return a publication."""
        publication = self._reports.get(publication_id)
        if publication is None:
            raise NotFound
        require(actor, Action.READ, publication.project_id)
        return publication

    def published(self, actor: Actor, publication_id: str) -> Report:
        """Return the report of a publication as it stood."""
        return from_json(self.get(actor, publication_id).report)

    def page(
        self,
        actor: Actor,
        *,
        project_id: str | None = None,
        target_id: str | None = None,
        before: str | None,
        limit: int,
    ) -> list[Publication]:
        """Return the publications the actor may see, newest first."""
        return self._reports.page(readable_projects(actor, project_id), target_id, before, limit)

    def statistics(self, actor: Actor, project_id: str | None = None) -> DoseReporting:
        """Count the datasets of a project, or of all the actor may see, that report their dose."""
        projects = readable_projects(actor, project_id)
        legs: dict[str, list[Leg]] = {dataset_id: [] for dataset_id in self._reports.dataset_ids(projects)}
        for exposures in self._reports.exposures(projects):
            entries = [RecordedExposure(exposure, None, None) for exposure in exposures]
            for account in self._dose.account_for(entries):
                legs[account.exposure.dataset_id or ""].append(account.leg)
        return dose_reporting(legs.values())


def to_json(report: Report) -> dict[str, Any]:
    """Write a report with plain JSON types."""
    written: dict[str, Any] = REPORT.dump_python(report, mode="json")
    return written


def from_json(record: dict[str, Any]) -> Report:
    """Read back what `to_json` wrote."""
    return REPORT.validate_python(record)


def digest_of(report: Report) -> str:
    """Return the SHA-256 of a report's canonical JSON: sorted names, no spaces, UTF-8."""
    text = json.dumps(to_json(report), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
