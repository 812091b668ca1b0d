"""Refusals of calibrations and storage series."""

from lithoscope.errors import ScienceError


class TooFewPoints(ScienceError):
    """A line needs three points at least: through two it fits without saying how well."""

    code = "too-few-points"


class NoSpread(ScienceError):
    """Points that all lie at one place give no line."""

    code = "no-spread"


class NegativeValue(ScienceError):
    """An area, an amount or a time below zero."""

    code = "negative-value"


class NoSlope(ScienceError):
    """The response does not clearly rise with the amount, so no amount can be read from it."""

    code = "no-slope"
