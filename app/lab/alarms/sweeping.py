"""Raising and sending alarms at intervals, by any process: the worker's sweeper calls `AlarmSweeper.sweep`."""

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.infra.clock import now
from app.infra.db.models import Alarm, AlarmDelivery
from app.infra.house import House
from app.infra.log import get_logger
from app.infra.outgoing import BadAddress, MailServer, NotTaken, Posting, send_mail, send_webhook
from app.lab.alarms.pages import page_of
from app.lab.alarms.repository import AlarmRepository
from app.lab.alarms.sources import budget_findings, clock_findings, rule_findings, series_findings
from app.lab.composition import Lab

BATCH = 200
RAISED_TOGETHER = 50
TRY_S = 60.0  # longer than a try takes: a sweeper that dies leaves its delivery to the next after this long
FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 3600.0
MOST_TRIES = 31  # doubling waits up to an hour make this a day

log = get_logger(__name__)


class AlarmSweeper:
    """Looks for alarms at its first call and then every ``alarm_s``; sends at every call what waits."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._next_s = 0.0
        self._seen: dict[str, str] = {}

    def sweep(self) -> None:
        """Raise when it is time, then send."""
        if time.monotonic() >= self._next_s:
            raise_alarms(self._house, self._seen)
            self._next_s = time.monotonic() + self._house.settings.alarm_s
        send_alarms(self._house)


def raise_alarms(house: House, seen: dict[str, str]) -> int:
    """
    Raise what has not been raised, each alarm together with its messages.

    Parameters
    ----------
    house : House
    seen : dict of str
        Kept from call to call: clocks are gone through when one has moved, budgets are judged again where something
        about beams was recorded since.

    Returns
    -------
    raised : int
    """
    at, judged = now(), dict(seen)
    with house.database.reading() as session:
        lab = Lab(house, session)
        found = list(clock_findings(lab.clocks, at)) if lab.alarms.have_clocks_moved(judged, at) else []
        found += budget_findings(lab.budgets, lab.alarms.to_judge(judged), at)
        found += [*rule_findings(lab.rules, at), *series_findings(lab.series)]
        findings = lab.alarms.unraised(found)
    raised = 0
    for start in range(0, len(findings), RAISED_TOGETHER):
        with house.database.writing() as session:
            alarms = Lab(house, session).alarms
            raised += sum(alarms.raise_alarm(each, at) for each in findings[start : start + RAISED_TOGETHER])
    seen.update(judged)  # only now: what could not be raised is judged again
    return raised


@dataclass(frozen=True, slots=True)
class _Message:
    """A delivery with all that sending it needs, read before anything goes out."""

    delivery: AlarmDelivery
    alarm: Alarm
    url: str | None
    secret: str
    is_dropped: bool


def send_alarms(house: House) -> int:
    """
    Try every message whose time has come; several sweepers share them.

    A message is claimed in a transaction of its own before it goes out, so one that was sent by a process that died
    before it could say so is sent once more, under the same id.

    Returns
    -------
    sent : int
        Messages that were taken.
    """
    with house.database.reading() as session:
        messages = [_message(AlarmRepository(session), row) for row in AlarmRepository(session).due(now(), BATCH)]
    silent: set[str] = set()
    sent = 0
    for message in messages:
        receiver = message.delivery.webhook_id or "mail"
        if receiver not in silent:
            taken = _try(house, message)
            sent += taken
            if not taken and not message.is_dropped:
                silent.add(receiver)  # its other messages wait for the next sweep and hold up nobody's
    return sent


def _message(alarms: AlarmRepository, delivery: AlarmDelivery) -> _Message:
    alarm = alarms.get(delivery.alarm_id)
    webhook = None if delivery.webhook_id is None else alarms.webhook(delivery.webhook_id)
    if alarm is None:
        raise LookupError(delivery.alarm_id)  # a foreign key forbids it
    return _Message(
        delivery=delivery,
        alarm=alarm,
        url=None if webhook is None else webhook.url,
        secret="" if webhook is None else webhook.secret,
        is_dropped=webhook is not None and webhook.retired_at is not None,
    )


def _try(house: House, message: _Message) -> bool:
    delivery = message.delivery
    with house.database.writing() as session:
        until = now() + timedelta(seconds=TRY_S)
        if not AlarmRepository(session).claim(delivery.id, delivery.attempts, until):
            return False
    error, is_final = _error_of(house, message)
    if error is not None:
        log.warning("alarm not delivered", delivery_id=delivery.id, cause=error, attempts=delivery.attempts + 1)
    tries = delivery.attempts + 1
    wait = timedelta(seconds=min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(tries - 1, 20)))
    over = error is None or is_final or tries >= MOST_TRIES
    with house.database.writing() as session:
        AlarmRepository(session).note(
            delivery.id,
            delivered_at=now() if error is None else None,
            next_try_at=None if over else now() + wait,
            error=error,
        )
    return error is None


def _error_of(house: House, message: _Message) -> tuple[str | None, bool]:
    """Send one message; return what went wrong, and whether another try is useless."""
    if message.is_dropped:
        return "the webhook was removed", True
    try:
        if message.url is not None:
            send_webhook(Posting(message.delivery.id, message.url, message.secret, _body(house, message.alarm)))
        else:
            _mail(house, message)
    except NotTaken as error:
        return str(error), False
    except BadAddress as error:
        return str(error), True
    return None, True


def _mail(house: House, message: _Message) -> None:
    settings = house.settings
    if not settings.smtp_host:
        raise NotTaken("no mail server is named in the settings")
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_from,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.smtp_starttls,
    )
    content = _content(house, message.alarm)
    lines = [content["message"], "", *(f"{name}: {content[name]}" for name in ("raised_at", "link"))]
    reason = message.alarm.record.get("reason")
    text = "\n".join([*lines, *(["", str(reason)] if reason else [])])
    send_mail(
        server,
        message_id=message.delivery.id,
        to=message.delivery.address or "",
        subject=f"[Lithoscope] {content['message']}",
        text=text,
    )


def _content(house: House, alarm: Alarm) -> dict[str, Any]:
    root = house.settings.public_url.rstrip("/")
    return {
        "id": alarm.id,
        "topic": alarm.topic,
        "project_id": alarm.project_id,
        "sample_id": alarm.sample_id,
        "raised_at": alarm.raised_at.isoformat(),
        "link": root + (page_of(alarm) or ""),
        **alarm.record,
    }


def _body(house: House, alarm: Alarm) -> bytes:
    return json.dumps(_content(house, alarm), sort_keys=True, ensure_ascii=False).encode()
