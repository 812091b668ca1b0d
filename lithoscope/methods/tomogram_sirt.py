"""A volume from a tilt series, by simultaneous iterative reconstruction."""

from lithoscope.methods.base import Method, Params, Port, choice, quantity


class TomogramSirtParams(Params):
    """How long to iterate, where the tilt axis is, and what the volume may be."""

    iterations: int = quantity(
        100, unit="1", title="Iterations", help="More sharpen the volume and then its noise.", ge=1, le=10_000
    )
    rotation_axis_px: float | None = quantity(
        None, unit="px", title="Tilt axis", help="Detector column of the tilt axis; empty for the middle.", ge=0
    )
    nonnegative: bool = choice(default=True, title="No negative density", help="Set negative voxels to zero.")


METHOD = Method(
    id="tomogram_sirt",
    version="1",
    title="Tomogram (SIRT)",
    reference="Gilbert 1972, doi:10.1016/0022-5193(72)90180-4",
    inputs=(
        Port(
            "projections",
            kind="tilt_series",
            axes="tyx",
            unit="counts",
            title="Clean tilt series, tilt axis along y",
        ),
        Port("mask", kind=("labels", "volume"), axes="zyx", optional=True, title="Where the object may be"),
    ),
    outputs=(Port("volume", kind="volume", axes="zyx", unit="counts/px", title="Tomogram"),),
    params=TomogramSirtParams,
    compute="lithoscope.numerics.tomography:sirt",
    example="lithoscope.numerics.tomography.phantoms:small_clean_series",
    calibration=("angles_deg",),
    queue="cpu-long",
)
