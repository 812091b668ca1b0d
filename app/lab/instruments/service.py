"""What the facility does with instruments and their PCs; nobody commits here."""

from datetime import datetime, timedelta

from app.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion, Unauthenticated
from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import AccessKey, Instrument, OneTimeCode
from app.infra.ids import new_id
from app.lab.access import DEVICE_ACTIONS, SYSTEM, Action, Actor, require
from app.lab.audit.service import AuditLog
from app.lab.instruments.repository import ENROLMENT, InstrumentRepository
from app.lab.instruments.schemas import (
    CollectorOut,
    Heartbeat,
    HeartbeatOut,
    InstrumentChange,
    NewEnrolment,
    NewInstrument,
)

CODE_LIFE = timedelta(minutes=10)
KEY_LIFE = timedelta(days=365)
LIVE_KEYS = 2
CLOCK_SKEW_S = 120.0
OFFSETS_AGREE_S = 1.0
QUIET = timedelta(minutes=10)  # a PC reports every minute


class InstrumentCodeTaken(Conflict):
    """Codes are unique in the facility."""

    code, title = "instrument-code-taken", "The instrument code is taken"


class TooManyKeys(Conflict):
    """Two keys suffice for rotation."""

    code, title = "too-many-device-keys", "The instrument has two live keys"


class BadEnrolmentCode(Unauthenticated):
    """A code that is wrong, used or older than ten minutes."""

    code, title = "bad-enrolment-code", "The enrolment code does not work"

    def __init__(self) -> None:
        super().__init__("The code is wrong, was used before or is older than ten minutes: ask for a fresh one.")


