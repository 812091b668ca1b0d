"""Where the object is in each image of a tilt series."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, Presets, choice, preset_quantity

PRESETS: Presets = {"recommended": {"dilate_px": 3.0}, "paper": {"dilate_px": 0.0}}


class TiltSeriesMaskParams(Params):
    """
    How the mask of each image is made from Otsu's threshold.

    The threshold runs through the soft rim of an object: as the paper has it, without dilation, a mask cuts off several
    percent of the intensity and with it the surface. The result warns where more than 1 % is cut off.
    """

    presets: ClassVar[Presets] = PRESETS
    advanced: ClassVar[frozenset[str]] = frozenset({"dilate_px", "largest", "fill_holes"})

    preset: Literal["recommended", "paper"] = choice(
        "recommended", title="Preset", help="Gives the number that is left empty below."
    )
    dilate_px: float | None = preset_quantity(
        "dilate_px",
        PRESETS,
        unit="px",
        title="Dilation",
        help="How far the mask reaches beyond what the threshold selects.",
        ge=0,
        le=100,
    )
    largest: bool = choice(default=True, title="Largest piece only", help="Leave smaller bright pieces out.")
    fill_holes: bool = choice(default=True, title="Fill holes", help="Fill what the mask encloses.")


METHOD = Method(
    id="tilt_series_mask",
    version="1",
    title="Tilt series: mask the object",
    technique="tilt_series",
    reference="Otsu 1979, doi:10.1109/TSMC.1979.4310076; Oh et al., ADF-EDS-EELS tomography, Methods",
    inputs=(Port("projections", kind="tilt_series", axes="tyx", unit="", title="Tilt series"),),
    outputs=(
        Port("masks", kind="labels", axes="tyx", title="Masks, 1 on the object"),
        Port("tilts", kind="table", title="Threshold, background and masked-off fraction of each tilt"),
        Port("masked_off", kind="scalar", title="Largest masked-off fraction"),
    ),
    params=TiltSeriesMaskParams,
    compute="lithoscope.numerics.tomography.alignment_report:mask_series",
    example="lithoscope.numerics.tomography.phantoms:small_tilt_series",
    calibration=("angles_deg",),
)
