"""How a job came nearer to its end: what each step measured, as a curve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypeGuard

from app.portal import words
from app.portal.charts import Chart, chart_of
from lithoscope.tables import Line, Plot

ABOUT = {"done", "total", "stage"}


@dataclass
class Convergence:
    """
    What the steps of a job measured.

    Parameters
    ----------
    steps : list of float
        One after the other: a stage that counts anew goes on where the last one ended.
    measures : dict of str to list
        Values of each measure; None at a step that did not give it.
    """

    steps: list[float] = field(default_factory=list)
    measures: dict[str, list[float | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]]) -> "Convergence":
        """Read the progress that a job told."""
        made, before, offset = cls(), 0.0, 0.0
        for event in events:
            found = {name: float(value) for name, value in event.items() if name not in ABOUT and _is_real(value)}
            done = event.get("done")
            if not found or not _is_real(done):
                continue
            offset += before if float(done) < before else 0.0
            before = float(done)
            made._add(offset + before, found)
        return made

    def _add(self, step: float, found: Mapping[str, float]) -> None:
        for name in found.keys() - self.measures.keys():
            self.measures[name] = [None] * len(self.steps)
        self.steps.append(step)
        for name, values in self.measures.items():
            values.append(found.get(name))

    @property
    def latest(self) -> dict[str, float]:
        """Return the last value of each measure."""
        last = {name: [value for value in values if value is not None] for name, values in self.measures.items()}
        return {words.label_and_unit(name)[0]: values[-1] for name, values in last.items() if values}

    @property
    def chart(self) -> Chart | None:
        """Return the curve as the service draws it; None when there is too little of it."""
        if len(self.steps) < 2:
            return None
        names = [words.label_and_unit(name)[0] for name in self.measures]
        of = names[0] if len(names) == 1 else "Value"
        lines = tuple(Line(name, title=words.label_and_unit(name)[0]) for name in self.measures)
        plot = Plot("step", lines, title="Convergence", x_title="Step", y_title=f"{of} of each step", log_y=True)
        return chart_of(plot, {"step": self.steps, **self.measures}, {})

    def to_json(self) -> dict[str, Any]:
        """Return what the page's script goes on from."""
        return {"steps": self.steps, "measures": self.measures}


def _is_real(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
