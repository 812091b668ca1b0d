"""A particle as figures: slices, a cut-away rendering, depth profiles."""

from lithoscope.methods.base import Method, Params, Port, quantity
from lithoscope.methods.figure_parts import CALIBRATION, PARTICLE, REFERENCE, VOLUMES, colour_limits


class ParticleFigureParams(Params):
    """
    How the maps of a particle are drawn.

    Parts of one of elements and valence states are shown in percent.
    """

    limits: str = colour_limits()
    turned_deg: float = quantity(
        55.0, unit="deg", title="Turned by", help="Of the rendering, about the tilt axis.", ge=-360, le=360
    )


METHOD = Method(
    id="particle_figure",
    version="1",
    title="Figures of a particle",
    technique="figures",
    reference=REFERENCE,
    inputs=(
        PARTICLE,
        VOLUMES,
        Port("profiles", kind="table", many=True, optional=True, title="Depth profiles of it"),
    ),
    outputs=(
        Port("slices", kind="figure", title="Slices through the middle"),
        Port("rendering", kind="figure", title="With a quarter cut away"),
        Port("profiles", kind="figure", optional=True, title="Depth profiles"),
    ),
    params=ParticleFigureParams,
    compute="lithoscope.figures.particle:particle_figures",
    example="lithoscope.figures.examples:small_particle_with_profiles",
    calibration=CALIBRATION,
)
