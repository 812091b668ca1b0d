"""Volumes of one map or of all maps of a tilt series, by any engine."""

from dataclasses import replace

from lithoscope.methods.base import Method, Port, choice
from lithoscope.methods.tomogram_parts import GEOMETRY, MAPS, WHERE, EngineParams


class TomogramMapsParams(EngineParams):
    """
    Which engine, what it is told, and whether the tilts are brought to one level.

    All maps share geometry, support and withheld points. The paper reconstructs dark field and X-rays with preset
    'paper', maps of energy loss with 'paper_eels'. Both fill less of Fourier space than comes nearest the truth on a
    phantom of 15 tilts; the default fills more. Settings that name an engine concern no other.
    """

    normalise: bool = choice(
        default=False,
        title="Bring tilts to one level",
        help="Multiply every tilt by one factor, the same for all maps, so that the sums stay the same.",
    )


METHOD = Method(
    id="tomogram_maps",
    version="1",
    title="Tomogram (all maps of a series)",
    technique="tomography",
    reference="Pryor et al. 2017, doi:10.1038/s41598-017-09847-1; Gilbert 1972, doi:10.1016/0022-5193(72)90180-4; "
    "Oh et al., ADF-EDS-EELS tomography, Methods",
    inputs=(MAPS, replace(WHERE, name="support")),
    outputs=(
        Port("volume", kind="volume", axes=("zyx", "czyx"), unit="", title="Tomogram of each map"),
        Port("curves", kind="table", optional=True, title="Errors of every map at every iteration"),
        Port("shells", kind="table", optional=True, title="Errors of every map in each shell of Fourier space"),
        Port("filled", kind="scalar", optional=True, title="Share of Fourier space that was measured"),
        Port("tilt_levels", kind="table", optional=True, title="What every tilt was multiplied by"),
    ),
    params=TomogramMapsParams,
    compute="lithoscope.numerics.tomography.maps_report:tomogram_maps",
    example="lithoscope.numerics.tomography.phantoms:small_maps",
    calibration=("angles_deg", "seed", "projections_names"),
    queue="cpu-long",
    presumes=GEOMETRY,
)
