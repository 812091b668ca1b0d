"""A volume from a tilt series, by filtered back projection."""

from dataclasses import replace
from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params
from lithoscope.methods.tomogram_parts import EXAMPLE, GEOMETRY, SERIES, VOLUME, WHERE, projection_filter, rotation_axis


class TomogramFbpParams(Params):
    """Which filter to use, and where the tilt axis is."""

    advanced: ClassVar[frozenset[str]] = frozenset({"rotation_axis_px"})

    filter: Literal["ramp", "shepp-logan", "cosine", "hamming", "hann"] = projection_filter()
    rotation_axis_px: float | None = rotation_axis()


METHOD = Method(
    id="tomogram_fbp",
    version="1",
    title="Tomogram (filtered back projection)",
    technique="tomography",
    reference="Kak and Slaney 1988, chapter 3, doi:10.1137/1.9780898719277",
    inputs=(SERIES, replace(WHERE, title="Volume to keep")),
    outputs=(VOLUME,),
    params=TomogramFbpParams,
    compute="lithoscope.numerics.tomography:fbp",
    example=EXAMPLE,
    calibration=("angles_deg",),
    presumes=GEOMETRY,
)
