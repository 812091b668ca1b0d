"""Elemental volumes from dark field and maps together, as a check of the direct route."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, Presets, choice, preset_quantity, quantity
from lithoscope.methods.tomogram_parts import ALONG_Y, rotation_axis

PRESETS: Presets = {
    "recommended": {"adf_weight": 2.5, "chemical_weight": 0.05, "tv_weight": 0.01},
    "paper": {"adf_weight": 10.0, "chemical_weight": 0.05, "tv_weight": 1e-4},
}


class FusedTomographyParams(Params):
    """
    How much dark field, maps and smoothness weigh, and how long to iterate.

    The weights suit maps of some hundred counts. Those of the published program (preset 'paper') let smoothness do next
    to nothing here. The dark field is taken to be a power of the composition, weighted by atomic number.
    """

    presets: ClassVar[Presets] = PRESETS
    advanced: ClassVar[frozenset[str]] = frozenset(
        {"start_iterations", "adf_weight", "chemical_weight", "tv_weight", "exponent", "normalise", "rotation_axis_px"}
    )

    preset: Literal["recommended", "paper"] = choice(
        "recommended", title="Preset", help="Gives the numbers that are left empty below."
    )
    iterations: int = quantity(50, unit="1", title="Iterations", ge=1, le=10_000)
    start_iterations: int = quantity(
        20, unit="1", title="Iterations of the start", help="Of the maps alone, by maximum likelihood.", ge=1, le=1000
    )
    adf_weight: float | None = preset_quantity(
        "adf_weight", PRESETS, unit="1", title="Weight of the dark field", ge=0, le=1e6
    )
    chemical_weight: float | None = preset_quantity(
        "chemical_weight", PRESETS, unit="1", title="Weight of the maps", gt=0, le=1e6
    )
    tv_weight: float | None = preset_quantity(
        "tv_weight",
        PRESETS,
        unit="1",
        title="Weight of smoothness",
        help="Of total variation; 0 for none.",
        ge=0,
        le=1e6,
    )
    exponent: float = quantity(
        1.6, unit="1", title="Exponent", help="Power of the composition in the dark field.", ge=1, le=2
    )
    normalise: bool = choice(
        default=True, title="One level for all tilts", help="What holder and grid shadow is given back, all maps alike."
    )
    rotation_axis_px: float | None = rotation_axis()


METHOD = Method(
    id="fused_tomography",
    version="1",
    title="Fused tomography: cross-check of elemental volumes",
    technique="tomography",
    reference="Schwartz et al. 2024, doi:10.1038/s41467-024-47558-0",
    inputs=(
        Port("dark_field", kind="tilt_series", axes="tyx", unit="", title="Aligned dark field without background"),
        Port("maps", kind="tilt_series", axes="ctyx", unit="", title="Aligned maps of the elements, same tilts"),
        Port("direct", kind="volume", axes="czyx", unit="", optional=True, title="Intensities of the direct route"),
        Port("particle", kind="labels", axes="zyx", optional=True, title="Particle in which routes are compared"),
        Port("k_factors", kind="table", optional=True, title="K-factors"),
    ),
    outputs=(
        Port("volumes", kind="volume", axes="czyx", unit="", like="maps", title="Fused volumes"),
        Port("agreement", kind="table", optional=True, title="Agreement with the direct route"),
        Port("cost", kind="table", title="Cost after every iteration"),
        Port("correlation", kind="scalar", title="Lowest correlation with the direct route"),
        Port("clipped", kind="scalar", title="Negative counts set to zero"),
    ),
    params=FusedTomographyParams,
    compute="lithoscope.numerics.tomography.fused_report:fused_tomography",
    example="lithoscope.numerics.tomography.phantoms:small_fused",
    calibration=("angles_deg", "maps_names"),
    queue="cpu-long",
    presumes=ALONG_Y,
)
