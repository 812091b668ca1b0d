"""What every tomogram shares: the series it is made from, the volume it gives, how engines are told what to do."""

from typing import Any, ClassVar, Literal

from pydantic import model_validator

from lithoscope.methods.base import Params, Port, Presets, choice, preset_quantity, quantity

SERIES = Port(
    "projections", kind="tilt_series", axes="tyx", unit="counts", title="Clean tilt series, tilt axis along y"
)
MAPS = Port(
    "projections", kind="tilt_series", axes=("tyx", "ctyx"), unit="", title="Aligned tilt series, of one map or of many"
)
WHERE = Port("mask", kind=("labels", "volume"), axes="zyx", optional=True, title="Where the object may be")
START = Port(
    "start", kind="volume", axes="zyx", unit="counts/px", optional=True, title="Volume to go on from; empty for none"
)
VOLUME = Port("volume", kind="volume", axes="zyx", unit="counts/px", title="Tomogram")
EXAMPLE = "lithoscope.numerics.tomography.phantoms:small_clean_series"
#: Doubts about how the tilt axis of a series lies: turning it settles them, a volume presumes that they are settled.
ALONG_Y = ("tilt-axis-unknown", "tilt-axis-not-along-y")
#: What a volume presumes of its series: a tilt axis along y, and pixels of a size that somebody knows.
GEOMETRY = (*ALONG_Y, "pixel-size-unknown")

#: Settings of GENFIRE that few people change.
GENFIRE_ADVANCED = frozenset(
    {
        "oversampling_ratio",
        "interpolation_radius_px",
        "gridding",
        "resolution",
        "resolution_circle",
        "withheld_fraction",
        "rotation_axis_px",
    }
)
GENFIRE_PRESETS: Presets = {
    "recommended": {"iterations": 200, "oversampling_ratio": 3.0, "interpolation_radius_px": 0.25},
    "paper": {"iterations": 1000, "oversampling_ratio": 3.0, "interpolation_radius_px": 0.1},
    "paper_eels": {"iterations": 200, "oversampling_ratio": 2.0, "interpolation_radius_px": 0.1},
}
#: Iterations that suffice each engine; filtered back projection takes none.
USUAL_ITERATIONS = {"genfire": 200, "sirt": 100, "sart": 20, "resire": 200, "fbp": 1}


def rotation_axis() -> Any:
    """Declare where the tilt axis falls on the detector."""
    return quantity(
        None, unit="px", title="Tilt axis", help="Detector column of the tilt axis; empty for the middle.", ge=0
    )


def nonnegative() -> Any:
    """Declare whether density may be negative."""
    return choice(default=True, title="No negative density", help="Set negative voxels to zero.")


def engine(default: str = "genfire") -> Any:
    """Declare which engine reconstructs."""
    return choice(
        default,
        title="Engine",
        help="Fourier iteration (genfire), iteration in space by all tilts at once (sirt, resire) or one after the "
        "other (sart), or filtered back projection (fbp).",
    )


def iterations(presets: Presets, *, words: str = "") -> Any:
    """Declare how long to iterate, by preset."""
    return preset_quantity("iterations", presets, unit="1", title="Iterations", help=words, ge=1, le=10_000)


def oversampling_ratio(presets: Presets) -> Any:
    """Declare the size of GENFIRE's grid, by preset."""
    return preset_quantity(
        "oversampling_ratio",
        presets,
        unit="1",
        title="Oversampling ratio",
        help="GENFIRE: size of the padded Fourier grid over that of the images.",
        ge=1,
        le=8,
    )


def interpolation_radius(presets: Presets) -> Any:
    """Declare which points of GENFIRE's grid are filled, by preset."""
    return preset_quantity(
        "interpolation_radius_px",
        presets,
        unit="px",
        title="Interpolation radius",
        help="GENFIRE: how near a grid point must be to a measured plane to be filled from it, in pixels of the padded "
        "transform; 0.5 to 0.7 with gridding 'fft'.",
        gt=0,
        le=2,
    )


