"""Regions of a particle rich in an element, against the null of a homogeneous particle."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity
from lithoscope.methods.particle_parts import COMPOSITION, PARTICLE, Name, cycles_field, name_field


class ParticleRegionsParams(Params):
    """What counts as rich, and how noise is judged."""

    advanced: ClassVar[frozenset[str]] = frozenset({"voxels_alike", "connectivity", "confidence"})

    oxygen_percent: float = quantity(
        80.0, unit="at%", title="Rich in oxygen above", help="Strictly above, as published.", ge=0, le=100
    )
    metal_percent: float = quantity(
        16.7,
        unit="at%",
        title="Rich in a metal above",
        help="Strictly above: a perfect rock salt has 1/6 of each of three metals and is not rich.",
        ge=0,
        le=100,
    )
    voxels_alike: float = quantity(
        1.0,
        unit="1",
        title="Voxels that share their noise",
        help="Smoothing and reconstruction make neighbours alike; it widens the interval of the null.",
        ge=1,
        le=1_000_000,
    )
    connectivity: Literal[6, 18, 26] = choice(6, title="Surface", help="Neighbours that decide what is surface.")
    confidence: float = quantity(0.95, unit="1", title="Confidence", help="Of the interval of the null.", gt=0, lt=1)
    particle_name: Name = name_field()
    cycles: int | None = cycles_field()


METHOD = Method(
    id="particle_regions",
    version="1",
    title="Particle: element-rich regions",
    technique="particles",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods, element-rich region identification",
    inputs=(
        PARTICLE,
        COMPOSITION,
        Port("uncertainty", kind="volume", axes="czyx", unit="at%", optional=True, title="Its standard uncertainty"),
    ),
    outputs=(
        Port("rich", kind="labels", axes="czyx", title="Rich voxels of each map"),
        Port("regions", kind="table", title="Share of rich voxels, and the share that noise makes"),
    ),
    params=ParticleRegionsParams,
    compute="lithoscope.numerics.particles.region_report:find_regions",
    example="lithoscope.numerics.particles.examples:composition_with_uncertainty",
    calibration=("composition_names",),
)
