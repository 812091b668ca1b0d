"""What a set of elemental volumes costs: its misfit to the dark field and to the elemental maps, and its roughness."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lithoscope.numerics.tomography.total_variation import total_variation

Float = NDArray[np.float32]
#: Voxels of a slice (z x), elements, slices (y).
Volumes = NDArray[np.float32]

#: Counts below this share of the largest are one when their logarithm is taken.
SMALLEST_COUNT = 1e-3
#: Voxels without curvature would leap.
SMALLEST_CURVATURE = 1e-4


class FusedCost:
    """
    The cost of volumes (z x, e, y), its slope and its curvature.

    Parameters
    ----------
    adf_back, chemical_back : (z x, t u) sparse arrays
        Back projections of a slice.
    adf : (t u, y) array
        Dark-field rays, largest 1.
    chemical : (s u, e, y) array
        Elemental rays, largest of each element 1.
    weights : tuple of float
        Of dark field, elements and total variation.
    shares : (e,) array
        Atomic number of each element over their sum.
    exponent : float
        Of the composition in the dark field.
    """

    def __init__(
        self,
        adf_back: sparse.csr_array,
        chemical_back: sparse.csr_array,
        adf: Float,
        chemical: Float,
        *,
        weights: tuple[float, float, float],
        shares: Float,
        exponent: float,
    ) -> None:
        self._adf_back, self._chemical_back = adf_back, chemical_back
        self._adf_forward, self._chemical_forward = adf_back.T.tocsr(), chemical_back.T.tocsr()
        self._adf, self._chemical = adf, chemical
        self._adf_weight, self._chemical_weight, self.tv_weight = weights
        self._shares, self._exponent = shares[None, :, None], exponent
        self._sensitivity = chemical_back.sum(axis=1).astype(np.float32)[:, None, None]
        self._ray_length = chemical_back.sum(axis=0).astype(np.float32)[:, None, None]
        self._scale = 1.0
        self.edge = round(float(np.sqrt(adf_back.shape[0])))

    def likeliest(self, iterations: int) -> Volumes:
        """Return the volumes under which the elemental maps alone are likeliest, after some iterations (MLEM)."""
        voxels, (_, elements, slices) = self._chemical_back.shape[0], self._chemical.shape
        total = self._chemical.sum(axis=0) / max(float(self._sensitivity.sum()), 1e-30)
        volumes = np.broadcast_to(total, (voxels, elements, slices)).astype(np.float32)
        weight = np.divide(1, self._sensitivity, out=np.zeros_like(self._sensitivity), where=self._sensitivity > 0)
        for _ in range(iterations):
            predicted = _times(self._chemical_forward, volumes)
            ratio = np.divide(self._chemical, predicted, out=np.zeros_like(predicted), where=predicted > 1e-12)
            volumes = volumes * _times(self._chemical_back, ratio) * weight
        return volumes

    def fit_scale(self, volumes: Volumes) -> float:
        """Set the scale of the dark field to that which fits volumes best, and return it."""
        predicted = self._predicted_adf(volumes)
        power = float(np.vdot(predicted, predicted))
        self._scale = float(np.vdot(predicted, self._adf)) / power if power > 0 else 1.0
        return self._scale

    def terms(self, volumes: Volumes) -> tuple[float, float, float]:
        """Return the dark-field, elemental and total-variation parts of the cost; the second is 0 at a perfect fit."""
        off = self._scale * self._predicted_adf(volumes) - self._adf
        seen = _times(self._chemical_forward, volumes) + SMALLEST_COUNT
        counts = self._chemical + SMALLEST_COUNT
        misfit = np.sum(seen - counts - counts * np.log(seen / counts), dtype=np.float64)
        rough = total_variation(volumes, edge=self.edge) if self.tv_weight else 0.0
        adf = self._adf_weight / 2 * float(np.sum(off**2, dtype=np.float64))
        return adf, self._chemical_weight * float(misfit), self.tv_weight * rough

    def slope(self, volumes: Volumes) -> tuple[Volumes, Volumes]:
        """
        Return the gradient of the smooth terms, and for each voxel a bound of their curvature.

        Projections have no negative entries, so the row sums of A^T W A bound it. The bend of the power is left out:
        where it counts, a step comes out too long and is shortened.
        """
        shares: Float = np.float32(self._scale) * self._shares
        power = np.asarray(shares * np.maximum(volumes, 0) ** (self._exponent - 1), np.float32)
        off = _times(self._adf_forward, np.sum(power * volumes, axis=1, keepdims=True)) - self._adf[:, None]
        gain: Float = np.float32(self._exponent) * power
        gradient = self._adf_weight * gain * _times(self._adf_back, off)
        total = _times(self._adf_forward, gain.sum(axis=1, keepdims=True))
        curvature = self._adf_weight * gain * _times(self._adf_back, total)
        seen = _times(self._chemical_forward, volumes) + SMALLEST_COUNT
        counts = self._chemical + SMALLEST_COUNT
        gradient += self._chemical_weight * (self._sensitivity - _times(self._chemical_back, counts / seen))
        bound = counts / seen**2 * self._ray_length
        curvature += self._chemical_weight * _times(self._chemical_back, bound)
        return gradient, np.maximum(curvature, SMALLEST_CURVATURE * float(curvature.max()))

    def _predicted_adf(self, volumes: Volumes) -> Float:
        """Return the dark field (t u, y) of a composition, before its scale."""
        power = np.sum(self._shares * np.maximum(volumes, 0) ** self._exponent, axis=1)
        return np.asarray(self._adf_forward @ power)


def _times(matrix: sparse.csr_array, columns: Float) -> Float:
    """Multiply a matrix with columns (row, e, y)."""
    return np.asarray((matrix @ columns.reshape(len(columns), -1)).reshape(-1, *columns.shape[1:]))
