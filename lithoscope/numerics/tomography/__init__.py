"""Volumes from tilt series of one axis."""

from lithoscope.numerics.tomography.algebraic import sirt
from lithoscope.numerics.tomography.filtered import fbp
from lithoscope.numerics.tomography.genfire import GenfireResult, genfire, genfire_maps
from lithoscope.numerics.tomography.projector import project
from lithoscope.numerics.tomography.resire import resire
from lithoscope.numerics.tomography.sart import sart
from lithoscope.numerics.tomography.tilts import pick_tilts, subtract_background
from lithoscope.numerics.tomography.turning import turn_series

__all__ = [
    "GenfireResult",
    "fbp",
    "genfire",
    "genfire_maps",
    "pick_tilts",
    "project",
    "resire",
    "sart",
    "sirt",
    "subtract_background",
    "turn_series",
]
