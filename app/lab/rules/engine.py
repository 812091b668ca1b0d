"""What lets rules act on a dataset, within one transaction; nobody commits here."""

from datetime import datetime

from sqlalchemy.exc import DBAPIError

from app.errors import LabError, NotFound
from app.infra.clock import now
from app.infra.db.models import Dataset, RuleFiring, RuleVersion
from app.infra.ids import new_id
from app.infra.log import get_logger
from app.lab.access import SYSTEM
from app.lab.accounts.authentication import Authentication
from app.lab.audit.service import AuditLog
from app.lab.datasets.service import DatasetService
from app.lab.rules.judging import Judge, Judgement, Standing, words_of
from app.lab.rules.matching import Comparison
from app.lab.rules.planning import Planner
from app.lab.rules.repository import RuleRepository
from app.lab.rules.versions import said_by

log = get_logger(__name__)


class RuleEngine:
    """Acts by rules: each version on each dataset once ever."""

    def __init__(
        self,
        rules: RuleRepository,
        judge: Judge,
        planner: Planner,
        *,
        authentication: Authentication,
        datasets: DatasetService,
        audit: AuditLog,
    ) -> None:
        self._rules = rules
        self._judge = judge
        self._planner = planner
        self._authentication = authentication
        self._datasets = datasets
        self._audit = audit

    def act_on(self, dataset_id: str) -> int:
        """
        Let every rule look at a dataset that became readable; returns how many started something.

        What they start, what is kept of it and that the dataset waits no longer is one transaction: a process killed
        on the way leaves the dataset waiting, and nothing started.
        """
        candidate = self._rules.take(dataset_id)
        if candidate is None:
            return 0
        started = 0
        try:
            dataset = self._datasets.get(SYSTEM, dataset_id)
        except NotFound:  # deleted meanwhile
            dataset = None
        if dataset is not None and dataset.state == "readable":
            versions = self._rules.in_force(dataset.project_id, candidate.since)
            started = sum(self._act(version, dataset) for version in versions)
        self._rules.drop(candidate)
        return started

    def _act(self, version: RuleVersion, dataset: Dataset) -> bool:
        at = now()
        judgement = self._judged(version, dataset, at)
        if judgement.outcome is None:
            return False
        firing = RuleFiring(
            id=new_id("fir"),
            rule_id=version.rule_id,
            rule_version=version.number,
            project_id=dataset.project_id,
            dataset_id=dataset.id,
            outcome=judgement.outcome,
            matched=judgement.matched,
            reason=judgement.reason,
            at=at,
        )
        if not self._rules.add_once(firing) or judgement.outcome != "started":
            return False
        return self._start(version, dataset, judgement, firing)

    def _judged(self, version: RuleVersion, dataset: Dataset, at: datetime) -> Judgement:
        """Judge; a rule that cannot be judged says so and holds up no other."""
        actor = self._authentication.on_behalf_of(version.made_by)
        try:
            standing = Standing(version.rule_id, said_by(version), actor)
            return self._judge.judge(standing, dataset, self._rules.spent(version.rule_id, at))
        except DBAPIError:
            raise
        except Exception as error:
            log.exception("rule not judged", rule_id=version.rule_id, dataset_id=dataset.id)
            return Judgement(Comparison((), ()), "failed", _unexpected(error))

    def _start(self, version: RuleVersion, dataset: Dataset, judgement: Judgement, firing: RuleFiring) -> bool:
        actor = self._authentication.on_behalf_of(version.made_by)
        request = judgement.request
        if actor is None or request is None:
            raise ValueError("only what was judged to start is started")
        started_by = {
            "rule_id": version.rule_id,
            "rule_version": version.number,
            "rule_name": version.name,
            "dataset_id": dataset.id,
            "matched": judgement.matched,
        }
        try:
            with self._rules.savepoint():
                made = self._planner.start(actor, request, started_by)
        except LabError as refusal:
            self._rules.note(firing, outcome="refused", reason=words_of(refusal))
            return False
        except DBAPIError:
            raise
        except Exception as error:
            log.exception("rule not started", rule_id=version.rule_id, dataset_id=dataset.id)
            self._rules.note(firing, outcome="failed", reason=_unexpected(error))
            return False
        self._rules.note(firing, **made)
        details = {"version": version.number, "dataset_id": dataset.id, **made}
        self._audit.record(actor, "rule.start", version.rule_id, project_id=dataset.project_id, **details)
        return True


def _unexpected(error: Exception) -> str:
    return f"the service could not handle it ({type(error).__name__}): its log says more"
