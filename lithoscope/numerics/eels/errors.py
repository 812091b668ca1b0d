"""Refusals of electron energy-loss spectra."""

from lithoscope.errors import ScienceError


class MissingZeroLoss(ScienceError):
    """Low-loss spectra without a zero-loss peak: neither drift nor thickness can be told."""

    code = "missing-zero-loss"


class ChannelMismatch(ScienceError):
    """Spectra and energy axes that do not belong together."""

    code = "channel-mismatch"


class ReferenceNotCovering(ScienceError):
    """A reference spectrum that does not cover the window it is used in."""

    code = "reference-not-covering"


class MissingStrengths(ScienceError):
    """No table of oscillator strengths, or none of the subshell that the edge begins with."""

    code = "missing-strengths"


class OtherStrengths(ScienceError):
    """A table of oscillator strengths of another element or shell, or no such table at all."""

    code = "other-strengths"


class NoWindowCombination(ScienceError):
    """A search without a single pair of windows left."""

    code = "no-window-combination"


class TooManyReferences(ScienceError):
    """More reference spectra than can be told apart."""

    code = "too-many-references"


class DependentReferences(ScienceError):
    """Reference spectra that are multiples or mixtures of one another: no fit can tell them apart."""

    code = "dependent-references"
