"""A volume from a tilt series, by simultaneous iterative reconstruction."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, quantity
from lithoscope.methods.tomogram_parts import (
    EXAMPLE,
    GEOMETRY,
    SERIES,
    START,
    VOLUME,
    WHERE,
    nonnegative,
    rotation_axis,
)


class TomogramSirtParams(Params):
    """How long to iterate, where the tilt axis is, and what the volume may be."""

    advanced: ClassVar[frozenset[str]] = frozenset({"rotation_axis_px"})

    iterations: int = quantity(
        100, unit="1", title="Iterations", help="More sharpen the volume and then its noise.", ge=1, le=10_000
    )
    rotation_axis_px: float | None = rotation_axis()
    nonnegative: bool = nonnegative()


METHOD = Method(
    id="tomogram_sirt",
    version="2",
    title="Tomogram (SIRT)",
    technique="tomography",
    reference="Gilbert 1972, doi:10.1016/0022-5193(72)90180-4",
    inputs=(SERIES, WHERE, START),
    outputs=(VOLUME,),
    params=TomogramSirtParams,
    compute="lithoscope.numerics.tomography:sirt",
    example=EXAMPLE,
    calibration=("angles_deg",),
    queue="cpu-long",
    presumes=GEOMETRY,
)
