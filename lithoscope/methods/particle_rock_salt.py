"""How much of a particle has turned to rock salt: of atoms, of formula units and of volume."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity
from lithoscope.methods.particle_parts import COMPOSITION, PARTICLE, Name, cycles_field, name_field


class ParticleRockSaltParams(Params):
    """How well the oxygen is known, and what the pure phases hold."""

    advanced: ClassVar[frozenset[str]] = frozenset({"rounded_oxygen", "connectivity"})

    oxygen_uncertainty_percent: float = quantity(
        0.5,
        unit="at%",
        title="Uncertainty of the mean oxygen",
        help="Common to all voxels: of k-factors and of absorption.",
        ge=0,
        le=100,
    )
    rounded_oxygen: bool = choice(
        default=False, title="Oxygen as published", help="66.7 and 50.0 % of the pure phases instead of 2/3 and 1/2."
    )
    connectivity: Literal[6, 18, 26] = choice(6, title="Surface", help="Neighbours that decide what is surface.")
    particle_name: Name = name_field()
    cycles: int | None = cycles_field()


METHOD = Method(
    id="particle_rock_salt",
    version="1",
    title="Particle: rock-salt fraction",
    technique="particles",
    reference="Oh et al., ADF-EDS-EELS tomography, evolution of 3D chemical composition; cells of the pure phases",
    inputs=(PARTICLE, COMPOSITION),
    outputs=(
        Port("rock_salt", kind="table", title="Three fractions, particle and surface"),
        Port("of_atoms", kind="scalar", unit="%", title="Rock salt, of atoms"),
        Port("of_formula_units", kind="scalar", unit="%", title="Rock salt, of formula units"),
        Port("of_volume", kind="scalar", unit="%", title="Rock salt, of volume"),
        Port("fraction", kind="volume", axes="zyx", title="Local rock-salt fraction, of atoms"),
    ),
    params=ParticleRockSaltParams,
    compute="lithoscope.numerics.particles.rock_salt_report:find_rock_salt",
    example="lithoscope.numerics.particles.examples:named_composition",
    calibration=("composition_names",),
)
