"""What a file is, told from its path: which dataset it belongs to, and whose it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lithoscope.client.collector.settings import Rule, Settings
from lithoscope.client.collector.templates import filled
from lithoscope.client.packing import SUFFIXES as SCANS
from lithoscope.simultaneous import MANIFEST

SIDECARS = (".lithoscope.json", ".lithoscope.toml")
_LITTER = re.compile(
    r"(\.ds_store|thumbs\.db|desktop\.ini|~.*|.*~|.*\.(tmp|temp|part|partial|crdownload|lock|swp))", re.I
)
_SERIES = re.compile(r"(.*?)(?:_\d+)?\.ser", re.I)
_MAP = re.compile(r"(.*?)(?:\.spd|\.spc|(?:_Img)?\.ipr)", re.I)
_NUMBERED = re.compile(r"(.*?)[-_ ]?\d+")


@dataclass(frozen=True, slots=True)
class Placed:
    """
    Where a file belongs.

    Parameters
    ----------
    key : str
        Path of the main file or of the folder of its dataset.
    grouping : {"file", "pair", "stem", "folder", "part"}
        What is one dataset; a part is a file of a series that grows.
    rule : int or None
        The rule that fits, counted from 1; None when none does.
    project, sample, kind : str or None
        As the rule says.
    is_ignored : bool
        It is never sent.
    reason : str
        Words about it.
    series : str
        Path of the folder or stem whose part it is; empty for what is no part.
    values : mapping of str to str
        What the names of the rule's pattern took.
    """

    key: str
    grouping: str
    rule: int | None = None
    project: str | None = None
    sample: str | None = None
    kind: str | None = None
    is_ignored: bool = False
    reason: str = ""
    series: str = ""
    values: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Return the state in which its dataset begins."""
        if self.is_ignored:
            return "ignored"
        return "growing" if self.rule is not None else "unmatched"


class Placer:
    """Applies the rules of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._rules: Sequence[tuple[Rule, re.Pattern[str]]] = [(rule, rule.pattern) for rule in settings.rules]
        self._marker = settings.marker
        self._endings = {rule.live.marker.lower() for rule in settings.rules if rule.live and rule.live.marker}

    def place(self, path: str, *, is_series: bool = False) -> Placed:
        """
        Say what a file is.

        Parameters
        ----------
        path : str
            Below the watched folder, with ``/``.
        is_series : bool
            Its folder holds ``series.csv``.
        """
        name = PurePosixPath(path).name
        if _LITTER.fullmatch(name):
            return Placed(path, "file", is_ignored=True, reason="temporary or the system's own")
        if self._marker is not None and _fits_marker(self._marker, name):
            return Placed(path, "file", is_ignored=True, reason="a marker")
        if name.lower() in self._endings:
            return Placed(path, "file", is_ignored=True, reason="says that its series is complete")
        main = _main_of(path)
        found = self._rule_of(main) or self._rule_of(path)
        if found is None:
            return Placed(main, "file", reason="no rule fits its path")
        number, rule, values = found
        key, grouping, series = _group(main, rule, is_series=is_series)
        project, sample, kind = (_said(each, values) for each in (rule.project, rule.sample, rule.kind))
        if rule.ignore:
            return Placed(key, grouping, number, is_ignored=True, reason=f"rule {number} says so")
        if sample is None and not rule.without_sample:
            why = f"rule {number} names no sample: give it one, or without_sample = true"
            return Placed(key, grouping, None, reason=why)
        said = f"rule {number}, a part of {series}" if series else f"rule {number}"
        return Placed(key, grouping, number, project, sample, kind, reason=said, series=series, values=values)

    def _rule_of(self, path: str) -> tuple[int, Rule, dict[str, str | None]] | None:
        for number, (rule, pattern) in enumerate(self._rules, 1):
            if match := pattern.fullmatch(path):
                return number, rule, match.groupdict()
        return None


def _said(template: str | None, values: dict[str, str | None]) -> str | None:
    return (filled(template, values).strip() or None) if template is not None else None


def _fits_marker(marker: str, name: str) -> bool:
    around = re.split(r"\{\w+\}", marker)
    return re.fullmatch(".+".join(map(re.escape, around)), name, re.IGNORECASE) is not None


def marker_of(marker: str, name: str) -> str:
    """Return the name of the marker of a file."""
    return filled(marker, {"name": name, "stem": PurePosixPath(name).stem})


def is_sidecar(path: str) -> bool:
    """Say whether a file only describes another."""
    return path.lower().endswith(SIDECARS)


def _main_of(path: str) -> str:
    """Return the path of the main file that a file belongs to by its name: its own, mostly."""
    lower = path.lower()
    for ending in SIDECARS:
        if lower.endswith(ending):
            return _main_of(path[: -len(ending)])
    if lower.endswith(".mdoc") and PurePosixPath(path[:-5]).suffix:
        return path[:-5]
    folder, name = _split(path)
    if series := _SERIES.fullmatch(name):
        return f"{folder}{series[1]}.emi"
    if of_map := _MAP.fullmatch(name):
        return f"{folder}{of_map[1]}.spd"
    return path


def _group(main: str, rule: Rule, *, is_series: bool) -> tuple[str, str, str]:
    """Return key and grouping of the dataset of a file, and the series it is a part of."""
    folder, name = _split(main)
    suffix = PurePosixPath(name).suffix.lower()
    if rule.live is not None:
        stem = _stem(folder, name) if rule.group == "stem" else folder.rstrip("/")
        return main, "part" if stem else "file", stem
    in_series = is_series and (suffix in SCANS or name == MANIFEST)
    if folder and (rule.group == "folder" or (in_series and rule.group == "file")):
        return folder.rstrip("/"), "folder", ""
    if rule.group == "stem":
        return _stem(folder, name), "stem", ""
    return main, "pair" if suffix in {".emi", ".spd"} else "file", ""


def _stem(folder: str, name: str) -> str:
    """Return a name without its last number."""
    path = PurePosixPath(name)
    numbered = _NUMBERED.fullmatch(path.stem)
    return f"{folder}{numbered[1] if numbered else path.stem}{path.suffix.lower()}"


def _split(path: str) -> tuple[str, str]:
    folder, slash, name = path.rpartition("/")
    return folder + slash, name
