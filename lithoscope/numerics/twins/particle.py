"""A particle of NCM with everything about it known: the truth that a tilt series is to find."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.twins.crystal import ELEMENTS, LAYERED_NM3, ROCK_SALT_NM3, filled
from lithoscope.numerics.twins.segregation import LEAST_SHARE, rich_spots, unit_fields
from lithoscope.numerics.twins.shape import faceted_shape
from lithoscope.numerics.twins.states import STATES, CyclingState, DepthLaw

Volume = NDArray[np.float32]

STEP_NM = 4.63
#: Standard deviation of what smooths the segregation, and of a rich spot [nm].
SEGREGATION_NM = 6.0
SPOT_NM = 5.0


@dataclass(frozen=True, slots=True)
class NcmParticle:
    """
    A particle and its truth.

    Parameters
    ----------
    voxel_nm : float
        Edge of a voxel [nm].
    occupancy : (z, y, x) array of float32
        Part of each voxel that is filled [1].
    depth_nm : (z, y, x) array of float32
        Distance to the outer surface, pores not counted [nm].
    rock_salt : (z, y, x) array of float32
        Part of the filled volume that is rock salt [1].
    atoms_per_nm3 : (5, z, y, x) array of float32
        Li, O, Mn, Co and Ni, vacuum included [1/nm3].
    mn_states : (3, z, y, x) array of float32
        Parts of Mn4+, Mn3+ and Mn2+ [1].
    co_states : (2, z, y, x) array of float32
        Parts of Co3+ and Co2+ [1].
    """

    voxel_nm: float
    occupancy: Volume
    depth_nm: Volume
    rock_salt: Volume
    atoms_per_nm3: Volume
    mn_states: Volume
    co_states: Volume

    def atoms(self, element: str) -> Volume:
        """Return the atoms of one element (z, y, x) [1/nm3]."""
        return np.asarray(self.atoms_per_nm3[ELEMENTS.index(element)])

    @property
    def composition(self) -> Volume:
        """Atomic fractions of O, Mn, Co and Ni (4, z, y, x) [1]: NaN in vacuum, lithium left out as maps do."""
        shown = self.atoms_per_nm3[1:]
        total = shown.sum(axis=0)
        return np.asarray(np.divide(shown, total, out=np.full_like(shown, np.nan), where=total > 0))

    def coarser(self, factor: int) -> "NcmParticle":
        """
        Return the same particle on voxels so many times as wide.

        Atoms are counted, and phases and states averaged over the atoms or the volume that have them.

        Raises
        ------
        InvalidSetting
        """
        if factor < 1 or self.occupancy.shape[0] % factor:
            raise InvalidSetting("a particle is made coarser by a whole number that divides its voxels")
        if factor == 1:
            return self
        return NcmParticle(
            self.voxel_nm * factor,
            _blocks(self.occupancy, factor),
            _blocks(self.depth_nm, factor),
            _weighted(self.rock_salt, self.occupancy, factor),
            _blocks(self.atoms_per_nm3, factor),
            _weighted(self.mn_states, self.atoms("Mn"), factor),
            _weighted(self.co_states, self.atoms("Co"), factor),
        )


def ncm_particle(
    size: int = 64,
    *,
    state: CyclingState = STATES["pristine"],
    voxel_nm: float = STEP_NM,
    diameter_nm: float = 200.0,
    pores: int = 3,
    seed: int = 0,
) -> NcmParticle:
    """
    Draw a faceted particle of NCM111 with pores, a surface layer, and planted composition and valence.

    Parameters
    ----------
    size : int
        Voxels along each edge of the field.
    state : CyclingState
        What cycling has made of it; `STATES` names four.
    voxel_nm, diameter_nm : float
        Edge of a voxel, and distance between opposite faces [nm].
    pores : int
        Round holes inside.
    seed : int
        Another number is another particle of the same state.

    Raises
    ------
    InvalidSetting
        The particle does not fit into the field, at whatever tilt.
    """
    if not (size >= 4 and voxel_nm > 0 and 0 < 1.25 * diameter_nm <= size * voxel_nm and pores >= 0):
        raise InvalidSetting("the particle must fit into the field with an eighth of its width around it: enlarge size")
    shaping, mixing, spotting = (np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(3))
    shape = faceted_shape(size, voxel_nm=voxel_nm, diameter_nm=diameter_nm, pores=pores, rng=shaping)
    inside, depth = shape.occupancy > 0.5, shape.depth_nm
    rock_salt = np.where(depth < state.layer_nm, state.layer_rock_salt, state.bulk_rock_salt).astype(np.float32)
    fields = unit_fields(inside, size_px=SEGREGATION_NM / voxel_nm, rng=mixing)
    shares = np.array(state.shares, np.float32)[:, None, None, None] + fields * (
        _along(state.inhomogeneity, depth) / _metal_fraction(rock_salt)
    )
    shares = rich_spots(shares, depth, spots=state.rich_spots, radius_nm=SPOT_NM, voxel_nm=voxel_nm, rng=spotting).clip(
        LEAST_SHARE
    )
    atoms = filled(rock_salt, shares / shares.sum(axis=0)) * shape.occupancy
    return NcmParticle(
        voxel_nm, shape.occupancy, depth, rock_salt, atoms, _along(state.mn, depth), _along(state.co, depth)
    )


def _metal_fraction(rock_salt: Volume) -> Volume:
    """Return the metals' part of the atoms that maps show."""
    layered, salt = (1 - rock_salt) / LAYERED_NM3, rock_salt / ROCK_SALT_NM3
    return np.asarray((layered + salt) / (3 * layered + 2 * salt))


def _along(law: DepthLaw, depth_nm: Volume) -> Volume:
    """Draw a depth law in a volume: (values, z, y, x)."""
    fade = np.exp(-depth_nm / np.float32(law.decay_nm))
    surface, core = (np.array(values, np.float32)[:, None, None, None] for values in (law.surface, law.core))
    return np.asarray(core + (surface - core) * fade, np.float32)


def _blocks(volume: Volume, factor: int) -> Volume:
    """Average cubes of voxels, leading axes kept."""
    n = volume.shape[-1] // factor
    cubes = volume.reshape(*volume.shape[:-3], n, factor, n, factor, n, factor)
    return np.asarray(cubes.mean(axis=(-5, -3, -1), dtype=np.float32))


def _weighted(volume: Volume, weight: Volume, factor: int) -> Volume:
    """Average cubes of voxels by a weight; where there is none, plainly."""
    total, plain = _blocks(weight, factor), _blocks(volume, factor)
    return np.divide(_blocks(volume * weight, factor), total, out=plain, where=total > 0)
