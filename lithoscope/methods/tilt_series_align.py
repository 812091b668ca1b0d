"""A tilt series whose images lie on one tilt axis."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, Presets, choice, preset_quantity, quantity
from lithoscope.methods.tilt_series_mask import PRESETS
from lithoscope.methods.tomogram_parts import ALONG_Y, rotation_axis


class TiltSeriesAlignParams(Params):
    """
    What of each image is measured, and where the tilt axis goes.

    The centre of mass fixes every image across the axis, the common line along it. Masks that are given as an input
    count; else the settings here say what is measured.
    """

    presets: ClassVar[Presets] = PRESETS
    advanced: ClassVar[frozenset[str]] = frozenset({"dilate_px", "rotation_axis_px", "mean_updates"})

    preset: Literal["recommended", "paper"] = choice(
        "recommended", title="Preset", help="Gives the number that is left empty below."
    )
    masking: Literal["otsu", "whole_field"] = choice(
        "otsu",
        title="Measured part",
        help="Used without masks: those of Otsu's threshold, or the whole field, right only without background.",
    )
    dilate_px: float | None = preset_quantity(
        "dilate_px",
        PRESETS,
        unit="px",
        title="Dilation",
        help="How far Otsu's masks reach beyond what the threshold selects.",
        ge=0,
        le=100,
    )
    rotation_axis_px: float | None = rotation_axis()
    mean_updates: int = quantity(
        2,
        unit="1",
        title="Updates of the mean line",
        help="How often the mean of the moved common lines becomes the reference.",
        ge=0,
        le=50,
    )


METHOD = Method(
    id="tilt_series_align",
    version="2",
    title="Tilt series: align",
    technique="tilt_series",
    reference="Scott et al. 2012, doi:10.1038/nature10934; Guizar-Sicairos et al. 2008, doi:10.1364/OL.33.000156; "
    "Oh et al., ADF-EDS-EELS tomography, Methods",
    inputs=(
        Port("projections", kind="tilt_series", axes="tyx", unit="", title="Tilt series, tilt axis along y"),
        Port("masks", kind="labels", axes="tyx", optional=True, title="Where the object is in each image"),
    ),
    outputs=(
        Port("tilt_series", kind="tilt_series", axes="tyx", unit="", title="Aligned tilt series"),
        Port("clean", kind="tilt_series", axes="tyx", unit="", title="The same without background and surroundings"),
        Port("moved_masks", kind="labels", axes="tyx", optional=True, title="Masks of the aligned tilt series"),
        Port("shifts", kind="table", title="Shifts, for every channel recorded with the series"),
        Port("rotation_axis", kind="scalar", unit="px", title="Where the tilt axis was put"),
        Port("line_spread", kind="scalar", title="What is left between the common lines"),
        Port("masked_off", kind="scalar", title="Largest masked-off fraction"),
    ),
    params=TiltSeriesAlignParams,
    compute="lithoscope.numerics.tomography.alignment_report:align_series",
    example="lithoscope.numerics.tomography.phantoms:small_tilt_series",
    calibration=("angles_deg",),
    presumes=ALONG_Y,
)
