"""From the images of a tilt series to a segmented particle."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Params, Port, choice, quantity
from lithoscope.methods.tomogram_parts import START
from lithoscope.recipes.base import Output, Recipe, Step, given


class TiltSeriesToParticleParams(Params):
    """What is background, how the tilt axis lies, how long to iterate, and how many classes there are."""

    advanced: ClassVar[frozenset[str]] = frozenset({"background", "rotation_axis_px", "smoothing_px"})

    background: Literal["outside_object", "lowest"] = choice(
        "outside_object",
        title="Background level",
        help="Median outside the object of each tilt, or its lowest pixel.",
    )
    tilt_axis_deg: float = quantity(
        0.0,
        unit="deg",
        title="Direction of the tilt axis",
        help="From the y axis of the images, positive from +y towards -x, as SerialEM and IMOD state it.",
        ge=-180,
        le=180,
    )
    rotation_axis_px: float | None = quantity(
        None, unit="px", title="Tilt axis", help="Detector column the tilt axis is put on; empty for the middle.", ge=0
    )
    iterations: int = quantity(
        100, unit="1", title="Iterations", help="More sharpen the volume and then its noise.", ge=1, le=10_000
    )
    classes: int = quantity(2, unit="1", title="Classes", help="From the darkest to the brightest.", ge=2, le=5)
    smoothing_px: float = quantity(
        1.0, unit="px", title="Smoothing before the thresholds", help="Of a Gaussian; 0 for none.", ge=0, le=20
    )


RECIPE = Recipe(
    id="tilt_series_to_particle",
    version="3",
    title="Tilt series to particle",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods: background, tilt axis, alignment; with SIRT and multi-Otsu "
    "thresholds",
    inputs=(Port("projections", kind="tilt_series", axes="tyx", unit="counts", title="Tilt series"), START),
    steps=(
        Step(
            "background",
            "tilt_series_background",
            {"projections": "projections"},
            {"level": given("background")},
            title="Background",
        ),
        Step(
            "turn",
            "tilt_series_turn",
            {"projections": "background.tilt_series"},
            {"tilt_axis_deg": given("tilt_axis_deg")},
            title="Tilt axis along y",
        ),
        Step(
            "align",
            "tilt_series_align",
            {"projections": "turn.tilt_series"},
            {"rotation_axis_px": given("rotation_axis_px")},
            title="Object on the tilt axis",
        ),
        Step(
            "quick_look",
            "tomogram_fbp",
            {"projections": "align.tilt_series"},
            {"rotation_axis_px": given("rotation_axis_px")},
            title="Quick look (filtered back projection)",
        ),
        Step(
            "reconstruction",
            "tomogram_sirt",
            {"projections": "align.tilt_series", "start": "start"},
            {"iterations": given("iterations"), "rotation_axis_px": given("rotation_axis_px")},
            title="Reconstruction (SIRT)",
        ),
        Step(
            "particle",
            "segment_threshold",
            {"image": "reconstruction.volume"},
            {"classes": given("classes"), "smoothing_px": given("smoothing_px"), "fill_holes": True},
            title="Particle",
        ),
    ),
    outputs=(
        Output("volume", "reconstruction.volume", "Tomogram"),
        Output("labels", "particle.labels", "Particle and its surroundings"),
        Output("phases", "particle.phases", "Volumes of the classes"),
        Output("quick_look", "quick_look.volume", "Tomogram to compare with, by filtered back projection"),
    ),
    params=TiltSeriesToParticleParams,
    presets={"draft": {"iterations": 20}, "thorough": {"iterations": 300}},
)
