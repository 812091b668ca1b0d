"""A volume from a tilt series, by filtered back projection."""

from typing import Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity


class TomogramFbpParams(Params):
    """Which filter to use, and where the tilt axis is."""

    filter: Literal["ramp", "shepp-logan", "cosine", "hamming", "hann"] = choice(
        "hann", title="Filter", help="Window on the ramp: the ramp alone is sharpest, hann the least noisy."
    )
    rotation_axis_px: float | None = quantity(
        None, unit="px", title="Tilt axis", help="Detector column of the tilt axis; empty for the middle.", ge=0
    )


METHOD = Method(
    id="tomogram_fbp",
    version="1",
    title="Tomogram (filtered back projection)",
    reference="Kak and Slaney 1988, chapter 3, doi:10.1137/1.9780898719277",
    inputs=(
        Port(
            "projections",
            kind="tilt_series",
            axes="tyx",
            unit="counts",
            title="Clean tilt series, tilt axis along y",
        ),
        Port("mask", kind=("labels", "volume"), axes="zyx", optional=True, title="Volume to keep"),
    ),
    outputs=(Port("volume", kind="volume", axes="zyx", unit="counts/px", title="Tomogram"),),
    params=TomogramFbpParams,
    compute="lithoscope.numerics.tomography:fbp",
    example="lithoscope.numerics.tomography.phantoms:small_clean_series",
    calibration=("angles_deg",),
)
