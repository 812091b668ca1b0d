"""What differs between two maps or volumes of one place."""

from typing import Literal

from lithoscope.methods.base import Method, Params, Port, PortKind, choice

LAYOUTS = ("zyx", "czyx", "yx", "cyx")
KINDS: tuple[PortKind, ...] = ("volume", "volume", "image", "image")


class DifferenceMapParams(Params):
    """Whether the second map is brought to the scale of the first before it is taken off."""

    match: Literal["none", "scale", "scale_and_offset"] = choice(
        "none",
        title="Bring the second to the first",
        help="By a factor, or a factor and an offset, of least squares: for intensities of an arbitrary scale.",
    )


METHOD = Method(
    id="difference_map",
    version="1",
    title="Difference of two maps or volumes",
    technique="images",
    reference="Voxel by voxel on one grid; correlation after Pearson 1895, doi:10.1098/rspl.1895.0041",
    inputs=(
        Port("first", kind=("volume", "image"), axes=LAYOUTS, unit="", whole=True, title="First map"),
        Port("second", kind=("volume", "image"), axes=LAYOUTS, unit="", whole=True, title="Second map, taken off"),
        Port(
            "where",
            kind="labels",
            axes=("zyx", "yx"),
            optional=True,
            title="Where statistics are taken, above 0; leave empty for everywhere",
        ),
    ),
    outputs=(
        Port("difference", kind=KINDS, axes=LAYOUTS, unit="", title="First less second"),
        Port("numbers", kind="table", title="How large the difference is"),
        Port("histogram", kind="table", title="Differences and how often they occur"),
        Port("correlation", kind="scalar", title="Correlation of the two"),
        Port("relative_rms", kind="scalar", title="Root mean square of the difference over the scatter of the first"),
        Port("voxels", kind="scalar", title="Places compared"),
    ),
    params=DifferenceMapParams,
    compute="lithoscope.numerics.volumes:difference_map",
    example="lithoscope.numerics.volumes.phantoms:two_tomograms",
)
