"""Volumes of one map or of all maps of a tilt series, by any engine."""

from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from lithoscope.methods import tomogram_parts as parts
from lithoscope.methods.base import Method, Params, Port, Presets, choice

PRESETS = parts.GENFIRE_PRESETS


class TomogramMapsParams(Params):
    """
    Which engine, and what it is told.

    All maps share geometry, support and withheld points. The paper reconstructs dark field and X-rays with preset
    'paper', maps of energy loss with 'paper_eels'. Both fill less of Fourier space than comes nearest the truth on a
    phantom of 15 tilts; the default fills more. Settings that name an engine concern no other.
    """

    presets: ClassVar[Presets] = PRESETS

    preset: Literal["recommended", "paper", "paper_eels"] = choice(
        "recommended", title="Preset", help="Gives GENFIRE the numbers that are left empty below."
    )
    engine: Literal["genfire", "sirt", "sart", "fbp", "resire"] = parts.engine()
    iterations: int | None = parts.iterations(
        PRESETS, words="Engines other than GENFIRE take what suffices them: SIRT 100, SART 20, RESIRE 200."
    )
    normalise: bool = choice(
        default=False,
        title="Bring tilts to one level",
        help="Multiply every tilt by one factor, the same for all maps, so that the sums stay the same.",
    )
    nonnegative: bool = parts.nonnegative()
    rotation_axis_px: float | None = parts.rotation_axis()
    oversampling_ratio: float | None = parts.oversampling_ratio(PRESETS)
    interpolation_radius_px: float | None = parts.interpolation_radius(PRESETS)
    gridding: Literal["dft", "fft"] = parts.gridding()
    resolution: Literal["all", "python", "python_extension", "matlab", "matlab_extension"] = parts.resolution()
    resolution_circle: bool = parts.resolution_circle()
    withheld_fraction: float = parts.withheld_fraction()
    relaxation: float = parts.relaxation()
    step_size: float = parts.step_size()
    filter: Literal["ramp", "shepp-logan", "cosine", "hamming", "hann"] = parts.projection_filter()

    @model_validator(mode="before")
    @classmethod
    def _iterated(cls, given: Any) -> Any:
        """Give an engine other than GENFIRE as many iterations as suffice it, before a preset gives it GENFIRE's."""
        return parts.with_usual_iterations(given)


METHOD = Method(
    id="tomogram_maps",
    version="1",
    title="Tomogram (all maps of a series)",
    reference="Pryor et al. 2017, doi:10.1038/s41598-017-09847-1; Gilbert 1972, doi:10.1016/0022-5193(72)90180-4; "
    "Oh et al., ADF-EDS-EELS tomography, Methods",
    inputs=(parts.MAPS, replace(parts.WHERE, name="support")),
    outputs=(
        Port("volume", kind="volume", axes=("zyx", "czyx"), unit="", title="Tomogram of each map"),
        Port("curves", kind="table", optional=True, title="Errors of every map at every iteration"),
        Port("filled", kind="scalar", optional=True, title="Share of Fourier space that was measured"),
        Port("tilt_levels", kind="table", optional=True, title="What every tilt was multiplied by"),
    ),
    params=TomogramMapsParams,
    compute="lithoscope.numerics.tomography.maps_report:tomogram_maps",
    example="lithoscope.numerics.tomography.phantoms:small_maps",
    calibration=("angles_deg", "seed", "projections_names"),
    queue="cpu-long",
)