def gridding() -> Any:
    """Declare how GENFIRE fills its grid."""
    return choice(
        "dft",
        title="Gridding",
        help="GENFIRE: evaluate the plane at the grid point (dft), or scatter its own samples (fft).",
    )


def resolution() -> Any:
    """Declare when GENFIRE enforces which resolution."""
    return choice(
        "all",
        title="Resolution",
        help="GENFIRE: enforce every measured point always; or from coarse to fine (_extension) and then back again, "
        "by the lists of either original program.",
    )


def resolution_circle() -> Any:
    """Declare whether GENFIRE fills the corners of its grid."""
    return choice(
        default=True, title="Stop at Nyquist", help="GENFIRE: fill nothing beyond the Nyquist frequency of the images."
    )


def withheld_fraction() -> Any:
    """Declare what GENFIRE withholds to judge itself."""
    return quantity(
        0.05,
        unit="1",
        title="Withheld share",
        help="GENFIRE: share of the measured points that the reconstruction does not see and R free is taken from.",
        ge=0,
        lt=0.5,
    )


def relaxation() -> Any:
    """Declare how far SART goes at once."""
    return quantity(
        0.5,
        unit="1",
        title="Relaxation",
        help="SART: share of each correction that is applied; small values let noise average.",
        gt=0,
        lt=2,
    )


def step_size() -> Any:
    """Declare how far RESIRE goes at once."""
    return quantity(
        1.0,
        unit="1",
        title="Step size",
        help="RESIRE: length of each step over the longest that is safe for any geometry; it converges below 2.",
        gt=0,
        lt=2,
    )


def projection_filter() -> Any:
    """Declare the filter of back projection."""
    return choice(
        "hann",
        title="Filter",
        help="Back projection: window on the ramp; the ramp alone is sharpest, hann the least noisy.",
    )


class EngineParams(Params):
    """Which engine, and what it is told. Settings that name an engine concern no other."""

    presets: ClassVar[Presets] = GENFIRE_PRESETS
    advanced: ClassVar[frozenset[str]] = GENFIRE_ADVANCED | {"relaxation", "step_size", "filter"}

    preset: Literal["recommended", "paper", "paper_eels"] = choice(
        "recommended", title="Preset", help="Gives GENFIRE the numbers that are left empty below."
    )
    engine: Literal["genfire", "sirt", "sart", "fbp", "resire"] = engine()
    iterations: int | None = iterations(
        GENFIRE_PRESETS, words="Engines other than GENFIRE take what suffices them: SIRT 100, SART 20, RESIRE 200."
    )
    nonnegative: bool = nonnegative()
    rotation_axis_px: float | None = rotation_axis()
    oversampling_ratio: float | None = oversampling_ratio(GENFIRE_PRESETS)
    interpolation_radius_px: float | None = interpolation_radius(GENFIRE_PRESETS)
    gridding: Literal["dft", "fft"] = gridding()
    resolution: Literal["all", "python", "python_extension", "matlab", "matlab_extension"] = resolution()
    resolution_circle: bool = resolution_circle()
    withheld_fraction: float = withheld_fraction()
    relaxation: float = relaxation()
    step_size: float = step_size()
    filter: Literal["ramp", "shepp-logan", "cosine", "hamming", "hann"] = projection_filter()

    @model_validator(mode="before")
    @classmethod
    def _iterated(cls, given: Any) -> Any:
        """Give an engine other than GENFIRE as many iterations as suffice it, before a preset gives it GENFIRE's."""
        if not isinstance(given, dict) or given.get("iterations") is not None:
            return given
        name = given.get("engine")
        usual = USUAL_ITERATIONS.get(name) if isinstance(name, str) and name != "genfire" else None
        return given if usual is None else {**given, "iterations": usual}
