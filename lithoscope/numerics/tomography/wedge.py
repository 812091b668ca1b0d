"""What a tilt range leaves unmeasured: Crowther's figure, the elongation, and the directions of the missing wedge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.tomography.checks import FEWEST_TILTS, same_direction
from lithoscope.numerics.tomography.errors import TooFewTilts

#: Neighbouring tilts further apart than so many mean steps leave a gap of their own.
WIDE_GAP = 1.5


@dataclass(frozen=True, slots=True)
class TiltGeometry:
    """
    What the angles alone allow.

    Attributes
    ----------
    range_deg : float
        From the first tilt to the last [deg].
    mean_step_deg, widest_step_deg : float
        Between neighbouring distinct tilts [deg].
    crowther_nm : float
        Finest detail at the rim of an object of the given diameter, at the mean step [nm].
    crowther_widest_nm : float
        The same at the widest step [nm].
    elongation : float
        How much longer a point appears along the beam than across it [1].
    """

    range_deg: float
    mean_step_deg: float
    widest_step_deg: float
    crowther_nm: float
    crowther_widest_nm: float
    elongation: float


def tilt_geometry(angles_deg: ArrayLike, *, diameter_nm: float) -> TiltGeometry:
    """
    Give Crowther's resolution and the elongation of the missing wedge.

    Both hold for linear reconstruction: constraints such as positivity and support do better on some objects, noise
    does worse. Neither replaces a measured resolution.

    Parameters
    ----------
    angles_deg : (t,) array
        Tilt angles [deg] in any order; duplicates count once.
    diameter_nm : float
        Of the object across the tilt axis [nm].

    Returns
    -------
    geometry : TiltGeometry

    Raises
    ------
    TooFewTilts
        Fewer than three distinct tilts.
    InvalidSetting
        The diameter is not positive.

    References
    ----------
    Crowther, DeRosier and Klug, Proc. R. Soc. A 317 (1970) 319, doi:10.1098/rspa.1970.0119; Radermacher, J. Electron
    Microsc. Tech. 9 (1988) 359, doi:10.1002/jemt.1060090405.
    """
    if not diameter_nm > 0:
        raise InvalidSetting("the object has no extent: give a positive diameter_nm")
    angles = np.asarray(angles_deg, np.float64)
    _, first = np.unique(same_direction(angles), return_index=True)
    if len(first) < FEWEST_TILTS:
        raise TooFewTilts(f"the series has {len(first)} distinct tilts: give at least {FEWEST_TILTS}")
    distinct = np.sort(angles[first])
    steps = np.diff(distinct)
    reach = min(np.deg2rad(distinct[-1] - distinct[0] + steps.mean() * _closes(distinct)) / 2, np.pi / 2)
    crossed = np.sin(reach) * np.cos(reach)
    return TiltGeometry(
        range_deg=float(distinct[-1] - distinct[0]),
        mean_step_deg=float(steps.mean()),
        widest_step_deg=float(steps.max()),
        crowther_nm=float(diameter_nm * np.deg2rad(steps.mean())),
        crowther_widest_nm=float(diameter_nm * np.deg2rad(steps.max())),
        elongation=float(np.sqrt((reach + crossed) / (reach - crossed))),
    )


def measured_directions(angles_deg: ArrayLike, *, shape: tuple[int, int, int]) -> NDArray[np.bool_]:
    """
    Say which points of Fourier space lie in directions that the tilt range covers; the others are the missing wedge.

    Parameters
    ----------
    angles_deg : (t,) array
        Tilt angles [deg]; a tilt measures ``(k_x, k_z) = k (cos t, sin t)`` at every ``k_y``.
    shape : (int, int, int)
        Of the volume (z, y, x).

    Returns
    -------
    covered : (z, 1, x) array of bool
        In the order of `numpy.fft.fftfreq`; True where no tilt is further than the range's ends, the wedge's axis
        included.
    """
    k_z, k_x = np.fft.fftfreq(shape[0])[:, None, None], np.fft.fftfreq(shape[2])[None, None, :]
    return np.asarray(covers(angles_deg, np.rad2deg(np.arctan2(k_z, k_x))) | ((k_z == 0) & (k_x == 0)))


def covers(angles_deg: ArrayLike, direction_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """
    Say which directions across the tilt axis the tilts cover.

    Parameters
    ----------
    angles_deg : (t,) array
        Tilt angles [deg].
    direction_deg : (...) array
        From x towards z [deg]; opposite directions are one.

    Returns
    -------
    covered : (...) array of bool
        Everywhere if the tilts go round by their own steps.
    """
    angles = np.unique(np.asarray(angles_deg, np.float64))
    middle, half = (angles[-1] + angles[0]) / 2, (angles[-1] - angles[0]) / 2
    away = abs((direction_deg - middle + 90) % 180 - 90)
    return np.asarray((away <= half + 1e-9) | _closes(angles))


def _closes(distinct_deg: NDArray[np.float64]) -> bool:
    """Say whether the directions go round without a gap wider than their own steps."""
    steps = np.diff(distinct_deg)
    return steps.size > 0 and bool(180 - (distinct_deg[-1] - distinct_deg[0]) <= WIDE_GAP * steps.mean())
