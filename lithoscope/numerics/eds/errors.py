"""Refusals of X-ray spectra and maps."""

from lithoscope.errors import ScienceError


class UnknownLine(ScienceError):
    """A family of X-ray lines, or an element, that the tables do not hold."""

    code = "unknown-line"


class LineOutsideSpectrum(ScienceError):
    """A family without a line on the energy axis."""

    code = "line-outside-spectrum"


class InseparableLines(ScienceError):
    """Families of lines so close that no fit can tell them apart."""

    code = "inseparable-lines"


class EmptyTilt(ScienceError):
    """A tilt without X-rays: it cannot be brought to the level of the others."""

    code = "empty-tilt"


class DetectorSaturated(ScienceError):
    """A detector that was dead all the time: its counts say nothing."""

    code = "detector-saturated"


class NoReferenceSignal(ScienceError):
    """A reference particle without signal of an element: no k-factor follows from it."""

    code = "no-reference-signal"


class ElementMismatch(ScienceError):
    """Maps, factors and elements that do not belong together."""

    code = "element-mismatch"
