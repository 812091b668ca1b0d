"""Total variation of volumes, and the step of a descent that takes it in exactly."""

import numpy as np
from numpy.typing import NDArray

#: Voxels of a slice (z x), elements, slices (y).
Volumes = NDArray[np.float32]
Field = NDArray[np.float32]

#: Rounds of the dual problem: few, where each starts from where the one before ended.
ROUNDS = 5
#: The gradient of a volume in three directions never exceeds the volume by more than this factor, squared.
LARGEST_GAIN = 12.0


def total_variation(volumes: Volumes, *, edge: int) -> float:
    """
    Sum the length of the gradient over all voxels and elements.

    Parameters
    ----------
    volumes : (z x, e, y) array
    edge : int
        Voxels along z, as many as along x.
    """
    return float(np.sum(np.sqrt(np.sum(_gradient(_cube(volumes, edge)) ** 2, axis=0)), dtype=np.float64))


def tv_step(
    point: Volumes, curvature: Volumes, *, weight: float, edge: int, field: Field | None = None, rounds: int = ROUNDS
) -> tuple[Volumes, Field | None]:
    """
    Return the non-negative volumes nearest to a point, distance and total variation weighed against each other.

    Minimises ``sum(curvature (x - point)^2) / 2 + weight TV(x)`` over x >= 0 by fast gradient projection of the dual:
    fields of length at most one whose divergence is what total variation takes from the point.

    Parameters
    ----------
    point, curvature : (z x, e, y) array
    weight : float
        0 leaves total variation out: the point is clipped at zero.
    edge : int
        Voxels along z, as many as along x.
    field : (3, z, x, e, y) array, optional
        Where the dual starts: the field that the step before ended with is near.
    rounds : int
        Of the dual.

    Returns
    -------
    volumes : (z x, e, y) array
    field : (3, z, x, e, y) array, or None without total variation

    References
    ----------
    Beck and Teboulle, IEEE Trans. Image Process. 18 (2009) 2419, doi:10.1109/TIP.2009.2028250.
    """
    if weight == 0:
        return np.maximum(point, 0), None
    place, softness = _cube(point, edge), weight / _cube(curvature, edge)
    step = 1 / (LARGEST_GAIN * float(softness.max()))
    field = np.zeros((3, *place.shape), np.float32) if field is None else field
    ahead, momentum = field, 1.0
    for _ in range(rounds):
        inside = np.maximum(place + softness * _divergence(ahead), 0)
        moved = ahead + step * _gradient(inside)
        moved /= np.maximum(np.sqrt(np.sum(moved**2, axis=0)), 1)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = moved + np.float32((momentum - 1) / following) * (moved - field)
        field, momentum = moved, following
    return np.maximum(place + softness * _divergence(field), 0).reshape(point.shape), field


def _cube(volumes: Volumes, edge: int) -> Volumes:
    """Return volumes as (z, x, e, y)."""
    return volumes.reshape(edge, edge, *volumes.shape[1:])


def _gradient(cube: Volumes) -> Field:
    """Return the forward differences along z, x and y, zero at the end."""
    field = np.zeros((3, *cube.shape), np.float32)
    np.subtract(cube[1:], cube[:-1], out=field[0, :-1])
    np.subtract(cube[:, 1:], cube[:, :-1], out=field[1, :, :-1])
    np.subtract(cube[..., 1:], cube[..., :-1], out=field[2, ..., :-1])
    return field


def _divergence(field: Field) -> Volumes:
    """Return minus the transpose of `_gradient`."""
    total = np.zeros(field.shape[1:], np.float32)
    for part, axis in ((field[0], 0), (field[1], 1), (field[2], 3)):
        along, out = np.moveaxis(part, axis, 0), np.moveaxis(total, axis, 0)
        out[:-1] += along[:-1]
        out[1:] -= along[:-1]
    return total
