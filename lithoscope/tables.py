"""Tables: columns that know their units, and how they are drawn. Standard library only: rules may return them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

LineKind = Literal["line", "points", "step"]


@dataclass(frozen=True, slots=True)
class Line:
    """
    One curve of a plot.

    Parameters
    ----------
    y : str
        Column of its values.
    error : str
        Column of the half lengths of their error bars, in the unit of `y`; empty for none.
    title : str
        Words of the legend; the column's name when empty.
    kind : {"line", "points", "step"}
    error_words : str
        What `error` is, for captions: a scatter is no uncertainty.
    """

    y: str
    error: str = ""
    title: str = ""
    kind: LineKind = "line"
    error_words: str = "standard uncertainty"


@dataclass(frozen=True, slots=True)
class Plot:
    """
    How a table is drawn.

    Parameters
    ----------
    x : str
        Column along the horizontal axis.
    lines : tuple of Line
        At least one.
    title, x_title, y_title : str
        Words; units are added from the columns.
    log_x, log_y : bool
        Logarithmic axes.
    by : str
        Column whose values part the rows into curves of their own (a tilt, a particle); empty for none.
    """

    x: str
    lines: tuple[Line, ...]
    title: str = ""
    x_title: str = ""
    y_title: str = ""
    log_x: bool = False
    log_y: bool = False
    by: str = ""

    def to_json(self) -> dict[str, Any]:
        """Write it as plain JSON."""
        return asdict(self) | {"lines": [asdict(line) for line in self.lines]}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Plot":
        """Read what `to_json` wrote."""
        return cls(**{**record, "lines": tuple(Line(**line) for line in record["lines"])})

    def columns(self) -> set[str]:
        """Name the columns it needs."""
        lines = {name for line in self.lines for name in (line.y, line.error)}
        return (lines | {self.x, self.by}) - {""}

    def errors_in_words(self) -> str:
        """Say what the error bars are, and of which lines where that differs; empty without any."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if line.error:
                found.setdefault(line.error_words, []).append(line.title or line.y.replace("_", " "))
        if len(found) < 2:
            return next(iter(found), "")
        return "; ".join(f"{words} ({', '.join(lines)})" for words, lines in found.items())


@dataclass(frozen=True)
class Table:
    """
    Columns of equal length, each with a unit.

    Parameters
    ----------
    columns : mapping of str to list
        Column name to its values; names carry their unit as a suffix.
    units : mapping of str to str
        Column name to unit; empty for the unit of the values a table was computed from, filled in by
        `lithoscope.analysis.call`.
    plot : Plot, optional
        How it is drawn.
    """

    columns: dict[str, list[Any]]
    units: dict[str, str]
    plot: Plot | None = None

    def __post_init__(self) -> None:
        if self.columns.keys() != self.units.keys():
            raise ValueError("a table gives every column a unit and every unit a column")
        if len({len(column) for column in self.columns.values()}) > 1:
            raise ValueError("the columns of a table have one length")
        if self.plot is not None and (missing := self.plot.columns() - self.columns.keys()):
            raise ValueError(f"the plot of a table needs the columns {sorted(missing)}")
