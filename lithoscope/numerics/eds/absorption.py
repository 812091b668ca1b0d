"""How much of the X-rays made in each voxel of a tilted particle reaches a detector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.eds.lines import atomic_masses_g_mol, line_family, mass_absorption_cm2_g

Volume = NDArray[np.float32]
CM_PER_NM = 1e-7


@dataclass(frozen=True, slots=True)
class Detector:
    """
    Where an X-ray detector sits, seen from the particle; it does not turn with the stage.

    Parameters
    ----------
    azimuth_deg : float
        In the plane of the field, from +x (across the tilt axis) towards +y (along it) [deg].
    elevation_deg : float
        Take-off angle above the untilted specimen, towards the electron source [deg]. Electrons fly towards +z of the
        untilted volume, so a detector above has direction -z; negative if the volume's z points to the source.
    """

    azimuth_deg: float
    elevation_deg: float = 18.0

    def direction(self, angle_deg: float) -> tuple[float, float, float]:
        """Return the unit vector (z, y, x) towards the detector in the volume of a stage tilted by an angle."""
        azimuth, elevation, tilt = np.deg2rad([self.azimuth_deg, self.elevation_deg, angle_deg])
        u, w = float(np.cos(elevation) * np.cos(azimuth)), -float(np.sin(elevation))
        cosine, sine = float(np.cos(tilt)), float(np.sin(tilt))
        return u * sine + w * cosine, float(np.cos(elevation) * np.sin(azimuth)), u * cosine - w * sine


#: Four detectors around the beam, 18 degrees above the specimen: P. Schlossmacher et al., Microscopy Today 18
#: (2010) 14.
SUPER_X = tuple(Detector(azimuth) for azimuth in (45.0, 135.0, 225.0, 315.0))


def attenuation_per_voxel(densities_g_cm3: Mapping[str, ArrayLike], families: Sequence[str], voxel_nm: float) -> Volume:
    """
    Return how much one voxel weakens X-rays, as exponent.

    Parameters
    ----------
    densities_g_cm3 : mapping of str to (z, y, x) array
        Mass of each element per volume [g/cm3]; elements that no map shows, as lithium, belong here too.
    families : sequence of str
        Whose X-rays: ``("O K", "Mn L")``.
    voxel_nm : float
        Edge of a voxel [nm].

    Returns
    -------
    attenuation : (f, z, y, x) array of float32
        ``mu rho`` times the edge of a voxel [1].

    Raises
    ------
    UnknownLine, WrongShape, InvalidSetting
    """
    if not voxel_nm > 0:
        raise InvalidSetting("voxel_nm is not above zero: give the edge of a voxel")
    coefficients = [mass_absorption_cm2_g(family, tuple(densities_g_cm3)) for family in families]
    volumes = [np.asarray(density, np.float32) for density in densities_g_cm3.values()]
    if not volumes or volumes[0].ndim != 3 or any(volume.shape != volumes[0].shape for volume in volumes):
        raise WrongShape("densities are not volumes (z, y, x) of one shape: give one volume for each element")
    total = np.zeros((len(coefficients), *volumes[0].shape), np.float32)
    for family, row in enumerate(coefficients):
        for volume, coefficient in zip(volumes, row, strict=True):
            total[family] += np.float32(coefficient * voxel_nm * CM_PER_NM) * volume
    return total


def transmission(attenuation: ArrayLike, *, angle_deg: float, detector: Detector) -> Volume:
    """
    Return which part of the X-rays made in each voxel leaves the particle towards one detector.

    Planes across the ray's main direction are shifted so that rays run straight through the stack; a running sum then
    holds the path of every voxel at once, for all families.

    Parameters
    ----------
    attenuation : (z, y, x) or (f, z, y, x) array
        From `attenuation_per_voxel` [1].
    angle_deg : float
        Tilt of the stage [deg].
    detector : Detector

    Returns
    -------
    transmission : array of float32
        Like `attenuation`, between 0 and 1. Half of a voxel's own attenuation counts.

    Raises
    ------
    WrongShape, NonFiniteValues
    """
    values = np.asarray(attenuation, np.float32)
    if values.ndim not in {3, 4}:
        raise WrongShape(f"the attenuation has shape {values.shape}: give (z, y, x) or (family, z, y, x)")
    if not np.isfinite(values).all():
        raise NonFiniteValues("the attenuation holds NaN or infinite values: fill voxels without composition")
    ray = np.array(detector.direction(angle_deg))
    main = int(np.argmax(abs(ray)))
    planes = np.moveaxis(values.reshape(-1, *values.shape[-3:]), main + 1, 0)  # (main, f, two others)
    planes = planes if ray[main] > 0 else planes[::-1]
    slopes = np.delete(ray, main) / abs(ray[main])
    sheared = _sheared(planes, slopes)
    ahead = np.cumsum(sheared[::-1], axis=0)[::-1]
    ahead -= sheared / 2
    paths = _unsheared(ahead, slopes, planes.shape)
    paths *= -1 / abs(ray[main])
    straight = paths if ray[main] > 0 else paths[::-1]
    return np.exp(np.moveaxis(straight, 0, main + 1)).reshape(values.shape)


def mean_transmission(
    attenuation: ArrayLike,
    *,
    angle_deg: float,
    detectors: Sequence[Detector] = SUPER_X,
    weights: ArrayLike | None = None,
) -> Volume:
    """
    Return the transmission averaged over detectors whose counts are summed.

    Parameters
    ----------
    attenuation : (z, y, x) or (f, z, y, x) array
        From `attenuation_per_voxel` [1].
    angle_deg : float
        Tilt of the stage [deg].
    detectors : sequence of Detector
    weights : (d,) array, optional
        Solid angle each detector keeps at this tilt, for shadowing [1]; equal by default.

    Raises
    ------
    WrongShape, NonFiniteValues
    InvalidSetting
        Weights of another number than detectors, negative or all zero.
    """
    shares = np.ones(len(detectors)) if weights is None else np.asarray(weights, np.float64)
    if shares.shape != (len(detectors),) or not (shares >= 0).all() or not shares.sum() > 0:
        raise InvalidSetting("give one weight for each detector, none negative and one above zero")
    mean = np.zeros(np.shape(attenuation), np.float32)
    for detector, share in zip(detectors, shares / shares.sum(), strict=True):
        if share > 0:
            mean += np.float32(share) * transmission(attenuation, angle_deg=angle_deg, detector=detector)
    return mean


def foil_transmission(
    families: Sequence[str],
    fractions: ArrayLike,
    *,
    thickness_nm: float,
    density_g_cm3: float,
    unseen: Mapping[str, float],
    elevation_deg: float,
) -> NDArray[np.float64]:
    """
    Return which part of the X-rays made all through a foil of even thickness leaves it.

    Parameters
    ----------
    families : sequence of str
        One family for each element.
    fractions : (f,) array
        Atomic fractions of their elements, summing to 1 [1].
    thickness_nm : float
        [nm].
    density_g_cm3 : float
        [g/cm3].
    unseen : mapping of str to float
        Atoms of other elements for each of these [1].
    elevation_deg : float
        Take-off angle above the foil [deg].

    Returns
    -------
    transmission : (f,) array of float64
        ``(1 - exp(-chi)) / chi`` with ``chi = mu rho t / sin(elevation)`` [1].

    Raises
    ------
    UnknownLine, InvalidSetting

    References
    ----------
    Goldstein, Costley, Lorimer and Reed, Scanning Electron Microsc. 1 (1977) 315.
    """
    if not (thickness_nm > 0 and density_g_cm3 > 0 and 0 < elevation_deg <= 90):
        raise InvalidSetting("thickness_nm, density_g_cm3 and elevation_deg of a foil are above zero: correct them")
    elements = [line_family(name).element for name in families]
    amounts = dict(zip(elements, np.asarray(fractions, np.float64).tolist(), strict=True))
    for element, amount in unseen.items():
        amounts[element] = amounts.get(element, 0.0) + amount
    masses = np.array(list(amounts.values())) * atomic_masses_g_mol(tuple(amounts))
    absorbing = [float(mass_absorption_cm2_g(name, tuple(amounts)) @ masses / masses.sum()) for name in families]
    path = density_g_cm3 * thickness_nm * CM_PER_NM / np.sin(np.deg2rad(elevation_deg))
    chi = np.array(absorbing) * path
    return np.asarray(-np.expm1(-chi) / chi)


def _places(planes: int, slopes: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float32], list[int]]:
    """Return by how many whole pixels and what rest each plane is shifted, and the room that all shifts need."""
    shifts = -np.arange(planes)[:, None] * slopes
    shifts -= shifts.min(axis=0)
    whole = np.floor(shifts).astype(np.intp)
    return whole, (shifts - whole).astype(np.float32), [int(most) + 1 for most in whole.max(axis=0)]


def _sheared(planes: Volume, slopes: NDArray[np.float64]) -> Volume:
    """Shift every plane so that a ray meets the same pixel in all of them."""
    count, families, n_row, n_column = planes.shape
    whole, rest, room = _places(count, slopes)
    canvas = np.zeros((count, families, n_row + room[0], n_column + room[1]), np.float32)
    for plane, target, (row, column), (down, right) in zip(planes, canvas, whole, rest, strict=True):
        for i, j, share in _four(down, right):
            target[:, row + i : row + i + n_row, column + j : column + j + n_column] += share * plane
    return canvas


def _unsheared(canvas: Volume, slopes: NDArray[np.float64], shape: tuple[int, ...]) -> Volume:
    """Shift every plane back to where it was."""
    count, _, n_row, n_column = shape
    whole, rest, _ = _places(count, slopes)
    planes = np.zeros(shape, np.float32)
    for plane, (source, (row, column), (down, right)) in enumerate(zip(canvas, whole, rest, strict=True)):
        for i, j, share in _four(down, right):
            planes[plane] += share * source[:, row + i : row + i + n_row, column + j : column + j + n_column]
    return planes


def _four(down: np.float32, right: np.float32) -> list[tuple[int, int, np.float32]]:
    """Weights of linear interpolation between the four pixels around a place."""
    one = np.float32(1)
    return [(i, j, (down if i else one - down) * (right if j else one - right)) for i in (0, 1) for j in (0, 1)]
