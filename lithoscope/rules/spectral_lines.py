"""Where elements show in a spectrum: X-ray lines and the edges of energy losses, out of the tables the analyses use."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

LineKind = Literal["x_ray_line", "edge"]
EDGES_SOURCE = "Ahn and Krivanek, EELS Atlas (1983), as in Egerton 2011, appendix D"
# Siegbahn's names of the lines microscopists know by them; others keep their transition.
_SIEGBAHN = {
    "KL3": "Kα",
    "KL2": "Kα₂",
    "KM3": "Kβ",
    "L3M5": "Lα",
    "L2M4": "Lβ₁",
    "L3N5": "Lβ₂",
    "L2N4": "Lγ₁",
    "L3M1": "Ll",
    "L2M1": "Lη",
    "L1M2": "Lβ₄",
    "L1M3": "Lβ₃",
}


@dataclass(frozen=True, slots=True)
class SpectralLine:
    """
    A line or an edge of an element.

    Parameters
    ----------
    kind : {"x_ray_line", "edge"}
    element : str
        Its symbol.
    family : str
        Element and shell, as analyses name it: ``"Mn L"``.
    name : str
        As it is written at a mark: ``"Mn Lα"``, ``"Mn L3"``.
    energy_eV : float
        Of the line, or the onset of the edge.
    share : float or None
        Part of its family's photons; an edge has none.
    source : str
        Where the number is from.
    """

    kind: LineKind
    element: str
    family: str
    name: str
    energy_eV: float
    share: float | None
    source: str


@cache
def spectral_lines() -> tuple[SpectralLine, ...]:
    """Return every line and edge of the tables, by energy."""
    return tuple(sorted((*_x_ray_lines(), *_edges()), key=lambda line: (line.energy_eV, line.kind, line.name)))


def _x_ray_lines() -> list[SpectralLine]:
    return [
        SpectralLine(
            "x_ray_line",
            family.partition(" ")[0],
            family,
            f"{family.partition(' ')[0]} {_SIEGBAHN.get(line['transition'], line['transition'])}",
            float(line["energy_eV"]),
            float(line["share"]),
            str(row["source"]),
        )
        for family, row in _table("numerics/eds/tables/lines.toml").items()
        for line in row["lines"]
    ]


def _edges() -> list[SpectralLine]:
    own, others = _table("rules/tables/eels_edges.toml"), _table("rules/tables/shell_edges.toml")
    source = str(others.pop("source"))
    rows = [(element, row, EDGES_SOURCE) for element, row in own.items() if element != "paper"]
    rows += [(element, row, source) for element, row in others.items()]
    return [
        SpectralLine("edge", element, f"{element} {shell[0]}", f"{element} {shell}", float(onset), None, cited)
        for element, row, cited in rows
        for shell, onset in _onsets(row)
    ]


def _onsets(row: dict[str, Any]) -> list[tuple[str, float]]:
    return [(name.split("_")[1], onset) for name, onset in row.items() if name.startswith("onset_")]


def _table(path: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("lithoscope").joinpath(path).read_text(encoding="utf-8"))
