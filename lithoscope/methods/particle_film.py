"""A particle turning, its maps side by side."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity
from lithoscope.methods.figure_parts import CALIBRATION, PARTICLE, REFERENCE, VOLUMES, colour_limits


class ParticleFilmParams(Params):
    """
    How a particle turns once about its tilt axis.

    With a quarter cut away the inside is seen; projections are along the line of sight, through the particle alone.
    """

    advanced: ClassVar[frozenset[str]] = frozenset({"frames", "side_px"})

    limits: str = colour_limits()
    view: Literal["cut", "surface", "maximum", "mean"] = choice("cut", title="Seen as")
    frames: int = quantity(36, unit="1", title="Frames", ge=2, le=180)
    side_px: int = quantity(240, unit="px", title="Width of a map", ge=64, le=480)


METHOD = Method(
    id="particle_film",
    version="1",
    title="Film of a particle",
    technique="figures",
    reference=REFERENCE.replace("figures 2 and 3", "Supplementary Movies 1 to 4"),
    inputs=(PARTICLE, VOLUMES),
    outputs=(Port("film", kind="film", title="The particle turning"),),
    params=ParticleFilmParams,
    compute="lithoscope.figures.particle:particle_film",
    example="lithoscope.figures.examples:small_particle_maps",
    calibration=CALIBRATION,
)
