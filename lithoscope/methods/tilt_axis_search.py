"""Direction and position of the tilt axis, searched."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity
from lithoscope.methods.tomogram_parts import engine


class TiltAxisSearchParams(Params):
    """
    What is searched, around which value and how finely.

    The direction is where the sums across the axis are most alike at all tilts; raw images suffice. The position is
    where a volume explains most of the series, which must be aligned along the axis.
    """

    advanced: ClassVar[frozenset[str]] = frozenset(
        {"around_deg", "half_range_deg", "step_deg", "around_px", "half_range_px", "step_px", "engine_iterations"}
    )

    searched: Literal["direction", "position", "both"] = choice("both", title="Searched")
    around_deg: float = quantity(
        0.0,
        unit="deg",
        title="Direction around",
        help="From the y axis of the images, positive from +y towards -x, as SerialEM and IMOD state it.",
        ge=-180,
        le=180,
    )
    half_range_deg: float = quantity(5.0, unit="deg", title="Directions to either side", gt=0, le=90)
    step_deg: float = quantity(0.25, unit="deg", title="Step of the direction", gt=0, le=10)
    around_px: float | None = quantity(
        None, unit="px", title="Position around", help="Detector column; empty for the middle.", ge=0
    )
    half_range_px: float = quantity(3.0, unit="px", title="Positions to either side", gt=0, le=1000)
    step_px: float = quantity(0.5, unit="px", title="Step of the position", gt=0, le=100)
    engine: Literal["genfire", "sirt", "sart", "fbp", "resire"] = engine("sirt")
    engine_iterations: int = quantity(30, unit="1", title="Iterations of each volume", ge=1, le=1000)


METHOD = Method(
    id="tilt_axis_search",
    version="1",
    title="Tilt series: search the tilt axis",
    technique="tilt_series",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods (common lines); Odstrcil et al. 2019, "
    "doi:10.1364/OE.27.036637",
    inputs=(
        Port("projections", kind="tilt_series", axes="tyx", unit="", title="Tilt series"),
        Port("masks", kind="labels", axes="tyx", optional=True, title="Where the object is in each image"),
    ),
    outputs=(
        Port("direction", kind="scalar", unit="deg", optional=True, title="Direction of the tilt axis"),
        Port("position", kind="scalar", unit="px", optional=True, title="Where it falls on the detector"),
        Port("directions", kind="table", optional=True, title="Directions that were tried"),
        Port("positions", kind="table", optional=True, title="Positions that were tried"),
    ),
    params=TiltAxisSearchParams,
    compute="lithoscope.numerics.tomography.refinement_report:search_axis",
    example="lithoscope.numerics.tomography.phantoms:small_clean_series",
    calibration=("angles_deg",),
    queue="cpu-long",
)
