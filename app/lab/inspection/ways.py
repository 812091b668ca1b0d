"""How the pixels of raw data were moved on the way to a result, by the jobs that made it and what they declare."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.infra.db.models import Job, Result
from lithoscope.methods import Method, listed

Step = tuple[Job, Result | None]
Columns = Mapping[str, Sequence[Any]]
SHIFTS, OURS = "shifts", "lithoscope."
SHIFT_Y, SHIFT_X, ANGLE = "shift_y_px", "shift_x_px", "angle_deg"
TURNED = "tilt-axis-not-along-y"  # what a method settles that turns images
LIKE_DEG = 0.01


class UnknownPlace(Exception):
    """Which pixel it was cannot be told; the message says why."""


@dataclass(frozen=True)
class Way:
    """
    What was done to the pixels between data and result.

    Parameters
    ----------
    shifts : mapping of str to list, optional
        Columns of the table by which the images were moved; None where none was.
    made_volume : bool
        Whether a volume was made of projections.
    axis_px : float, optional
        Where the tilt axis was put on the detector; None is the middle.
    unknown : str
        Why places cannot be followed; empty where they can.
    """

    shifts: Columns | None = None
    made_volume: bool = False
    axis_px: float | None = None
    unknown: str = ""

    def shift(self, angle_deg: float | None) -> tuple[float, float]:
        """Return by how much the image of a tilt was moved (y, x) [px]."""
        if self.shifts is None:
            return 0.0, 0.0
        if angle_deg is None:
            raise UnknownPlace("images were aligned, and which of them the data are is not recorded")
        for angle, y, x in zip(*(self.shifts[name] for name in (ANGLE, SHIFT_Y, SHIFT_X)), strict=True):
            if angle is not None and abs(angle - angle_deg) <= LIKE_DEG and y is not None and x is not None:
                return float(y), float(x)
        raise UnknownPlace(f"the alignment states no shift at {angle_deg:g}°")


def way_of(
    steps: Sequence[Step], methods: Mapping[str, Method], read_shifts: Callable[[Result], Columns | None]
) -> Way:
    """
    Follow the pixels through the jobs on the way to a result.

    Parameters
    ----------
    steps : sequence of (Job, Result or None)
        The jobs.
    methods : mapping of str to Method
        The catalogue.
    read_shifts : callable
        Gives the columns of a result's table of shifts; None where it has none.
    """
    known = [(methods[job.method], job, result) for job, result in steps if job.method in methods]
    made = [job for method, job, _ in known if _makes_volume(method)]
    axes = {job.params.get("rotation_axis_px") for job in made}
    about: dict[str, Any] = {"made_volume": bool(made), "axis_px": next(iter(axes), None)}
    strange = [job.method for job, _ in steps if job.method not in methods or not _is_ours(methods[job.method])]
    turned = [method.title for method, _, _ in known if TURNED in method.settles]
    if strange:
        return Way(**about, unknown=f"what “{strange[0]}” does to places is not known")
    if turned:
        return Way(**about, unknown=f"“{turned[0]}” turned the images")
    if len(axes) > 1:
        return Way(**about, unknown="several volumes with different tilt axes went into it")
    movers = _last([(job, result) for method, job, result in known if _moves(method)])
    if len(movers) > 1:
        return Way(**about, unknown="images were aligned more than once")
    if not movers:
        return Way(**about)
    _, result = movers[0]
    shifts = None if result is None else read_shifts(result)
    missing = "" if shifts is not None else "images were aligned, and the table of shifts is gone"
    return Way(**about, shifts=shifts, unknown=missing)


def _is_ours(method: Method) -> bool:
    return method.compute.startswith(OURS)


def _moves(method: Method) -> bool:
    return any(port.name == SHIFTS and "table" in port.kinds for port in method.outputs)


def _makes_volume(method: Method) -> bool:
    takes = any("t" in axes for port in method.inputs for axes in port.layouts)
    gives = any("z" in axes for port in method.outputs for axes in port.layouts)
    return takes and gives and "rotation_axis_px" in method.params.model_fields


def _last(movers: Sequence[Step]) -> list[Step]:
    """Leave out alignments from whose shifts a later one went on: its own are the whole way from the raw images."""
    begun = {str(one).partition("/")[0] for job, _ in movers for one in listed(job.inputs.get(SHIFTS, ()))}
    return [(job, result) for job, result in movers if result is None or result.id not in begun]
