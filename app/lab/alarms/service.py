"""What the facility should be told, and who is told; nobody commits here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Forbidden, Invalid, NotFound
from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import Alarm, AlarmDelivery, Region, Sample, Webhook
from app.infra.ids import new_id
from app.infra.outgoing import BadAddress, check_url
from app.lab.access import Action, Actor, allow, readable_projects, require
from app.lab.alarms.findings import Finding
from app.lab.alarms.keys import budget_key
from app.lab.alarms.pages import page_of
from app.lab.alarms.repository import AlarmRepository
from app.lab.alarms.schemas import DeliveriesOut, NewWebhook
from app.lab.audit.service import AuditLog

OLD_NEWS = timedelta(days=7)


class BadWebhookAddress(Invalid):
    """An address no webhook is sent to."""

    code, title = "bad-webhook-address", "No webhook is sent to this address"


@dataclass(frozen=True, slots=True)
class AlarmEntry:
    """An alarm with how far it got."""

    alarm: Alarm
    deliveries: DeliveriesOut

    @property
    def page(self) -> str | None:
        """Return the page about what it tells of."""
        return page_of(self.alarm)


class AlarmService:
    """
    Raises alarms once and keeps who wants to hear of them.

    Parameters
    ----------
    mail_to : sequence of str
        Addresses that get every alarm.
    """

    def __init__(self, alarms: AlarmRepository, *, mail_to: Sequence[str], audit: AuditLog) -> None:
        self._alarms = alarms
        self._mail_to = mail_to
        self._audit = audit

    def unraised(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return what has not raised an alarm yet, each key once."""
        by_key = {finding.key: finding for finding in findings}
        known = self._alarms.known_keys(by_key)
        return [finding for key, finding in by_key.items() if key not in known]

    def have_clocks_moved(self, seen: dict[str, str], at: datetime) -> bool:
        """Say whether any clock may have passed a moment since ``seen`` was written; brings it up to date."""
        mark = self._alarms.clock_mark(at)
        before, seen["clocks"] = seen.get("clocks"), mark
        return before != mark

    def to_judge(self, seen: dict[str, str]) -> list[tuple[Region, Sample]]:
        """
        Return the watched regions whose budgets may have changed.

        Parameters
        ----------
        seen : dict of str
            What was on record of each project when its budgets were last judged; brought up to date.
        """
        marks = self._alarms.beam_marks()
        changed = {project for project, mark in marks.items() if mark.is_running or seen.get(project) != mark.text}
        seen.update({project: mark.text for project, mark in marks.items()})
        watched = [pair for pair in self._alarms.watched() if pair[1].project_id in changed]
        last = {
            region.id: {budget_key("exceeded", region.id, phase) for phase in region.phases} for region, _ in watched
        }
        known = self._alarms.known_keys(key for keys in last.values() for key in keys)
        return [(region, sample) for region, sample in watched if not last[region.id] <= known]

    def raise_alarm(self, finding: Finding, at: datetime) -> bool:
        """Write an alarm and every message it will be sent by, together; False when its key has raised one before."""
        alarm = Alarm(
            id=new_id("alm"),
            key=finding.key,
            topic=finding.topic,
            project_id=finding.project_id,
            sample_id=finding.sample_id,
            record={"message": finding.message, **finding.record},
            raised_at=at,
        )
        if not self._alarms.add_once(alarm):
            return False
        if at - finding.since <= OLD_NEWS:
            for webhook in self._alarms.listening(finding.project_id, finding.topic):
                self._alarms.add(self._delivery(alarm, at, webhook_id=webhook.id))
            for address in self._mail_to:
                self._alarms.add(self._delivery(alarm, at, address=address))
        return True

    def _delivery(
        self, alarm: Alarm, at: datetime, *, webhook_id: str | None = None, address: str | None = None
    ) -> AlarmDelivery:
        return AlarmDelivery(
            id=new_id("ald"), alarm_id=alarm.id, webhook_id=webhook_id, address=address, attempts=0, next_try_at=at
        )

    def page(
        self,
        actor: Actor,
        *,
        project_id: str | None = None,
        topic: str | None = None,
        is_open: bool | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[AlarmEntry]:
        """Return the alarms the actor may see, newest first."""
        projects = readable_projects(actor, project_id)
        return self._entries(self._alarms.page(projects, topic=topic, is_open=is_open, before=before, limit=limit))

    def count_open(self, actor: Actor, most: int) -> int:
        """Count the alarms the actor may see that nobody has acknowledged, up to so many."""
        return self._alarms.count_open(readable_projects(actor), most)

    def acknowledge(self, actor: Actor, alarm_id: str) -> AlarmEntry:
        """Note that somebody has seen an alarm; who was first stays."""
        if actor.kind == "device":
            raise Forbidden("An alarm is acknowledged by a person who has seen it: sign in.")
        alarm = self._alarms.get(alarm_id)
        if alarm is None:
            raise NotFound
        require(actor, Action.RECORD, alarm.project_id)
        if alarm.acknowledged_at is None:
            self._alarms.acknowledge(alarm, actor.id, now())
            self._audit.record(actor, "alarm.acknowledge", alarm.id, project_id=alarm.project_id)
        return self._entries([alarm])[0]

    def _entries(self, alarms: list[Alarm]) -> list[AlarmEntry]:
        counts = self._alarms.delivery_counts([alarm.id for alarm in alarms]) if alarms else {}
        return [AlarmEntry(alarm, _deliveries(counts.get(alarm.id, (0, 0, 0)))) for alarm in alarms]

    def add_webhook(self, actor: Actor, new: NewWebhook) -> Webhook:
        """Keep an address that wants to hear of alarms: of a project by its stewards, of all by managers."""
        self._require(actor, new.project_id)
        try:
            check_url(new.url)
        except BadAddress as error:
            raise BadWebhookAddress.field("/body/url", str(error)) from error
        webhook = Webhook(
            id=new_id("whk"),
            project_id=new.project_id,
            url=new.url,
            secret=tokens.new_secret(),
            topics=list(dict.fromkeys(new.topics)),
            created_by=actor.id,
            created_at=now(),
        )
        self._alarms.add(webhook)
        self._audit.record(actor, "webhook.add", webhook.id, project_id=webhook.project_id, topics=webhook.topics)
        return webhook

    def _require(self, actor: Actor, project_id: str | None) -> None:
        require(actor, Action.MANAGE if project_id is None else Action.STEWARD, project_id)

    def webhooks(
        self, actor: Actor, *, project_id: str | None = None, before: str | None = None, limit: int = 50
    ) -> list[Webhook]:
        """Return live webhooks, newest first: a steward sees those of the projects, a manager all."""
        if project_id is not None:
            require(actor, Action.STEWARD, project_id)
            return self._alarms.webhooks(frozenset({project_id}), before, limit)
        projects = readable_projects(actor)
        if projects is not None:
            projects = frozenset(each for each in projects if allow(actor, Action.STEWARD, each))
        return self._alarms.webhooks(projects, before, limit)

    def last_news(self, webhooks: list[Webhook]) -> dict[str, tuple[datetime | None, str | None]]:
        """Return when each webhook last took a message, and what went wrong with one it has not taken."""
        return self._alarms.last_news([webhook.id for webhook in webhooks])

    def retire_webhook(self, actor: Actor, webhook_id: str) -> None:
        """Stop sending to a webhook; what still waits for it is dropped."""
        webhook = self._alarms.webhook(webhook_id)
        if webhook is None:
            raise NotFound
        self._require(actor, webhook.project_id)
        if webhook.retired_at is None:
            webhook.retired_at = now()
            self._audit.record(actor, "webhook.retire", webhook.id, project_id=webhook.project_id)


def _deliveries(counts: tuple[int, int, int]) -> DeliveriesOut:
    delivered, waiting, given_up = counts
    return DeliveriesOut(delivered=delivered, waiting=waiting, given_up=given_up)
