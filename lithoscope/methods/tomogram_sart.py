"""A volume from a tilt series, by the algebraic technique that corrects one tilt after the other."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, quantity
from lithoscope.methods.tomogram_parts import (
    EXAMPLE,
    GEOMETRY,
    SERIES,
    VOLUME,
    WHERE,
    nonnegative,
    relaxation,
    rotation_axis,
)


class TomogramSartParams(Params):
    """How long to iterate, how far each correction goes, where the tilt axis is, and what the volume may be."""

    advanced: ClassVar[frozenset[str]] = frozenset({"relaxation", "rotation_axis_px"})

    iterations: int = quantity(
        20,
        unit="1",
        title="Iterations",
        help="Rounds through all tilts; a tenth of what SIRT needs.",
        ge=1,
        le=10_000,
    )
    relaxation: float = relaxation()
    rotation_axis_px: float | None = rotation_axis()
    nonnegative: bool = nonnegative()


METHOD = Method(
    id="tomogram_sart",
    version="1",
    title="Tomogram (SART)",
    technique="tomography",
    reference="Andersen and Kak 1984, doi:10.1177/016173468400600107",
    inputs=(SERIES, WHERE),
    outputs=(VOLUME,),
    params=TomogramSartParams,
    compute="lithoscope.numerics.tomography:sart",
    example=EXAMPLE,
    calibration=("angles_deg",),
    queue="cpu-long",
    presumes=GEOMETRY,
)
