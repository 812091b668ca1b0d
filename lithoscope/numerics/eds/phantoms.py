"""Small particles that emit and absorb X-rays, with all that is planted in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.absorption import attenuation_per_voxel, mean_transmission
from lithoscope.numerics.eds.lines import line_family
from lithoscope.numerics.eds.response import Response
from lithoscope.numerics.eds.self_absorption import bounding_box, partial_densities
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.projector import project

Float = NDArray[np.float64]
Maps = NDArray[np.float32]
FAMILIES = ("O K", "Mn L", "Co L", "Ni L")
UNSEEN = {"Li": 1 / 3}
OXIDE_G_CM3 = 4.7


@dataclass(frozen=True, slots=True, eq=False)
class EmittingParticle:
    """
    A particle and the X-rays seen of it.

    Parameters
    ----------
    angles_deg : (t,) array
    density : (z, y, x) array of float32
        1 in the particle.
    fractions : (f, z, y, x) array of float32
        Planted atomic fractions of O, Mn, Co, Ni [1].
    expected : (f, t, y, x) array of float32
        Expected photons [counts].
    shadow : (t,) array
        Part of the X-rays that the holder lets pass at each tilt [1].
    k_factors : (f,) array
        What turns intensities back into atoms, 1 for O [1].
    voxel_nm : float
    """

    angles_deg: Float
    density: Maps
    fractions: Maps
    expected: Maps
    shadow: Float
    k_factors: Float
    voxel_nm: float

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Voxels of which most is particle."""
        return np.asarray(self.density > 0.5)

    @property
    def density_g_cm3(self) -> Maps:
        """Mass of everything per volume [g/cm3]."""
        return np.asarray(self.density * np.float32(OXIDE_G_CM3))

    def counted(self, seed: int = 0) -> Maps:
        """Draw counts of all maps."""
        return np.random.default_rng(seed).poisson(self.expected).astype(np.float32)


def layered_fractions(inside: NDArray[np.bool_], *, surface_loss: float = 0.06, layers: float = 2.0) -> Maps:
    """
    Plant LiMO2 that lost oxygen towards its surface and has manganese-rich, nickel-poor spots.

    Parameters
    ----------
    inside : (z, y, x) array of bool
    surface_loss : float
        Atomic fraction of oxygen that the outermost voxels lost [1].
    layers : float
        Depth over which the loss falls to 1/e [px].
    """
    depth = ndimage.distance_transform_edt(inside)
    oxygen = 2 / 3 - surface_loss * np.exp(-np.maximum(depth - 1, 0) / layers)
    place = np.indices(inside.shape) / np.array(inside.shape)[:, None, None, None]
    wave = 0.02 * np.sin(2 * np.pi * place[0]) * np.sin(2 * np.pi * place[2])
    metals = (1 - oxygen) * np.stack([1 / 3 + wave, np.full(inside.shape, 1 / 3), 1 / 3 - wave])
    return np.concatenate([oxygen[None], metals]).astype(np.float32)


def emitting_particle(
    n: int = 64,
    *,
    fractions: ArrayLike | None = None,
    density: ArrayLike | None = None,
    peak_counts: float = 20.0,
    absorbs: bool = True,
    width_nm: float = 200.0,
    shadow: ArrayLike | None = None,
    sensitivities: Sequence[float] = (1.0, 0.8, 0.95, 1.1),
) -> EmittingParticle:
    """
    Let a faceted particle emit towards four detectors over 15 tilts of -70 to 70 degrees.

    Parameters
    ----------
    n : int
        Voxels along each edge.
    fractions : (f, z, y, x) array, optional
        Atomic fractions of O, Mn, Co, Ni; uniform 6:1:1:1 by default [1].
    density : (z, y, x) array, optional
        1 in the particle; `porous_particle`, 0.62 n across, by default.
    peak_counts : float
        Expected photons of Mn, were its sensitivity 1, in the brightest pixel [counts]; oxygen has three times as many.
    absorbs : bool
        Whether X-rays are weakened on their way out.
    width_nm : float
        Width of the particle [nm].
    shadow : (t,) array, optional
        Part of the X-rays that the holder lets pass; a loss of up to 35 % at one end by default [1].
    sensitivities : sequence of float
        Photons per atom of O (to be multiplied by 1/2), Mn, Co and Ni [1].
    """
    angles = np.linspace(-70.0, 70.0, 15)
    body = np.asarray(porous_particle(n) if density is None else density, np.float32)
    even = np.array([6, 1, 1, 1], np.float32)[:, None, None, None] / 9 * np.ones_like(body)
    parts = np.asarray(even if fractions is None else fractions, np.float32)
    let_through = 1 - 0.35 / (1 + np.exp(-(angles - 45) / 12)) if shadow is None else np.asarray(shadow, np.float64)
    per_atom = np.array(sensitivities) * (0.5, 1, 1, 1)
    voxel_nm = width_nm / (0.62 * n)
    masses = partial_densities(parts, ("O", "Mn", "Co", "Ni"), density_g_cm3=body * OXIDE_G_CM3, unseen=UNSEEN)
    attenuation = attenuation_per_voxel(masses, FAMILIES, voxel_nm)
    box, passed = bounding_box(body > 0), np.ones_like(attenuation)
    expected = np.empty((4, len(angles), n, n), np.float32)
    for tilt, angle in enumerate(angles):
        if absorbs:
            passed[:, *box] = mean_transmission(attenuation[:, *box], angle_deg=float(angle))
        emitted = body * parts * passed * (let_through[tilt] * per_atom)[:, None, None, None].astype(np.float32)
        expected[:, tilt] = [project(one, [angle])[0] for one in emitted]
    brightest = float(project(body * parts[1], angles).max())
    return EmittingParticle(
        angles,
        body,
        parts,
        expected * np.float32(peak_counts / brightest),
        let_through,
        per_atom[0] / per_atom,
        voxel_nm,
    )


def spectra_of(maps: ArrayLike, axis: EnergyAxis, *, background: float = 1.0, response: Response = Response()) -> Maps:
    """
    Spread photons over channels, with bremsstrahlung that falls as 1/E.

    Parameters
    ----------
    maps : (f, t, y, x) array
        Expected photons of `FAMILIES` [counts].
    axis : EnergyAxis
    background : float
        Bremsstrahlung photons above 150 eV for each photon of a line [1].
    response : Response

    Returns
    -------
    spectra : (t, y, x, e) array of float32
        Expected counts; draw Poisson counts from them.
    """
    lines = np.array([response.profile(line_family(name), axis) for name in FAMILIES])
    energies = axis.energies_eV
    fall = np.where(energies > 150, 1 / np.maximum(energies, 150), 0)
    shapes = np.stack([line + background * fall / fall.sum() for line in lines])
    return np.asarray(np.tensordot(np.asarray(maps, np.float32), shapes.astype(np.float32), axes=([0], [0])))
