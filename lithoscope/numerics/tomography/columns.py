"""
The Fourier transform of a small volume at measured columns of a large zero-padded grid, and its adjoint.

No large grid is ever stored. Along x a volume is the sum of a part that is even and one that is odd about its middle,
so real matrices half as wide transform it to the kx >= 0 that have columns; along z only the few kz measured with each
kx are computed; along y all of them, by an FFT. As products of small matrices the first two are faster than pruned
FFTs, which would compute a hundred times as many points.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.tomography.gridding import MeasuredColumns

#: OpenBLAS does a product of this many multiplications on the calling thread. Larger ones wake its others, and on a
#: machine that others use waiting for them costs far more than the product.
SERIAL_PRODUCT = 64**3

#: Rows of y that are transformed together: as many as keep the pieces in the processor's cache.
MOST_ROWS, FEWEST_ROWS = 16, 4


@dataclass(frozen=True, slots=True, eq=False)
class KzGroup:
    """All kx that have equally many columns: where they are, and their transforms along z as real matrices."""

    kx: slice
    columns: slice
    matrices: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ColumnTransform:
    """
    Transform between the slabs of a volume and the measured columns of its Fourier space.

    Slabs are (slab, z, x, row): a few rows of y each, the last filled up with zeros.

    Attributes
    ----------
    cosines, sines : (piece, kx, x) array of float32
        Transform of the even and the odd part along x, in pieces of frequencies.
    cosines_back, sines_back : (piece, x, kx) array of float32
        Their transposes, in pieces of places.
    """

    n_x: int
    n_y: int
    padded_y_px: int
    slab_rows: int
    groups: tuple[KzGroup, ...]
    cosines: NDArray[np.float32]
    sines: NDArray[np.float32]
    cosines_back: NDArray[np.float32]
    sines_back: NDArray[np.float32]

    def empty_slabs(self) -> NDArray[np.float32]:
        """Return a zero volume in slabs."""
        return np.zeros((ceil(self.n_y / self.slab_rows), self.n_x, self.n_x, self.slab_rows), np.float32)

    def as_slabs(self, volume: NDArray[np.generic]) -> NDArray[np.float32]:
        """Cut a volume (z, y, x) into slabs."""
        slabs = self.empty_slabs()
        for number, slab in enumerate(slabs):
            rows = volume[:, number * self.slab_rows : (number + 1) * self.slab_rows]
            slab[:, :, : rows.shape[1]] = rows.transpose(0, 2, 1)
        return slabs

    def as_volume(self, slabs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Join slabs to a volume (z, y, x)."""
        joined: NDArray[np.float32] = slabs.transpose(1, 0, 3, 2).reshape(self.n_x, -1, self.n_x)
        volume: NDArray[np.float32] = np.ascontiguousarray(joined[:, : self.n_y])
        return volume

    def forward(self, slabs: NDArray[np.float32]) -> NDArray[np.complex64]:
        """
        Transform a volume.

        Parameters
        ----------
        slabs : (slab, z, x, row) array of float32

        Returns
        -------
        values : (column, ky) array of complex64
            The origin of y is its first row, that of x and z the middle.
        """
        pairs, waves, half = self._empty_pairs(len(slabs)), self._empty_waves(), self.n_x // 2
        even = np.empty((self.n_x, self.n_x - half, self.slab_rows), np.float32)
        odd = np.empty((self.n_x, half, self.slab_rows), np.float32)
        for number, slab in enumerate(slabs):
            mirrored = slab[:, ::-1]
            np.add(slab[:, :half], mirrored[:, :half], out=even[:, :half])
            even[:, half:] = slab[:, half : self.n_x - half]
            np.subtract(slab[:, :half], mirrored[:, :half], out=odd)
            np.matmul(self.cosines, even[:, None], out=_pieces(waves[0], self.cosines))
            np.matmul(self.sines, odd[:, None], out=_pieces(waves[1], self.sines))
            for group, pair in zip(self.groups, pairs, strict=True):
                np.matmul(group.matrices, self._of_group(waves, group), out=pair[:, :, number])
        rows = np.empty((self.groups[-1].columns.stop, len(slabs), self.slab_rows), np.complex64)
        for group, pair in zip(self.groups, pairs, strict=True):
            place = rows[group.columns].reshape(len(pair), -1, *pair.shape[2:])
            place.real, place.imag = np.split(pair, 2, axis=1)
        return self.along_y(rows.reshape(len(rows), -1)[:, : self.n_y])

    def add_adjoint(self, values: NDArray[np.complex64], slabs: NDArray[np.float32]) -> None:
        """
        Add the real part of the adjoint transform to a volume.

        Parameters
        ----------
        values : (column, ky) array of complex64
        slabs : (slab, z, x, row) array of float32
            Changed in place.
        """
        pairs, waves, half = self._pairs_of(values, len(slabs)), self._empty_waves(), self.n_x // 2
        even = np.empty((self.n_x, np.prod(self.cosines_back.shape[:2]), self.slab_rows), np.float32)
        odd = np.empty((self.n_x, np.prod(self.sines_back.shape[:2]), self.slab_rows), np.float32)
        for number, slab in enumerate(slabs):
            for group, pair in zip(self.groups, pairs, strict=True):
                np.matmul(group.matrices.transpose(0, 2, 1), pair[:, :, number], out=self._of_group(waves, group))
            np.matmul(self.cosines_back, waves[0][:, None], out=_pieces(even, self.cosines_back))
            np.matmul(self.sines_back, waves[1][:, None], out=_pieces(odd, self.sines_back))
            mirrored = slab[:, ::-1]
            slab[:, : self.n_x - half] += even[:, : self.n_x - half]
            mirrored[:, :half] += even[:, :half]
            slab[:, :half] += odd[:, :half]
            mirrored[:, :half] -= odd[:, :half]

    def along_y(self, rows: NDArray[np.complex64]) -> NDArray[np.complex64]:
        """Transform rows (column, y) along y."""
        from scipy import fft  # a quarter of the import of all of tomography, and no other engine needs it

        values: NDArray[np.complex64] = fft.fft(rows, n=self.padded_y_px, axis=1)
        return values

    def _pairs_of(self, values: NDArray[np.complex64], slabs: int) -> list[NDArray[np.float32]]:
        """Transform values (column, ky) back along y and part them into groups, real and imaginary parts."""
        from scipy import fft

        rows = np.zeros((len(values), slabs * self.slab_rows), np.complex64)
        rows[:, : self.n_y] = fft.ifft(values, axis=1, norm="forward")[:, : self.n_y]
        by_slab = rows.reshape(len(rows), slabs, self.slab_rows)
        pairs = self._empty_pairs(slabs)
        for group, pair in zip(self.groups, pairs, strict=True):
            place = by_slab[group.columns].reshape(len(pair), -1, *pair.shape[2:])
            pair[:, : place.shape[1]], pair[:, place.shape[1] :] = place.real, place.imag
        return pairs

    def _empty_pairs(self, slabs: int) -> list[NDArray[np.float32]]:
        """Make room for the real and imaginary parts of each group's columns, of all slabs."""
        sizes = [group.matrices.shape[:2] for group in self.groups]
        return [np.empty((*size, slabs, self.slab_rows), np.float32) for size in sizes]

    def _empty_waves(self) -> NDArray[np.float32]:
        """Make room for a slab transformed along x, even and odd part."""
        return np.zeros((2, self.n_x, np.prod(self.cosines.shape[:2]), self.slab_rows), np.float32)

    def _of_group(self, waves: NDArray[np.float32], group: KzGroup) -> NDArray[np.float32]:
        """View even and odd part of the kx of a group as one matrix (z twice, row) each."""
        return waves.reshape(2 * self.n_x, -1, self.slab_rows).transpose(1, 0, 2)[group.kx]


