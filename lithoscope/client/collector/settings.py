"""The one file that tells a collector what to watch and where to send it."""

import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lithoscope.client.collector import probes
from lithoscope.client.collector.live_settings import Live
from lithoscope.client.collector.templates import compiled, names_in
from lithoscope.client.config import find_access
from lithoscope.client.problems import ClientError, NotSignedIn

#: Files of one dataset that the service registers where they lie; more are sent.
MOST_IN_PLACE = 4000

Seconds = Annotated[float, Field(ge=0)]
Group = Literal["file", "folder", "stem"]


class BadSettings(ClientError):
    """The settings cannot be used; the message names the file, the line and the field."""

    exit_code = 2


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Folder(_Part):
    """
    A folder to watch, with everything below it.

    Parameters
    ----------
    path : Path
        Absolute; a local folder or a share.
    tier : {"auto", "hot", "warm", "cold"}
        How often it is scanned; ``auto`` follows what happens in it.
    """

    path: Path
    tier: Literal["auto", "hot", "warm", "cold"] = "auto"

    @field_validator("path")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        path = value.expanduser()
        if not path.is_absolute():
            raise ValueError("is not absolute: write the whole path")
        return path


class Rule(_Part):
    """
    What a file is, by its path below the watched folder, written with ``/``; the first rule that fits counts.

    Parameters
    ----------
    match : str
        A pattern such as ``{sample}/{date}/*.emd``: a name in braces takes one part of a path, ``*`` anything within
        one, ``**`` any folders. Letter case does not count.
    regex : str
        Instead of ``match``: a regular expression with named groups, for the whole path.
    project : str
        Code or identifier (``prj_...``) of the project; that of the sample when left out.
    sample : str
        Its label, name or identifier, with names of the pattern in braces: ``LS-{number}``.
    kind : str
        Kept with the dataset; later rules of processing may ask for it.
    group : {"file", "folder", "stem"}
        What is one dataset: each file, all files of its folder, or the files whose names differ in a last number.
    ignore : bool
        Never send it.
    without_sample : bool
        Send it without a sample; a rule that neither names one nor says this leaves files unmatched.
    in_place : str
        The service sees the folder, too: a root of its storage (``em``), or a root and the path of the watched folder
        below it (``em:titan/data``). What is one dataset is registered where it lies and nothing of it is sent.
    live : Live
        The files of a folder (or stem) are parts of one series that is processed while it grows.
    """

    match: str | None = None
    regex: str | None = None
    project: str | None = None
    sample: str | None = None
    kind: str | None = None
    group: Group = "file"
    ignore: bool = False
    without_sample: bool = False
    in_place: str | None = None
    live: Live | None = None

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if (self.match is None) == (self.regex is None):
            raise ValueError("a rule has either match or regex")
        try:
            pattern = self.pattern
        except re.error as error:
            raise ValueError(f"the pattern cannot be read: {error}") from None
        known = set(pattern.groupindex)
        for name in ("project", "sample", "kind"):
            missing = names_in(getattr(self, name) or "") - known
            if missing:
                raise ValueError(f"{name} uses {{{min(missing)}}}, which the pattern does not have")
        if self.live is not None and self.sample is None:
            raise ValueError("a series shows a sample: name it with sample")
        return self

    def place_of(self, paths: Sequence[str], *, is_group: bool) -> dict[str, Any] | None:
        """
        Return how the service sees what is one dataset, as ``POST /registrations`` takes it; None when it is sent.

        Parameters
        ----------
        paths : sequence of str
            Its files below the watched folder. Those of several folders are sent, and more than the service takes.
        is_group : bool
            Whether they are one archive when they are sent.
        """
        folders = {PurePosixPath(path).parent for path in paths}
        if self.in_place is None or len(folders) > 1 or len(paths) > MOST_IN_PLACE:
            return None
        root, _, below = self.in_place.partition(":")
        folder = PurePosixPath(below.strip("/"), folders.pop())
        path = folder if is_group and folder.parts else folder / PurePosixPath(paths[0]).name
        found: dict[str, Any] = {"root": root, "path": path.as_posix()}
        return found | ({"members": [PurePosixPath(each).name for each in paths]} if is_group else {})

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return the expression the whole path must fit."""
        return compiled(self.match) if self.match is not None else re.compile(self.regex or "", re.IGNORECASE)


class Settings(_Part):
    """
    Settings of a collector.

    Parameters
    ----------
    url : str
        Address of the service; what `lithoscope login` kept when left out.
    key : str
        Device key; better in the environment (LITHOSCOPE_TOKEN) or in ``key_file``.
    key_file : Path
        A file that holds the key and nothing else.
    project : str
        Code or identifier (``prj_...``) of the project of files whose rule names neither project nor sample.
    folders : list of Folder
        What is watched.
    rules : list of Rule
        What files are.
    quiet_s : float
        How long a file must not have changed.
    partner_s : float
        How long a part of a group (a ``.ser`` without its ``.emi``) waits for the other.
    hot_s, warm_s, cold_s : float
        Time between scans of the three tiers.
    marker : str
        Name of a file that says a file is complete: ``{name}.done``; settled by it alone.
    bandwidth_MB_s : float
        Most that is sent [10⁶ bytes/s].
    piece_MiB : int
        Bytes of one request.
    heartbeat_s : float
        Time between signs of life.
    journal : Path
        Where the collector remembers; beside the settings when left out.
    """

    url: str | None = None
    key: str | None = Field(default=None, repr=False)
    key_file: Path | None = None
    project: str | None = None
    folders: list[Folder] = Field(min_length=1)
    rules: list[Rule] = []
    quiet_s: Seconds = 60.0
    partner_s: Seconds = 600.0
    hot_s: Seconds = 15.0
    warm_s: Seconds = 600.0
    cold_s: Seconds = 86400.0
    marker: str | None = None
    bandwidth_MB_s: float | None = Field(default=None, gt=0)
    piece_MiB: int = Field(default=8, ge=1, le=64)
    heartbeat_s: float = Field(default=60.0, gt=0)
    journal: Path | None = None

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("is an address such as https://microscopy.example.org")
        return value

    @field_validator("marker")
    @classmethod
    def _names_the_file(cls, value: str | None) -> str | None:
        if value is not None and names_in(value) - {"name", "stem"}:
            raise ValueError("knows {name} and {stem} only")
        return value

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read a TOML file; `BadSettings` names line and field of what is wrong in it."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
            document = tomllib.loads(text)
        except OSError as error:
            raise BadSettings(f"{path} cannot be read ({error.strerror}): name the settings with --config") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadSettings(f"{path}: {error}{_hint(str(error))}") from None
        try:
            settings = cls.model_validate(document)
        except ValidationError as error:
            raise BadSettings("\n".join(_line(path, text, each) for each in error.errors())) from None
        return settings if settings.journal else settings.model_copy(update={"journal": path.with_suffix(".journal")})

    def live_of(self, rule: int | None) -> Live | None:
        """Return what a rule, counted from 1, says of a series; None for single files and for rules that went."""
        found = self.rule(rule)
        return None if found is None else found.live

    def rule(self, number: int | None) -> Rule | None:
        """Return a rule, counted from 1; None for files without one and for rules that went."""
        return self.rules[number - 1] if number is not None and 0 < number <= len(self.rules) else None

    def quiet_of(self, rule: int | None, path: str) -> float:
        """Return how long a file must not have changed: a part whose header tells that it is whole waits less."""
        live = self.live_of(rule)
        return self.quiet_s if live is None or not probes.is_known(Path(path)) else min(live.quiet_s, self.quiet_s)

    @property
    def address(self) -> str:
        """Return the address of the service."""
        return (self.url or find_access().url).rstrip("/")

    def find_key(self) -> str:
        """Return the key: the environment's, the file's, the settings' own, what `login` kept."""
        if named := os.environ.get("LITHOSCOPE_TOKEN"):
            return named
        if self.key_file is not None:
            try:
                return self.key_file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadSettings(f"key_file {self.key_file} cannot be read ({error.strerror})") from None
        token = self.key or find_access(self.address).token
        if not token:
            raise NotSignedIn(
                "the collector has no key: set LITHOSCOPE_TOKEN or key_file, or enrol this PC with "
                "`lithoscope watch enrol CODE` (the code is on the instrument's page)"
            )
        return token


def _hint(words: str) -> str:
    if "Invalid hex" in words or "escape" in words:
        return ": write Windows paths with / or in single quotes"
    return ""


def _line(path: Path, text: str, error: Any) -> str:
    """Say where a value stands; tables of the same name are counted."""
    place = [str(part) for part in error["loc"]]
    number = _line_number(text, error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    named = ".".join(place) or "the file"
    return f"{path}{f', line {number}' if number else ''}: {named}: {message}"


def _line_number(text: str, where: tuple[Any, ...]) -> int | None:
    lines = text.splitlines()
    start, end = 0, len(lines)
    if len(where) >= 2 and isinstance(where[1], int):
        heads = [index for index, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{where[0]}\s*\]\]", line)]
        if where[1] < len(heads):
            start = heads[where[1]]
            following = [index for index, line in enumerate(lines) if index > start and line.lstrip().startswith("[")]
            end = following[0] if following else end
    names = [part for part in where if isinstance(part, str)]
    for index in range(start, end):
        if names and re.match(rf'\s*"?{re.escape(names[-1])}"?\s*=', lines[index]):
            return index + 1
    return start + 1 if start else None
