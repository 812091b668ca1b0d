"""Depth profiles of the maps of a particle, from its surface to its core."""

from typing import Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity
from lithoscope.methods.particle_parts import PARTICLE, Name, cycles_field, name_field


class ParticleProfilesParams(Params):
    """How shells are peeled, and what the particle is called in a comparison."""

    connectivity: Literal[6, 26] = choice(
        6, title="Shells", help="A shell is peeled across faces (6), or across faces, edges and corners (26)."
    )
    least_voxels: int = quantity(
        10,
        unit="1",
        title="Fewest voxels of a shell",
        help="Smaller shells keep their number and lose their mean.",
        ge=1,
    )
    particle_name: Name = name_field()
    cycles: int | None = cycles_field()


METHOD = Method(
    id="particle_profiles",
    version="1",
    title="Particle: depth profiles",
    technique="particles",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods, surface analysis and depth profiling",
    inputs=(
        PARTICLE,
        Port(
            "volumes", kind="volume", axes=("czyx", "zyx"), unit="", title="Compositions, valence fractions", many=True
        ),
    ),
    outputs=(
        Port("profiles", kind="table", title="Mean, deviation and number of voxels of each shell"),
        Port("surface", kind="table", title="Surface and whole particle"),
        Port("depth", kind="volume", axes="zyx", unit="nm", title="Depth below the surface"),
    ),
    params=ParticleProfilesParams,
    compute="lithoscope.numerics.particles.profile_report:profile_particle",
    example="lithoscope.numerics.particles.examples:with_composition",
    calibration=("pixel_size_nm", "volumes_names", "volumes_units"),
)
