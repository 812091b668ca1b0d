"""A tilt series without its detector's dark level."""

from typing import Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity


class TiltSeriesBackgroundParams(Params):
    """What counts as background."""

    level: Literal["outside_object", "lowest", "value"] = choice(
        "outside_object",
        title="Background level",
        help="Median outside the object of each tilt, its lowest pixel, or the value below.",
    )
    value_counts: float = quantity(0.0, unit="counts", title="Value", help="Used only if the level is 'value'.")


METHOD = Method(
    id="tilt_series_background",
    version="1",
    title="Tilt series: subtract background",
    technique="tilt_series",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods: background outside the particle",
    inputs=(Port("projections", kind="tilt_series", axes="tyx", unit="counts", title="Tilt series"),),
    outputs=(
        Port("tilt_series", kind="tilt_series", axes="tyx", unit="", title="Tilt series without background"),
        Port("levels", kind="table", title="Background of each tilt"),
    ),
    params=TiltSeriesBackgroundParams,
    compute="lithoscope.numerics.tomography:subtract_background",
    example="lithoscope.numerics.tomography.phantoms:small_tilt_series",
    calibration=("angles_deg",),
)
