"""Refusals of segmentation and of comparisons."""

from lithoscope.errors import ScienceError


class ConstantImage(ScienceError):
    """An image of one grey value has no classes."""

    code = "constant-image"


class TooFewGreyValues(ScienceError):
    """An image has fewer grey values than classes were asked for."""

    code = "too-few-grey-values"


class DifferentSteps(ScienceError):
    """Two maps whose voxels are not of one size cannot be compared voxel by voxel."""

    code = "different-steps"


class DifferentUnits(ScienceError):
    """Two maps of different units have no difference."""

    code = "different-units"


class TooLittleInCommon(ScienceError):
    """Two maps share too few places that have a value in both."""

    code = "too-little-in-common"
