"""Refusals that any theme of numerics may raise."""

from lithoscope.errors import ScienceError


class WrongShape(ScienceError):
    """An array that does not have the dimensions its meaning asks for."""

    code = "wrong-shape"


class NonFiniteValues(ScienceError):
    """An array that holds NaN or infinite values."""

    code = "non-finite-values"


class EmptyMask(ScienceError):
    """A mask that selects nothing."""

    code = "empty-mask"


class InvalidSetting(ScienceError):
    """A setting outside the range in which the algorithm means anything."""

    code = "invalid-setting"


class ReversedEnergyAxis(ScienceError):
    """An energy axis that falls, stands still or is uneven: spectra need equal, rising steps."""

    code = "reversed-energy-axis"


class WindowOutsideSpectrum(ScienceError):
    """An energy window that the spectrum does not cover."""

    code = "window-outside-spectrum"


class NegativeCounts(ScienceError):
    """Counts below zero: no detector counts them, so a background or dark level was taken off before."""

    code = "negative-counts"


class NeedsTooMuchMemory(ScienceError):
    """A computation whose arrays would not fit into the memory it may take."""

    code = "needs-too-much-memory"
