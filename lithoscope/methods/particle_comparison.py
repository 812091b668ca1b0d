"""Particles of several cycling states side by side, in tables and a figure."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, Port, choice, quantity
from lithoscope.methods.particle_parts import Name


class ParticleComparisonParams(Params):
    """What is drawn, what counts as a gradient, and which state each particle belongs to."""

    advanced: ClassVar[frozenset[str]] = frozenset(
        {"smallest_change_percent", "smallest_change_fraction", "confidence"}
    )

    cycles: Name = choice(
        "",
        title="Cycles of each profile",
        help="In their order, separated by commas (0, 0, 50); empty takes what the profiles say.",
    )
    shown: Name = choice("", title="Map that the tables draw", help="Empty for the first; the figure draws every map.")
    smallest_change_percent: float = quantity(
        2.0,
        unit="at%",
        title="Smallest gradient of a composition",
        help="Smaller changes with depth are not called a gradient: at least the systematic error near a surface.",
        ge=0,
        le=100,
    )
    smallest_change_fraction: float = quantity(
        0.05, unit="1", title="Smallest gradient of a fraction", help="The same for valence fractions.", ge=0, le=1
    )
    confidence: float = quantity(0.95, unit="1", title="Confidence", help="Of the intervals.", gt=0, lt=1)


METHOD = Method(
    id="particle_comparison",
    version="1",
    title="Particles: comparison of cycling states",
    technique="particles",
    reference="Oh et al., ADF-EDS-EELS tomography, Figs. 2-4; Welch 1947, doi:10.1093/biomet/34.1-2.28",
    inputs=(
        Port("profiles", kind="table", many=True, title="Depth profiles of the particles"),
        Port("capacity", kind="table", optional=True, title="Capacity by cycle, or its retention"),
        Port("inhomogeneity", kind="table", many=True, optional=True, title="Inhomogeneity of the particles"),
    ),
    outputs=(
        Port("states", kind="table", title="Mean of each state by depth"),
        Port("relative", kind="table", title="Mean of each state by depth over the radius"),
        Port("curves", kind="table", title="Every particle's own profile"),
        Port("gradients", kind="table", title="Gradients of the averages, and whether the particles have them"),
        Port("merits", kind="table", title="Figures of each state beside the capacity lost"),
        Port("differences", kind="table", title="Differences to the first state"),
        Port("scatter", kind="table", optional=True, title="Inhomogeneity of each state by depth"),
        Port("figure", kind="figure", title="Cycling states side by side"),
    ),
    params=ParticleComparisonParams,
    compute="lithoscope.figures.cycling_states:compare_and_draw",
    example="lithoscope.numerics.particles.examples:several_profiles",
)
