"""Every setting of the service, read from the environment (``LITHOSCOPE_...``); documented in docs/settings.md."""

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class RootInPlace(BaseModel):
    """
    A folder whose files may be registered where they lie.

    Who may upload to one of its projects can read, by registering them, all files below it that the service can read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path = Field(description="The folder as the service and its workers see it")
    projects: tuple[str, ...] = Field(min_length=1, description="Codes of the projects that may use it; * for all")

    @field_validator("path")
    @classmethod
    def _absolute(cls, given: Path) -> Path:
        if not given.is_absolute() or given == Path("/"):
            raise ValueError("a root in place is an absolute path of a folder, and not the whole disk")
        return given

    def serves(self, code: str) -> bool:
        """Say whether a project may use it."""
        return "*" in self.projects or code in self.projects


class Settings(BaseSettings):
    """Defaults are the embedded service: one folder, SQLite, local workers."""

    model_config = SettingsConfigDict(env_prefix="LITHOSCOPE_", env_nested_delimiter="__", frozen=True, extra="ignore")

    data: Path = Field(Path("var/data"), description="Folder of the service: database, store, staging, keys")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder")
    store_url: str = Field(
        "", description="fsspec URL of the store (s3://bucket/prefix); empty means a folder in the data folder"
    )
    store_options: dict[str, str] = Field(
        default_factory=dict, description="Options handed to fsspec (key, secret, endpoint_url)"
    )
    queue: Literal["db", "celery"] = Field(
        "db", description="Workers claim from the database, or Celery hands them job ids"
    )
    broker_url: str = Field("redis://127.0.0.1:6379/0", description="Celery's broker when the queue is celery")
    workers: int = Field(2, ge=0, le=64, description="Local worker processes started beside the API")

    public_url: str = Field("", description="Address people type; empty means the one of the request")
    secure_cookies: bool = Field(False, description="Send cookies over HTTPS only; set it behind TLS")
    trusted_proxies: str = Field("127.0.0.1", description="Addresses whose X-Forwarded headers are believed")
    accel_redirect_prefix: str = Field(
        "", description="nginx internal location that serves the store (X-Accel-Redirect)"
    )
    requests_per_second: int = Field(
        100, ge=1, description="Requests a credential may make each second, and ten times as many for pieces of arrays"
    )
    limits_url: str = Field(
        "", description="Redis URL in which several API processes share request counts; empty counts in the process"
    )

    json_limit_bytes: int = Field(MIB, description="Largest JSON body")
    single_put_limit_bytes: int = Field(16 * MIB, description="Largest upload by one PUT; larger ones use tus")
    upload_limit_bytes: int = Field(1024**4, description="Largest upload")
    upload_expiry_hours: int = Field(
        168, ge=1, description="An unfinished upload expires this long after its last byte"
    )
    uploads_per_credential: int = Field(8, ge=1, description="Unfinished uploads a credential may hold at once")
    project_quota_bytes: int = Field(1024**4, description="Quota of a new project")
    roots_in_place: dict[str, RootInPlace] = Field(
        default_factory=dict,
        description="Folders of the facility's storage whose files may be registered where they lie, by name: "
        '{"em": {"path": "/mnt/em", "projects": ["LM-001"]}}',
    )
    free_disk_fraction: float = Field(0.10, ge=0, lt=1, description="Share of the disk that uploads never fill")
    free_disk_warning_fraction: float = Field(
        0.20, ge=0, lt=1, description="Free share of the disk below which managers are warned"
    )
    quota_warning_fraction: float = Field(
        0.80, gt=0, le=1, description="Share of a project's quota from which on its managers are warned"
    )

    lease_s: float = Field(60.0, gt=0, description="A worker that is silent for this long has lost its job")
    heartbeat_s: float = Field(15.0, gt=0, description="How often a worker renews its lease")
    sweep_s: float = Field(10.0, gt=0, description="How often expired leases and unsent messages are looked for")
    job_memory_mib: int = Field(8192, ge=64, description="Resident memory at which a job is stopped")
    job_cpu_s: int = Field(6 * 3600, ge=1, description="CPU seconds at which a job is stopped")
    job_file_mib: int = Field(65536, ge=1, description="Largest single file a job may write")
    reader_memory_mib: int = Field(4096, ge=256, description="Address space of the confined reader")
    reader_cpu_s: int = Field(
        600, ge=1, description="CPU seconds of the confined reader, and one more for every 4 MiB of the file"
    )
    extra_methods: list[str] = Field(
        default_factory=list, description="Modules of the facility's own methods, each with a METHOD"
    )
    extra_recipes: list[str] = Field(
        default_factory=list, description="Modules of the facility's own recipes, each with a RECIPE"
    )
    fair_share: int = Field(1, ge=1, description="Running jobs a person may hold while another person waits")

    oidc_issuer: str = Field("", description="OIDC issuer; empty switches single sign-on off")
    oidc_client_id: str = Field("", description="Client id at the OIDC issuer")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret at the OIDC issuer")
    login_idle_minutes: int = Field(30, ge=1, description="A portal sign-in ends after this much idleness")
    login_hours: int = Field(12, ge=1, description="A portal sign-in ends after this long")

    smtp_host: str = Field("", description="Mail server that alarms are handed to; empty sends no mail")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server")
    smtp_from: str = Field("lithoscope@localhost", description="Address that alarms come from")
    smtp_user: str = Field("", description="User at the mail server; empty signs in nobody")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server")
    smtp_starttls: bool = Field(True, description="Encrypt the way to the mail server; its certificate is checked")
    alarm_mail_to: list[str] = Field(default_factory=list, description="Addresses that get every alarm by mail")
    alarm_s: float = Field(30.0, gt=0, description="How often clocks, budgets, rules, series are looked at for alarms")

    log_json: bool = Field(False, description="Write the log as JSON lines")

    @property
    def resolved_database_url(self) -> str:
        """Return the SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'lithoscope.db'}"

    @field_validator("roots_in_place")
    @classmethod
    def _short_names(cls, given: dict[str, RootInPlace]) -> dict[str, RootInPlace]:
        if bad := [name for name in given if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name)]:
            raise ValueError(f"a root in place is named with a-z, 0-9, _ and -, at most 40: {bad[0]!r}")
        return given

    @property
    def staging(self) -> Path:
        """Return the folder for bytes on their way in and for running jobs."""
        return self.data.resolve() / "staging"
