"""What instruments, enrolments and device keys look like from outside."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from app.lab.schemas import Body, Flag, Instant, LongText, Name, ObjectId, Out, Real, Stamped, Whole

Technique = Literal["stem", "tem", "sem", "fib_sem", "eels", "eds", "xray", "atom_probe", "diffraction", "other"]
Current = Annotated[Real, Field(ge=1e-9, le=1e9)]
ProjectIds = Annotated[
    list[ObjectId] | None, Field(min_length=1, max_length=200, description="Left out: every project of the facility")
]


class NewInstrument(Body):
    """An instrument to register."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,38}$", description="Short code, unique in the facility")]
    name: Name
    technique: Technique
    vendor: Name | None = None
    model: Name | None = None
    location: Name | None = None


class InstrumentChange(Body):
    """What may be changed; a field left out stays."""

    name: Name | None = None
    vendor: Name | None = None
    model: Name | None = None
    location: Name | None = None


class InstrumentOut(Stamped):
    """An instrument; its PC's clock offset [s] is positive when the PC runs ahead of the service."""

    code: str
    name: str
    technique: str
    vendor: str | None
    model: str | None
    location: str | None
    last_heartbeat_at: datetime | None
    clock_offset_s: float | None
    collector: "CollectorOut | None"
    version: int


class NewEnrolment(Body):
    """Leave to enrol one PC of the instrument."""

    project_ids: ProjectIds = None


class EnrolmentOut(Out):
    """A one-time code; it is shown this once and works for ten minutes."""

    code: str
    instrument_id: str
    expires_at: datetime


class Redemption(Body):
    """A PC that enrols itself with a code."""

    code: Annotated[SecretStr, Field(max_length=200)]
    name: Annotated[Name, Field(description="Name of the PC")]


class DeviceKeyOut(Stamped):
    """A device key without its secret."""

    name: str
    instrument_id: str
    scopes: list[str]
    project_ids: list[str] | None
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class DeviceKeyMade(DeviceKeyOut):
    """A device key just made; ``key`` is shown this once."""

    key: str


Count = Annotated[Whole, Field(ge=0)]


class CollectorProblem(Body):
    """What a collector cannot do, told once for all files it happens to."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$", description="Stable word")]
    count: Annotated[Whole, Field(ge=1)] = 1
    words: Annotated[LongText, Field(max_length=1000, description="What is wrong and what to do")]
    example: Annotated[LongText | None, Field(max_length=1000, description="One of the files")] = None
    since: Annotated[Instant | None, Field(description="Since when, by the PC's clock")] = None


class CollectorQueue(Body):
    """Datasets at the PC by what becomes of them."""

    growing: Count = 0
    waiting: Count = 0
    sending: Count = 0
    held: Count = 0
    failed: Count = 0
    unmatched: Count = 0
    sent: Count = 0
    events: Annotated[Count, Field(description="Events and exposures typed at the PC that wait")] = 0


class CollectorReport(Body):
    """What the collector of an instrument's PC says of itself."""

    host: Name | None = None
    queue: CollectorQueue = CollectorQueue()
    oldest_waiting_at: Annotated[Instant | None, Field(description="Since when the oldest waits, corrected")] = None
    free_journal_bytes: Annotated[Count | None, Field(description="Room where the collector remembers")] = None
    folders: list[LongText] = Field(default_factory=list, max_length=100, description="What it watches")
    problems: list[CollectorProblem] = Field(default_factory=list, max_length=50)


class Heartbeat(Body):
    """A sign of life with the PC's own time."""

    sent_at: Instant
    software: Annotated[Name | None, Field(description="Program and version that reports")] = None
    clock_offset_s: Annotated[
        Real | None, Field(description="How far ahead the PC found its clock, by the middle of an earlier round trip")
    ] = None
    round_trip_s: Annotated[Real | None, Field(ge=0, le=3600, description="How long that round trip took")] = None
    collector: CollectorReport | None = None


class CollectorOut(Out):
    """The last report of an instrument's collector."""

    software: str | None
    received_at: datetime
    host: str | None
    queue: CollectorQueue
    oldest_waiting_at: datetime | None
    free_journal_bytes: int | None
    folders: list[str]
    problems: list[CollectorProblem]


class HeartbeatOut(Out):
    """The service's time, and how far the PC's clock is ahead of it [s]."""

    received_at: datetime
    clock_offset_s: float
    warnings: list[str]


class NewBeamCalibration(Body):
    """A beam current measured at a setting; it holds for later exposures whose current is that setting."""

    kind: Annotated[Literal["screen", "faraday"], Field(description="What measured it")]
    measured_at: Instant
    beam_energy_kV: Annotated[Real, Field(ge=1e-3, le=1e6)]
    set_current_nA: Annotated[Current, Field(description="What the instrument showed or was set to")]
    measured_current_nA: Current
    uncertainty_nA: Annotated[
        Real | None, Field(ge=0, le=1e9, description="Standard uncertainty of the measured current")
    ] = None
    note: LongText | None = None
    supersedes_id: Annotated[ObjectId | None, Field(description="The reading this one corrects")] = None
    confirm: Annotated[Flag, Field(description="Values a thousand times outside their plausible range are meant")] = (
        False
    )


class BeamCalibrationOut(Out):
    """A reading of a beam current."""

    id: str
    instrument_id: str
    kind: Literal["screen", "faraday"]
    measured_at: datetime
    beam_energy_kV: float
    set_current_nA: float
    measured_current_nA: float
    uncertainty_nA: float | None
    note: str | None
    supersedes_id: str | None
    superseded_by: str | None
    recorded_by: str
    received_at: datetime
    warnings: list[str]
