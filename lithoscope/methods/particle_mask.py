"""Where a particle is in a tomogram."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity


class ParticleMaskParams(Params):
    """What is particle: above a threshold, in one piece, with its pores."""

    advanced: ClassVar[frozenset[str]] = frozenset({"connectivity", "largest"})

    threshold: float | None = quantity(
        None, unit="1", title="Threshold", help="In units of the volume; empty for Otsu's threshold of all voxels."
    )
    smoothing_px: float = quantity(
        0.0,
        unit="px",
        title="Smoothing before the threshold",
        help="Standard deviation of a Gaussian; 0 for none, as published.",
        ge=0,
        le=20,
    )
    connectivity: Literal[6, 18, 26] = choice(
        26, title="One body", help="Voxels that touch by faces (6), also edges (18), also corners (26) are one body."
    )
    largest: bool = choice(default=True, title="Largest body only", help="Leave other bodies out.")
    fill_holes: bool = choice(default=True, title="Fill holes", help="Give enclosed pores to the particle.")


METHOD = Method(
    id="particle_mask",
    version="1",
    title="Particle: mask in the tomogram",
    technique="particles",
    reference="Otsu 1979, doi:10.1109/TSMC.1979.4310076; Oh et al., ADF-EDS-EELS tomography, Methods, surface analysis",
    inputs=(Port("volume", kind="volume", axes="zyx", unit="", title="Dark-field tomogram"),),
    outputs=(
        Port("labels", kind="labels", axes="zyx", title="Particle, 1 inside"),
        Port("volume_nm3", kind="scalar", unit="nm^3", title="Volume of the particle"),
        Port("voxels", kind="scalar", title="Voxels of the particle"),
        Port("threshold", kind="scalar", title="Threshold, in units of the volume"),
    ),
    params=ParticleMaskParams,
    compute="lithoscope.numerics.particles.mask_report:mask_volume",
    example="lithoscope.numerics.particles.examples:small_tomogram",
    calibration=("spacing_nm",),
)
