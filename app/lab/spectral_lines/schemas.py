"""What lines and edges of elements look like from outside."""

from app.lab.schemas import Out
from lithoscope.rules.spectral_lines import LineKind


class SpectralLineOut(Out):
    """
    A line or an edge: `family` as analyses name it (`Mn L`), `name` as it is written at a mark (`Mn Lα`).

    `share` is the part of its family's photons; an edge has none.
    """

    kind: LineKind
    element: str
    family: str
    name: str
    energy_eV: float
    share: float | None
    source: str


class SpectralLinesOut(Out):
    """Lines and edges by energy."""

    items: list[SpectralLineOut]
