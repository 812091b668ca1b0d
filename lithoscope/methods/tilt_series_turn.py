"""A tilt series turned so that its tilt axis runs along y."""

from lithoscope.methods.base import Method, Params, Port, quantity
from lithoscope.methods.tomogram_parts import ALONG_Y


class TiltSeriesTurnParams(Params):
    """How the tilt axis lies in the images; microscope and camera fix it, and many files do not say it."""

    tilt_axis_deg: float = quantity(
        0.0,
        unit="deg",
        title="Direction of the tilt axis",
        help="From the y axis of the images, positive from +y towards -x, as SerialEM and IMOD state it. "
        "180 deg more mirrors the volume.",
        ge=-180,
        le=180,
    )


METHOD = Method(
    id="tilt_series_turn",
    version="1",
    title="Tilt series: turn the tilt axis along y",
    technique="tilt_series",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods; sign as in IMOD tiltalign, Kremer et al. 1996, "
    "doi:10.1006/jsbi.1996.0013",
    inputs=(Port("projections", kind="tilt_series", axes="tyx", unit="", title="Tilt series without background"),),
    outputs=(
        Port("tilt_series", kind="tilt_series", axes="tyx", unit="", title="Tilt series with its axis along y"),
        Port("rotation_axis", kind="scalar", unit="px", title="Where the tilt axis falls on the detector"),
    ),
    params=TiltSeriesTurnParams,
    compute="lithoscope.numerics.tomography:turn_series",
    example="lithoscope.numerics.tomography.phantoms:small_clean_series",
    calibration=("angles_deg",),
    settles=ALONG_Y,
)
