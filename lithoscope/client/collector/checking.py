"""What `watch doctor` looks at: settings, folders, journal, service, clock, key."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.paths import long_path
from lithoscope.client.collector.projects import PREFIX, Unowned, codes_in, id_in
from lithoscope.client.collector.settings import Settings
from lithoscope.client.collector.telling import LEAST_FREE_BYTES, SKEW_S, free_bytes
from lithoscope.client.collector.templates import names_in
from lithoscope.client.connection import Connection
from lithoscope.client.problems import ClientError, problem_of

Finding = tuple[str, bool, str]


def checks(settings: Settings, journal: Path, clock: Clock) -> Iterator[Finding]:
    """Yield name, verdict and words of each check; nothing is changed."""
    rules = len(settings.rules)
    yield "settings", rules > 0, f"{rules} rules" if rules else "no rule: every file will be unmatched"
    for folder in settings.folders:
        yield "folder", *_folder(folder.path)
    yield "journal", *_journal(journal)
    try:
        key = settings.find_key()
    except ClientError as error:
        yield "key", False, str(error)
        return
    connection = Connection(settings.address, key, timeout_s=10.0)
    try:
        yield from _service(connection, settings, clock)
    except ClientError as error:
        yield "service", False, str(error)
    finally:
        connection.close()


def _folder(path: Path) -> tuple[bool, str]:
    try:
        with os.scandir(long_path(path)) as entries:
            next(entries, None)
    except OSError as error:
        return False, f"{path} cannot be read ({error.strerror}): is the share there?"
    return True, str(path)


def _journal(path: Path) -> tuple[bool, str]:
    try:
        journal = Journal(path)
    except ClientError as error:
        return False, str(error)
    free = free_bytes(journal)
    journal.close()
    room = "unknown room" if free is None else f"{free // 2**20} MiB free"
    return free is None or free >= LEAST_FREE_BYTES, f"{path}, {room}"


def _service(connection: Connection, settings: Settings, clock: Clock) -> Iterator[Finding]:
    answer = connection.once("GET", "/healthz")
    yield "service", answer.is_success, connection.url if answer.is_success else f"answers {answer.status_code}"
    if date := answer.headers.get("date"):
        now = datetime.fromtimestamp(clock.wall_s(), UTC)
        offset_s = (now - parsedate_to_datetime(date)).total_seconds()
        right = abs(offset_s) <= SKEW_S
        yield (
            "clock",
            right,
            f"{offset_s:+.0f} s against the service" + ("" if right else ": set this PC's clock by NTP"),
        )
    answer = connection.once("GET", "/me")
    if answer.is_error:
        yield "key", False, str(problem_of(answer))
        return
    me = answer.json()
    is_device = me.get("kind") == "device"
    words = (
        f"{me['label']}, of {me.get('instrument_id')}"
        if is_device
        else "a person's token: heartbeats need a device key"
    )
    yield "key", is_device, words
    yield from _projects(settings, codes_in(me))
    codes = connection.once("GET", "/sample-codes", params={"limit": 1})
    found = codes.is_success and bool(codes.json()["items"])
    yield "samples", found, "the key sees samples" if found else "the key sees no sample: rules that name one will hold"


def _projects(settings: Settings, codes: Mapping[str, str]) -> Iterator[Finding]:
    """Yield whether each project that the settings name whole is one the key may send to."""
    named = {rule.project for rule in settings.rules if rule.project and not names_in(rule.project)}
    for said in sorted(named | ({settings.project} if settings.project else set())):
        try:
            found = id_in(said, codes)
        except Unowned as error:
            is_told = bool(codes) or not said.startswith(PREFIX)
            words = str(error) if is_told else f"{said}: the service does not tell whether it is there"
            yield "project", not is_told, words
        else:
            yield "project", True, f"{codes[found]} ({found})"
