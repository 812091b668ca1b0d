"""Fractions of valence states in a particle."""

from typing import Any, ClassVar

from lithoscope.methods.base import Method, Params, Port, quantity


def _charge(number: int) -> Any:
    return quantity(
        None,
        unit="1",
        title=f"Valence of state {number}",
        help="Where the name of the state does not tell it, as 'Mn4+' does.",
        gt=0,
        le=10,
    )


class ValenceVolumesParams(Params):
    """Where a voxel holds enough of the element, and what charge each state has."""

    advanced: ClassVar[frozenset[str]] = frozenset({"valence_1", "valence_2", "valence_3"})

    floor: float = quantity(
        0.1,
        unit="1",
        title="Least amount",
        help="A voxel counts if it holds more than this part of the median number of atoms in the particle.",
        ge=0,
        lt=1,
    )
    valence_1: float | None = _charge(1)
    valence_2: float | None = _charge(2)
    valence_3: float | None = _charge(3)


METHOD = Method(
    id="valence_volumes",
    version="1",
    title="Valence in a particle",
    technique="particles",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods, EELS data post-processing 3)",
    inputs=(
        Port("volumes", kind="volume", axes="czyx", title="Atoms of each state, reconstructed"),
        Port("particle", kind="labels", axes="zyx", title="Particle, above 0 inside"),
    ),
    outputs=(
        Port("fractions", kind="volume", axes="czyx", title="Fraction of each state"),
        Port("mean_valence", kind="volume", axes="czyx", title="Mean valence"),
        Port("valid", kind="labels", axes="zyx", title="Where there is enough of the element"),
        Port("means", kind="table", title="Mean fraction of each state"),
        Port("undefined", kind="scalar", title="Voxels of the particle left empty"),
    ),
    params=ValenceVolumesParams,
    compute="lithoscope.numerics.eels.valence_volumes:valence_volumes",
    example="lithoscope.numerics.eels.examples:states_of_a_block",
    calibration=("volumes_names",),
)
