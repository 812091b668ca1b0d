"""A volume from a tilt series, by real-space iteration."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, quantity
from lithoscope.methods.tomogram_parts import (
    EXAMPLE,
    GEOMETRY,
    SERIES,
    VOLUME,
    WHERE,
    nonnegative,
    rotation_axis,
    step_size,
)


class TomogramResireParams(Params):
    """How long to iterate, how long each step is, where the tilt axis is, and what the volume may be."""

    advanced: ClassVar[frozenset[str]] = frozenset({"step_size", "rotation_axis_px"})

    iterations: int = quantity(
        200, unit="1", title="Iterations", help="More sharpen the volume and then its noise.", ge=1, le=10_000
    )
    step_size: float = step_size()
    rotation_axis_px: float | None = rotation_axis()
    nonnegative: bool = nonnegative()


METHOD = Method(
    id="tomogram_resire",
    version="1",
    title="Tomogram (RESIRE)",
    technique="tomography",
    reference="Pham, Yuan, Rana et al. 2023, doi:10.1038/s41598-023-31124-7",
    inputs=(SERIES, WHERE),
    outputs=(VOLUME,),
    params=TomogramResireParams,
    compute="lithoscope.numerics.tomography:resire",
    example=EXAMPLE,
    calibration=("angles_deg",),
    queue="cpu-long",
    presumes=GEOMETRY,
)
