"""Judges samples, datasets and results by protocols; nobody commits here."""

from dataclasses import replace
from datetime import datetime

from app.errors import NotFound
from app.infra.clock import now
from app.infra.db.models import Evaluation as Row
from app.infra.ids import new_id
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.dose.service import DoseService
from app.lab.evaluations.repository import EvaluationRepository
from app.lab.evaluations.schemas import NewEvaluation
from app.lab.evaluations.targets import Target, Targets
from app.lab.protocols.service import HeldProtocol, ProtocolService
from lithoscope.rules.compliance import evaluate
from lithoscope.rules.shelf_life import Specimen
from lithoscope.rules.verdicts import Evaluation


class EvaluationService:
    """
    Judges by protocols and keeps the verdicts.

    A kept evaluation holds the whole document it was judged by: it is never computed again, whatever becomes of the
    protocol or the record.
    """

    def __init__(
        self,
        evaluations: EvaluationRepository,
        targets: Targets,
        *,
        dose: DoseService,
        protocols: ProtocolService,
        audit: AuditLog,
    ) -> None:
        self._evaluations = evaluations
        self._targets = targets
        self._dose = dose
        self._protocols = protocols
        self._audit = audit

    def create(self, actor: Actor, new: NewEvaluation) -> Row:
        """Judge something by a protocol and keep the verdict."""
        target = self._targets.find(actor, new.target_id)
        require(actor, Action.RECORD, target.sample.project_id)
        held = self._protocols.get(new.protocol_id, new.protocol_version)
        verdict = self._judge(actor, target, [held], purpose=new.purpose, technique=new.technique)[0]
        row = Row(
            id=new_id("evl"),
            target_id=target.id,
            sample_id=target.sample.id,
            project_id=target.sample.project_id,
            protocol_id=held.protocol.id,
            protocol_number=held.protocol.version,
            protocol_digest=held.protocol.digest,
            verdict=verdict.verdict,
            record={**verdict.to_json(), "protocol": dict(held.document)},
            evaluated_by=actor.id,
            evaluated_at=now(),
        )
        self._evaluations.add(row)
        said = {"target_id": row.target_id, "protocol_id": row.protocol_id, "verdict": row.verdict}
        self._audit.record(actor, "evaluation.create", row.id, project_id=row.project_id, **said)
        return row

    def get(self, actor: Actor, evaluation_id: str) -> Row:
        """Return a kept evaluation."""
        row = self._evaluations.get(evaluation_id)
        if row is None:
            raise NotFound
        require(actor, Action.READ, row.project_id)
        return row

    def page(self, actor: Actor, *, target_id: str | None = None, before: str | None = None, limit: int) -> list[Row]:
        """Return the kept evaluations the actor may see, newest first."""
        return self._evaluations.page(readable_projects(actor), target_id, before, limit)

    def preview(
        self, actor: Actor, target_id: str, *, purpose: str | None = None, at: datetime | None = None
    ) -> list[Evaluation]:
        """
        Judge something by every protocol in force that speaks of its material, and of the purpose if one is named.

        Nothing is kept. The moment is for samples; datasets and results have one of their own.
        """
        target = self._targets.find(actor, target_id, at=at)
        speaking = self._protocols.speaking_of(target.sample.material, purpose)
        return self._judge(actor, target, speaking, purpose=purpose)

    def judge(
        self, actor: Actor, target_id: str, protocol_id: str, *, purpose: str | None = None, at: datetime | None = None
    ) -> Evaluation:
        """Judge something by the version of one protocol that is in force; nothing is kept."""
        target = self._targets.find(actor, target_id, at=at)
        return self._judge(actor, target, [self._protocols.get(protocol_id)], purpose=purpose)[0]

    def _judge(
        self,
        actor: Actor,
        target: Target,
        protocols: list[HeldProtocol],
        *,
        purpose: str | None = None,
        technique: str | None = None,
    ) -> list[Evaluation]:
        sample, at = target.sample, target.at
        ledger = self._dose.ledger(actor, sample.id, at=at)
        specimen = Specimen(sample.material, sample.electrolyte, sample.prepared_at, sample.capacity_mAh_per_cm2)
        verdicts = (
            evaluate(
                held.protocol,
                specimen=specimen,
                history=ledger.history,
                legs=ledger.legs,
                coverage=ledger.coverage,
                at=at,
                purpose=purpose,
                technique=technique,
                judged=target.judged,
            )
            for held in protocols
        )
        return [replace(verdict, note=target.note) if target.note else verdict for verdict in verdicts]
