"""Refusals of segmentation."""

from lithoscope.errors import ScienceError


class ConstantImage(ScienceError):
    """An image of one grey value has no classes."""

    code = "constant-image"


class TooFewGreyValues(ScienceError):
    """An image has fewer grey values than classes were asked for."""

    code = "too-few-grey-values"
