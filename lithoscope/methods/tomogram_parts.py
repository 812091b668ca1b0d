"""What every tomogram shares: the series it is made from, the volume it gives, where the tilt axis is."""

from typing import Any

from lithoscope.methods.base import Port, choice, quantity

SERIES = Port(
    "projections", kind="tilt_series", axes="tyx", unit="counts", title="Clean tilt series, tilt axis along y"
)
WHERE = Port("mask", kind=("labels", "volume"), axes="zyx", optional=True, title="Where the object may be")
VOLUME = Port("volume", kind="volume", axes="zyx", unit="counts/px", title="Tomogram")
EXAMPLE = "lithoscope.numerics.tomography.phantoms:small_clean_series"


def rotation_axis() -> Any:
    """Declare where the tilt axis falls on the detector."""
    return quantity(
        None, unit="px", title="Tilt axis", help="Detector column of the tilt axis; empty for the middle.", ge=0
    )


def nonnegative() -> Any:
    """Declare whether density may be negative."""
    return choice(default=True, title="No negative density", help="Set negative voxels to zero.")
