"""Classes of an image or volume by thresholds of its grey values."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, Port, choice, quantity


class SegmentThresholdParams(Params):
    """How many classes there are, and what counts as noise."""

    advanced: ClassVar[frozenset[str]] = frozenset({"smallest_object_px", "resamples"})

    classes: int = quantity(2, unit="1", title="Classes", help="From the darkest to the brightest.", ge=2, le=5)
    smoothing_px: float = quantity(
        1.0,
        unit="px",
        title="Smoothing",
        help="Standard deviation of a Gaussian applied first; 0 for none.",
        ge=0,
        le=20,
    )
    fill_holes: bool = choice(
        default=False, title="Fill holes", help="Give darker regions enclosed by a class to that class."
    )
    smallest_object_px: int = quantity(
        0,
        unit="px",
        title="Smallest object",
        help="Connected regions of fewer pixels or voxels go to the next darker class; 0 keeps all.",
        ge=0,
    )
    resamples: int = quantity(
        200, unit="1", title="Bootstrap samples", help="Behind the 90 % intervals.", ge=50, le=5000
    )


METHOD = Method(
    id="segment_threshold",
    version="1",
    title="Segmentation by thresholds (multi-Otsu)",
    technique="images",
    reference="Otsu 1979, doi:10.1109/TSMC.1979.4310076; Liao et al. 2001; surface by Crofton's formula",
    inputs=(Port("image", kind=("volume", "image", "stack"), axes=("zyx", "yx"), unit="", title="Image or volume"),),
    outputs=(
        Port("labels", kind="labels", axes=("zyx", "yx"), title="Classes, 1 the darkest"),
        Port("phases", kind="table", title="Classes; the 90 % intervals are of the material this field samples"),
        Port("thresholds", kind="table", title="Grey value between classes, with 90 % interval"),
    ),
    params=SegmentThresholdParams,
    compute="lithoscope.numerics.volumes:segment_threshold",
    example="lithoscope.numerics.volumes.phantoms:small_image",
    calibration=("spacing_nm", "seed"),
)
