"""A tilt series refined by projection matching."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity
from lithoscope.methods.tomogram_parts import ALONG_Y, engine, rotation_axis


class TiltSeriesMatchParams(Params):
    """
    How a volume is made to compare with, and how far images may move.

    Worth its time where the centre of mass fails: the object leaves the field, or its neighbours enter. Where it holds,
    the volume of few tilts knows less than the centre of mass.
    """

    advanced: ClassVar[frozenset[str]] = frozenset(
        {"engine_iterations", "largest_step_px", "tolerance_px", "rotation_axis_px"}
    )

    engine: Literal["genfire", "sirt", "sart", "fbp", "resire"] = engine("sirt")
    engine_iterations: int = quantity(30, unit="1", title="Iterations of each volume", ge=1, le=1000)
    coarsest_bin: Literal[1, 2, 4, 8] = choice(
        4, title="Coarsest level", help="Pixels summed along each edge at first; halved level by level."
    )
    iterations: int = quantity(10, unit="1", title="Rounds of each level", help="At most.", ge=1, le=200)
    largest_step_px: float = quantity(
        0.5, unit="px", title="Longest step", help="No image moves further in one round.", gt=0, le=10
    )
    tolerance_px: float = quantity(
        0.01, unit="px", title="Tolerance", help="A level ends when no image moves further, times its bin.", ge=0, le=1
    )
    rotation_axis_px: float | None = rotation_axis()


METHOD = Method(
    id="tilt_series_match",
    version="1",
    title="Tilt series: refine by projection matching",
    technique="tilt_series",
    reference="Odstrcil et al. 2019, doi:10.1364/OE.27.036637",
    inputs=(
        Port("projections", kind="tilt_series", axes="tyx", unit="", title="Raw tilt series, tilt axis along y"),
        Port("shifts", kind="table", title="Shifts of the alignment to start from"),
        Port("masks", kind="labels", axes="tyx", optional=True, title="Where the object is in each raw image"),
    ),
    outputs=(
        Port("tilt_series", kind="tilt_series", axes="tyx", unit="", title="Aligned tilt series"),
        Port("clean", kind="tilt_series", axes="tyx", unit="", title="The same without background and surroundings"),
        Port("moved_masks", kind="labels", axes="tyx", optional=True, title="Masks of the aligned tilt series"),
        Port("shifts", kind="table", title="Shifts, for every channel recorded with the series"),
        Port("steps", kind="table", title="Longest step and residual of every round"),
        Port("residual", kind="scalar", title="What the volume leaves unexplained of the series"),
    ),
    params=TiltSeriesMatchParams,
    compute="lithoscope.numerics.tomography.refinement_report:match_series",
    example="lithoscope.numerics.tomography.phantoms:small_aligned",
    calibration=("angles_deg",),
    queue="cpu-long",
    presumes=ALONG_Y,
)
