"""Refusals of tilt series."""

from lithoscope.errors import ScienceError


class TiltCountMismatch(ScienceError):
    """As many angles as projections are needed."""

    code = "tilt-count-mismatch"


class TooFewTilts(ScienceError):
    """Fewer than three distinct directions do not make a volume."""

    code = "too-few-tilts"


class EmptyProjection(ScienceError):
    """A projection without any signal would empty every voxel it crosses."""

    code = "empty-projection"


class AxisOutsideDetector(ScienceError):
    """The tilt axis must fall on the detector."""

    code = "axis-outside-detector"


class MissingTilt(ScienceError):
    """A requested tilt was not taken."""

    code = "missing-tilt"


class WrongShiftTable(ScienceError):
    """Shifts of other tilts, or a table without shifts, must not move a series."""

    code = "wrong-shift-table"
