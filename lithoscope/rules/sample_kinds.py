"""Which events and fields are usual for which kind of sample: a form shows them first and folds the rest."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class SampleKind:
    """
    A kind of sample.

    Parameters
    ----------
    id, title, help : str
        Its name, and what a person reads.
    usual : tuple of str
        Types of event that are usual for it, in the order they are met.
    unusual : mapping of str to str
        Types that are not, with the reason, where there is one to give.
    rarely : mapping of str to frozenset of str
        Fields that an event of this type seldom has for this kind.
    made_by : tuple of str
        Processes that make it out of another sample, the first one the likeliest.
    """

    id: str
    title: str
    help: str
    usual: tuple[str, ...]
    unusual: Mapping[str, str] = field(default_factory=dict)
    rarely: Mapping[str, frozenset[str]] = field(default_factory=dict)
    made_by: tuple[str, ...] = ()

    def sorted(self, types: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
        """
        Part types of event into those to offer and those to fold.

        Returns
        -------
        usual : list of str
            In the order of the table.
        others : list of (str, str)
            Each with the reason why it is folded, empty where none is known.
        """
        known = list(types)
        usual = [name for name in self.usual if name in known]
        return usual, [(name, self.unusual.get(name, "")) for name in known if name not in self.usual]


@cache
def sample_kinds() -> dict[str, SampleKind]:
    """Return the kinds of sample by name, in the order of the table."""
    table = tomllib.loads(resources.files("lithoscope.rules").joinpath("tables/sample_kinds.toml").read_text("utf-8"))
    always = tuple(table["always"]["usual"])
    return {row["id"]: _kind(row, always) for row in table["kinds"]}


def _kind(row: dict[str, Any], always: tuple[str, ...]) -> SampleKind:
    return SampleKind(
        id=row["id"],
        title=row["title"],
        help=row["help"],
        usual=(*row["usual"], *always),
        unusual=row.get("unusual", {}),
        rarely={name: frozenset(fields) for name, fields in row.get("rarely", {}).items()},
        made_by=tuple(row.get("made_by", ())),
    )


def kind_of(kind: str | None, material: str) -> SampleKind | None:
    """Return the kind of a sample: as stated, else where its material leaves no choice, else None."""
    stated = kind or {"lithium_metal_foil": "foil"}.get(material)
    return sample_kinds().get(stated) if stated else None
