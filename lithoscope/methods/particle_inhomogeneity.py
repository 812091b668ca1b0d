"""How uneven the composition of a particle is, with and without the noise of counting."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Port, choice, quantity
from lithoscope.methods.eds_composition import EdsCompositionParams
from lithoscope.methods.eds_parts import Words, k_table_port, words
from lithoscope.methods.particle_parts import Name, cycles_field, name_field


class ParticleInhomogeneityParams(EdsCompositionParams):
    """
    How maps become composition, and how noise is told from scatter.

    The counts are split into halves, each of which goes through the same chain as the whole: what both halves show is
    composition, what only one shows is noise.
    """

    advanced: ClassVar[frozenset[str]] = EdsCompositionParams.advanced | {"connectivity", "confidence", "grains_px"}

    replicates: int = quantity(
        4,
        unit="1",
        title="Splits of the counts",
        help="Each is two more reconstructions; they share the counts, so that many add little.",
        ge=1,
        le=100,
    )
    connectivity: Literal[6, 18, 26] = choice(6, title="Shells", help="Neighbours across which a shell is peeled.")
    confidence: float = quantity(0.95, unit="1", title="Confidence", help="Of the intervals.", gt=0, lt=1)
    grains_px: Words = words(
        "",
        title="Sizes of grains to try",
        help_="In pixels, separated by commas: how much of a scatter of that size the measurement lets through. Empty "
        "for none; each is two more reconstructions.",
    )
    particle_name: Name = name_field()
    cycles: int | None = cycles_field()


METHOD = Method(
    id="particle_inhomogeneity",
    version="1",
    title="Particle: inhomogeneity without noise",
    technique="particles",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods, inhomogeneity analysis (with the noise); Rasines and Young "
    "2023, doi:10.1093/biomet/asac070 (halves)",
    inputs=(
        Port("maps", kind="tilt_series", axes="ctyx", unit="counts", title="Aligned photons of each family"),
        Port("particle", kind="labels", axes="zyx", title="Particle, above 0 inside"),
        Port("dark_field", kind="volume", axes="zyx", unit="", optional=True, title="Dark-field tomogram: its density"),
        Port("variance", kind="tilt_series", axes="ctyx", unit="", optional=True, title="Variance of fitted maps"),
        Port("masks", kind="labels", axes="tyx", optional=True, title="Kept pixels of the aligned maps"),
        k_table_port(),
    ),
    outputs=(
        Port("shells", kind="table", title="Scatter in each shell, with and without noise"),
        Port("whole", kind="table", title="Scatter of the whole particle"),
        Port("recovered", kind="table", optional=True, title="Share of a scatter that comes through, by size"),
    ),
    params=ParticleInhomogeneityParams,
    compute="lithoscope.numerics.particles.inhomogeneity_report:measure_inhomogeneity",
    example="lithoscope.numerics.eds.examples:small_maps",
    calibration=("maps_names", "angles_deg", "pixel_size_nm", "seed"),
    queue="cpu-long",
)
