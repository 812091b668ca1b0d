"""What instruments, enrolments and device keys look like from outside."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from app.lab.schemas import Body, Flag, Instant, LongText, Name, ObjectId, Out, Real, Stamped

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


class Heartbeat(Body):
    """A sign of life with the PC's own time."""

    sent_at: Instant
    software: Annotated[Name | None, Field(description="Program and version that reports")] = None


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