def _pieces(stack: NDArray[np.float32], matrices: NDArray[np.float32]) -> NDArray[np.float32]:
    """View a stack (z, place, row) as the pieces that matrices (piece, place, ...) give."""
    return stack.reshape(len(stack), *matrices.shape[:2], stack.shape[2])


def column_transform(columns: MeasuredColumns, *, n_x: int, n_y: int, padded_y_px: int) -> ColumnTransform:
    """Prepare the transform of volumes of `n_x` by `n_y` by `n_x` voxels, x and z about their middle."""
    half, turn = n_x // 2, 2 * np.pi / columns.padded_px
    place: NDArray[np.float64] = turn * (np.arange(n_x, dtype=np.float64) - (n_x - 1) / 2)
    first = np.flatnonzero(np.diff(columns.kx, prepend=-1))
    count = np.diff(first, append=len(columns.kx))
    phase = columns.kx[first, None] * place
    slab_rows = int(np.clip(SERIAL_PRODUCT // (4 * n_x * count.max()), FEWEST_ROWS, MOST_ROWS))
    cosines, sines = np.cos(phase[:, : n_x - half]), np.sin(phase[:, :half])
    forward_rows = max(1, SERIAL_PRODUCT // (cosines.shape[1] * slab_rows))
    back_rows = max(1, SERIAL_PRODUCT // (len(first) * slab_rows))
    forward = [_in_pieces(each, forward_rows) for each in (cosines, sines)]
    padded_kx = forward[0].shape[0] * forward[0].shape[1] - len(first)
    back = [_in_pieces(np.pad(each, ((0, padded_kx), (0, 0))).T, back_rows) for each in (cosines, sines)]
    return ColumnTransform(
        n_x, n_y, padded_y_px, min(slab_rows, n_y), tuple(_groups(columns, first, count, place)), *forward, *back
    )


def _in_pieces(matrix: NDArray[np.float64], most_rows: int) -> NDArray[np.float32]:
    """Cut a matrix into pieces of equally many rows, the last filled up with zeros."""
    pieces = ceil(len(matrix) / most_rows) or 1
    rows = ceil(len(matrix) / pieces)
    filled = np.pad(matrix, ((0, pieces * rows - len(matrix)), (0, 0)))
    return filled.reshape(pieces, rows, matrix.shape[1]).astype(np.float32)


def _groups(
    columns: MeasuredColumns, first: NDArray[np.intp], count: NDArray[np.intp], turned_place: NDArray[np.float64]
) -> list[KzGroup]:
    """Write the transforms along z of all kx with equally many columns."""
    groups = []
    for size in np.unique(count):
        members = np.flatnonzero(count == size)
        where = slice(int(first[members[0]]), int(first[members[-1]] + size))
        phase = columns.kz[where].reshape(len(members), size, 1) * turned_place
        cosine, sine = np.cos(phase), np.sin(phase)
        matrices = np.block([[cosine, -sine], [-sine, -cosine]]).astype(np.float32)
        groups.append(KzGroup(slice(int(members[0]), int(members[-1]) + 1), where, matrices))
    return groups