class InstrumentService:
    """Registers instruments, enrols their PCs, hears their heartbeats."""

    def __init__(self, instruments: InstrumentRepository, audit: AuditLog) -> None:
        self._instruments = instruments
        self._audit = audit

    def get(self, actor: Actor, instrument_id: str) -> Instrument:
        """Return an instrument; people see all, a device its own."""
        instrument = self._instruments.get(instrument_id)
        if instrument is None or (actor.kind == "device" and actor.instrument_id != instrument.id):
            raise NotFound
        return instrument

    def page(self, actor: Actor, before: str | None, limit: int) -> list[Instrument]:
        """Return the facility's instruments, newest first; for people."""
        if actor.kind == "device":
            raise Forbidden("A device key does not list instruments: it knows its own by GET /me.")
        return self._instruments.page(before, limit)

    def create(self, actor: Actor, new: NewInstrument) -> Instrument:
        """Register an instrument; for managers and administrators."""
        require(actor, Action.MANAGE)
        if self._instruments.by_code(new.code) is not None:
            raise InstrumentCodeTaken("Another instrument has this code: choose another.")
        instrument = Instrument(**new.model_dump(), id=new_id("ins"), created_at=now())
        self._instruments.add(instrument)
        self._audit.record(actor, "instrument.create", instrument.id, code=instrument.code)
        return instrument

    def change(self, actor: Actor, instrument_id: str, version: int, change: InstrumentChange) -> Instrument:
        """Change an instrument's description."""
        require(actor, Action.MANAGE)
        instrument = self.get(actor, instrument_id)
        if instrument.version != version:
            raise StaleVersion
        fields = change.model_dump(exclude_unset=True)
        if fields.get("name", "") is None:
            raise Invalid.field("/body/name", "An instrument keeps a name: leave the field out to keep it.")
        before = {name: getattr(instrument, name) for name in fields}
        for name, value in fields.items():
            setattr(instrument, name, value)
        self._instruments.change(instrument)
        self._audit.record(actor, "instrument.change", instrument.id, before=before, after=fields)
        return instrument

    def enrol(self, actor: Actor, instrument_id: str, new: NewEnrolment) -> tuple[OneTimeCode, str]:
        """Make a one-time code for one PC; returns its row and the text that is shown once."""
        require(actor, Action.MANAGE)
        instrument = self.get(actor, instrument_id)
        projects = None if new.project_ids is None else sorted(set(new.project_ids))
        if projects is not None and self._instruments.known_projects(projects) != len(projects):
            raise Invalid.field("/body/project_ids", "One of these projects does not exist.")
        code = tokens.new_secret()
        row = OneTimeCode(
            id=new_id("otc"),
            purpose=ENROLMENT,
            code_digest=tokens.digest(code),
            payload={"instrument_id": instrument.id, "project_ids": projects},
            created_by=actor.id,
            expires_at=now() + CODE_LIFE,
        )
        self._instruments.add(row)
        self._audit.record(actor, "device.enrol", instrument.id, code_id=row.id, project_ids=projects)
        return row, code

    def redeem(self, code: str, name: str) -> tuple[AccessKey, str]:
        """Turn a code into a device key; returns its row and the text that is shown once."""
        row = self._instruments.code(tokens.digest(code))
        if row is None or row.used_at is not None or row.expires_at <= now() or not self._spend(row):
            raise BadEnrolmentCode
        instrument_id: str = row.payload["instrument_id"]
        self._instruments.lock(instrument_id)
        if self._instruments.live_keys(instrument_id, now()) >= LIVE_KEYS:
            raise TooManyKeys("Revoke one of the instrument's two device keys, then enrol again.")
        secret = tokens.new_secret()
        key = AccessKey(
            id=new_id("key"),
            kind="device",
            name=name,
            secret_digest=tokens.digest(secret),
            instrument_id=instrument_id,
            scopes=sorted(action.value for action in DEVICE_ACTIONS),
            project_ids=row.payload["project_ids"],
            created_at=now(),
            expires_at=now() + KEY_LIFE,
        )
        self._instruments.add(key)
        self._audit.record(SYSTEM, "device.key", key.id, instrument_id=instrument_id, code_id=row.id)
        return key, tokens.key_text(key.id, secret)

    def _spend(self, row: OneTimeCode) -> bool:
        return self._instruments.use_code(row, now())

    def keys(self, actor: Actor, instrument_id: str) -> list[AccessKey]:
        """Return an instrument's device keys, newest first."""
        require(actor, Action.MANAGE)
        return self._instruments.keys_of(self.get(actor, instrument_id).id)

    def is_retired(self, instrument_id: str) -> bool:
        """Say whether an instrument is gone, or its PCs had keys of which none works any more."""
        had = bool(self._instruments.keys_of(instrument_id))
        is_gone = self._instruments.get(instrument_id) is None
        return is_gone or (had and not self._instruments.live_keys(instrument_id, now()))

    def revoke(self, actor: Actor, key_id: str) -> None:
        """Revoke a device key; it stops working at once."""
        require(actor, Action.MANAGE)
        key = self._instruments.key(key_id)
        if key is None or key.kind != "device":
            raise NotFound
        if key.revoked_at is None:
            key.revoked_at = now()
            self._audit.record(actor, "device.revoke", key.id, instrument_id=key.instrument_id)

    def heartbeat(self, actor: Actor, beat: Heartbeat) -> HeartbeatOut:
        """Note a PC's sign of life and how far its clock is ahead."""
        if actor.instrument_id is None:
            raise Forbidden("Heartbeats are sent by an instrument's PC with its device key.")
        received_at = now()
        offset_s = _offset_s(beat, received_at)
        report = None
        if beat.collector is not None:
            told = {"software": beat.software, "received_at": received_at.isoformat()}
            report = told | beat.collector.model_dump(mode="json")
        self._instruments.note_heartbeat(actor.instrument_id, received_at, offset_s, report)
        warnings = [] if abs(offset_s) <= CLOCK_SKEW_S else ["clock-skew"]
        return HeartbeatOut(received_at=received_at, clock_offset_s=offset_s, warnings=warnings)


def is_silent(instrument: Instrument) -> bool:
    """Say whether an instrument's PC was heard once and is heard no more."""
    heard = instrument.last_heartbeat_at
    return heard is not None and now() - heard > QUIET


def collector_of(instrument: Instrument) -> CollectorOut | None:
    """Return what the collector of an instrument's PC last said; None when none ever reported."""
    return None if instrument.collector is None else CollectorOut.model_validate(instrument.collector)


def _offset_s(beat: Heartbeat, received_at: datetime) -> float:
    """Return how far the PC is ahead: as it measured by a round trip, unless its clock has jumped since."""
    one_way_s = (beat.sent_at - received_at).total_seconds()
    if beat.clock_offset_s is None or beat.round_trip_s is None:
        return one_way_s
    agrees = abs(beat.clock_offset_s - one_way_s) <= beat.round_trip_s + OFFSETS_AGREE_S
    return beat.clock_offset_s if agrees else one_way_s
