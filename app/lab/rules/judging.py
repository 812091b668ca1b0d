"""What a rule does about a dataset, and why: the same for the sweeper and for a dry run."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.errors import LabError, NotFound
from app.infra.db.models import Dataset
from app.lab.access import SYSTEM, Action, Actor, allow
from app.lab.annotations.service import AnnotationService
from app.lab.instruments.service import InstrumentService
from app.lab.rules.matching import Comparison, Subject, compare, result_in
from app.lab.rules.planning import Planner, Request
from app.lab.rules.repository import Spent
from app.lab.rules.schemas import Outcome, RuleLimits, RuleSaid, Trigger
from app.lab.samples.service import SampleService


@dataclass(frozen=True)
class Standing:
    """
    A version of a rule about to act.

    Parameters
    ----------
    rule_id : str or None
        None for one that is only tried.
    said : RuleSaid
        What it says.
    actor : Actor or None
        For whom it acts; None when their account is closed.
    """

    rule_id: str | None
    said: RuleSaid
    actor: Actor | None


@dataclass(frozen=True)
class Judgement:
    """
    What is to be done.

    Parameters
    ----------
    comparison : Comparison
        Which conditions hold.
    outcome : Outcome or None
        ``started`` is to be started; None when the dataset does not match.
    reason : str
        Why it is not started.
    request : NewJob or NewRun, optional
        What would be started.
    """

    comparison: Comparison
    outcome: Outcome | None = None
    reason: str = ""
    request: Request | None = None

    @property
    def matched(self) -> str:
        """Say which conditions hold."""
        return ", ".join(self.comparison.holds)


@dataclass(frozen=True)
class Rooms:
    """The rooms that know what rules ask about."""

    samples: SampleService
    instruments: InstrumentService
    annotations: AnnotationService


class Judge:
    """Holds datasets against rules; it changes nothing."""

    def __init__(self, rooms: Rooms, planner: Planner, *, starter_of: Callable[[str], str | None]) -> None:
        self._rooms = rooms
        self._planner = planner
        self._starter_of = starter_of

    def judge(self, standing: Standing, dataset: Dataset, spent: Spent) -> Judgement:
        """Say what a rule does about a readable dataset."""
        comparison = compare(standing.said.trigger, self._subject(standing.said.trigger, dataset))
        if not comparison.is_match:
            return Judgement(comparison)
        found = Judgement(comparison, "skipped")
        reason = effect_lost(standing.actor, dataset.project_id) or self._loop(standing, dataset)
        reason = reason or over(standing.said.limits, spent)
        if reason or standing.actor is None:
            return replace(found, reason=reason)
        try:
            return self._planned(found, standing.said, standing.actor, dataset)
        except LabError as refusal:
            return replace(found, outcome="refused", reason=words_of(refusal))

    def _planned(self, found: Judgement, said: RuleSaid, actor: Actor, dataset: Dataset) -> Judgement:
        request = self._planner.request(said.action, dataset)
        self._planner.foresee(actor, request)
        found = replace(found, request=request)
        if job_id := self._planner.done_before(actor, request):
            return replace(found, reason=f"done before: {job_id} did the same with the same inputs and parameters")
        if reason := self._too_long(said.limits, actor, request):
            return replace(found, reason=reason)
        return replace(found, outcome="started")

    def _too_long(self, limits: RuleLimits, actor: Actor, request: Request) -> str:
        if limits.estimate_at_most_s is None:
            return ""
        seconds = self._planner.seconds(actor, request)
        if seconds is None:
            return "nothing is known of how long it would take: no past run tells"
        if seconds > limits.estimate_at_most_s:
            return f"it would take about {seconds:.0f} s, the rule allows {limits.estimate_at_most_s:g} s"
        return ""

    def _loop(self, standing: Standing, dataset: Dataset) -> str:
        """Keep a rule from working on what the service wrote, and always on what came of the rule itself."""
        series = dataset.attributes.get("series")
        if standing.rule_id is not None and isinstance(series, dict) and series.get("rule_id") == standing.rule_id:
            return "the series it was sealed from runs what this rule says"
        source = result_in(dataset)
        if not source:
            return ""
        if not standing.said.trigger.includes_results:
            return f"the file is that of {source}: results are left alone unless the rule includes them"
        if standing.rule_id is not None and self._starter_of(source) == standing.rule_id:
            return f"the file is that of {source}, which this rule started: it would go round for ever"
        return ""

    def _subject(self, trigger: Trigger, dataset: Dataset) -> Subject:
        technique = material = None
        tags: frozenset[str] = frozenset()
        if trigger.techniques and dataset.instrument_id is not None:
            technique = self._rooms.instruments.get(SYSTEM, dataset.instrument_id).technique
        if trigger.materials and dataset.sample_id is not None:
            material = self._rooms.samples.get(SYSTEM, dataset.sample_id).material
        if trigger.tags:
            about = [each for each in (dataset.sample_id, dataset.id) if each is not None]
            found = self._rooms.annotations.tags_of(about)
            tags = frozenset(tag.lower() for each in found.values() for tag in each)
        return Subject(dataset, technique, material, tags)


def effect_lost(actor: Actor | None, project_id: str) -> str:
    """Say why a rule has no effect: it acts for somebody who may no longer start jobs; empty while they may."""
    if actor is None:
        return "the rule acts for somebody whose account is closed: whoever may start jobs here can take it over"
    if not allow(actor, Action.RUN, project_id):
        return f"the rule acts for {actor.label}, who may no longer start jobs in this project"
    return ""


def over(limits: RuleLimits, spent: Spent) -> str:
    """Name the first limit that is used up."""
    used: list[tuple[float, float | None, str]] = [
        (spent.in_hour, limits.per_hour, "starts in an hour"),
        (spent.in_day, limits.per_day, "starts in a day"),
        (spent.waiting, limits.waiting, "jobs that wait"),
        (spent.compute_h, limits.compute_h_per_day, "hours of computing in a day"),
    ]
    for present, most, what in used:
        if most is not None and present >= most:
            return f"limit reached: {present:.3g} of {most:g} {what}"
    return ""


def words_of(refusal: LabError) -> str:
    """Say a refusal in one line."""
    details = [error["detail"] for error in refusal.errors]
    return " ".join(details) or (refusal.detail if not isinstance(refusal, NotFound) else "something it needs is gone")
