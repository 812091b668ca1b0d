"""Whether a dataset is what a rule is about: plain values in, reasons out."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Any

from app.infra.db.models import Dataset
from app.lab.rules.schemas import Bound, Trigger

MB = 1e6
_AXES = {"z": "slices", "e": "channels", "y": "height_px", "x": "width_px"}
_RESULT = re.compile(r"\bres_[0-9a-f]{32}\b")
_OURS = re.compile(r'"Lithoscope: ')  # what our own writer puts into the labels of an MRC file


@dataclass(frozen=True, slots=True)
class Subject:
    """
    A dataset as far as rules ask about it.

    Parameters
    ----------
    dataset : Dataset
        Its own row.
    technique, material : str or None
        Of its instrument and its sample.
    tags : frozenset of str
        Of its sample and of itself.
    """

    dataset: Dataset
    technique: str | None
    material: str | None
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of a rule's conditions holds of a dataset, and what does not."""

    holds: tuple[str, ...]
    fails: tuple[str, ...]

    @property
    def is_match(self) -> bool:
        """Say whether every condition holds."""
        return not self.fails


def compare(trigger: Trigger, subject: Subject) -> Comparison:
    """Hold a dataset against every condition; each is told in words, whether it holds or not."""
    dataset = subject.dataset
    found = [
        _one_of("kind", trigger.kinds, dataset.kind),
        _one_of("instrument", trigger.instrument_ids, dataset.instrument_id),
        _one_of("technique", trigger.techniques, subject.technique),
        _named(trigger.name_pattern, dataset.filename),
        _one_of("material", trigger.materials, subject.material),
        _tagged(trigger.tags, subject.tags),
        *(_within(bound, quantities_of(dataset)) for bound in trigger.ranges),
    ]
    asked = [each for each in found if each is not None]
    return Comparison(
        tuple(words for words, is_so in asked if is_so) or (("every dataset of the project",) if not asked else ()),
        tuple(words for words, is_so in asked if not is_so),
    )


def quantities_of(dataset: Dataset) -> dict[str, float]:
    """Return what is known of a dataset in numbers: sizes along the axes, bytes, calibration and header values."""
    said = {**dataset.quantities, **dataset.calibration}
    known = {name: record["value"] for name, record in said.items() if isinstance(record, Mapping)}
    first: Mapping[str, Any] = dataset.arrays[0] if dataset.arrays else {}
    sizes = dict(zip(first.get("axes") or "", first.get("shape") or (), strict=False))
    axes = {**_AXES, "t": "tilts" if first.get("kind") == "tilt_series" else "frames"}
    counted = {axes[axis]: float(size) for axis, size in sizes.items() if axis in axes}
    numbers = {name: float(value) for name, value in known.items() if isinstance(value, int | float)}
    return {**numbers, **counted, "size_MB": dataset.size_bytes / MB}


def result_in(dataset: Dataset) -> str:
    """Return the result whose file a dataset is, ``a result`` where the file only says that we wrote it, or nothing."""
    said = json.dumps([dataset.attributes, dataset.original])
    named = _RESULT.search(said)
    return named[0] if named else "a result" if _OURS.search(said) else ""


def _one_of(what: str, wanted: Sequence[str], present: str | None) -> tuple[str, bool] | None:
    if not wanted:
        return None
    if present is None:
        return f"{what} unknown", False
    return (f"{what} {present}", True) if present in wanted else (f"{what} {present}, not {_or(wanted)}", False)


def _named(pattern: str | None, filename: str) -> tuple[str, bool] | None:
    if pattern is None:
        return None
    is_so = re.match(translate(pattern.lower()), filename.lower()) is not None
    return (f"name like “{pattern}”", True) if is_so else (f"name not like “{pattern}”", False)


def _tagged(wanted: Sequence[str], present: frozenset[str]) -> tuple[str, bool] | None:
    if not wanted:
        return None
    shared = [tag for tag in wanted if tag.lower() in present]
    return (f"tagged {shared[0]}", True) if shared else (f"not tagged {_or(wanted)}", False)


def _within(bound: Bound, known: Mapping[str, float]) -> tuple[str, bool]:
    value = known.get(bound.quantity)
    if value is None:
        return f"{bound.quantity} unknown", False
    if bound.at_least is not None and value < bound.at_least:
        return f"{bound.quantity} {value:g}, below {bound.at_least:g}", False
    if bound.at_most is not None and value > bound.at_most:
        return f"{bound.quantity} {value:g}, above {bound.at_most:g}", False
    return f"{bound.quantity} {value:g}", True


def _or(wanted: Sequence[str]) -> str:
    return " or ".join(wanted)
