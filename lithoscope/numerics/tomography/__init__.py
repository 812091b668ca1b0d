"""Volumes from tilt series of one axis."""

from lithoscope.numerics.tomography.algebraic import sirt
from lithoscope.numerics.tomography.filtered import fbp
from lithoscope.numerics.tomography.projector import project
from lithoscope.numerics.tomography.tilts import pick_tilts, subtract_background
from lithoscope.numerics.tomography.turning import turn_series

__all__ = ["fbp", "pick_tilts", "project", "sirt", "subtract_background", "turn_series"]
