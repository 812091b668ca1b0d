"""Spectra continued to zero on both sides, so that a Fourier transform meets no step at their ends."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import fft

#: Channels whose mean is continued beyond an end; one alone would carry its noise into the whole tail.
END_CHANNELS = 10


@dataclass(frozen=True, slots=True)
class Padding:
    """
    How a spectrum is laid out before its transform: spectrum, falling tail, zeros, rising tail.

    Everything here is linear in the spectrum, so that it can be turned around (`folded`).

    Parameters
    ----------
    size : int
        Channels of the spectrum.
    tail : int
        Channels over which each end falls to zero as half a cosine.
    padded : int
        Channels of the transform.
    """

    size: int
    tail: int
    padded: int

    @classmethod
    def of(cls, size: int, *, tail: int, longest: int = 0) -> Self:
        """Leave room for twice the spectrum, or the `longest` one it is convolved with, and both tails."""
        return cls(size, tail, int(fft.next_fast_len(2 * max(size + 2 * tail, longest), real=True)))

    def extended(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Continue spectra (..., size) to (..., padded)."""
        result = np.zeros((*values.shape[:-1], self.padded))
        result[..., : self.size] = values
        if self.tail:
            ends, fall = self._ends, self._fall
            result[..., self.size : self.size + self.tail] = values[..., -ends:].mean(axis=-1)[..., None] * fall
            result[..., -self.tail :] = values[..., :ends].mean(axis=-1)[..., None] * fall[::-1]
        return result

    def folded(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Apply the transpose of `extended`: (..., padded) to (..., size)."""
        result = values[..., : self.size].copy()
        if self.tail:
            ends, fall = self._ends, self._fall
            result[..., -ends:] += (values[..., self.size : self.size + self.tail] @ fall)[..., None] / ends
            result[..., :ends] += (values[..., -self.tail :] @ fall[::-1])[..., None] / ends
        return np.asarray(result)

    def transformed(self, values: NDArray[np.float64], kept: int) -> NDArray[np.complex128]:
        """Return the `kept` lowest frequencies of spectra (..., size)."""
        return np.asarray(fft.rfft(self.extended(values), axis=-1)[..., :kept])

    def shortened(self, transform: NDArray[np.complex128]) -> NDArray[np.float64]:
        """Return the spectra (..., size) of transforms whose further frequencies are zero."""
        return np.asarray(fft.irfft(transform, self.padded, axis=-1)[..., : self.size])

    def functionals(self, weights: NDArray[np.float64], kept: int) -> NDArray[np.complex128]:
        """
        Turn sums over channels into sums over frequencies.

        Returns
        -------
        rows : (..., kept) array
            The real part of ``transform @ rows.T`` is ``shortened(transform) @ weights.T`` (Parseval).
        """
        rows = np.conj(fft.rfft(weights, self.padded, axis=-1)[..., :kept]) * (2 / self.padded)
        rows[..., 0] /= 2
        if self.padded % 2 == 0 and kept == self.padded // 2 + 1:
            rows[..., -1] /= 2
        return np.asarray(rows)

    @property
    def _ends(self) -> int:
        return min(END_CHANNELS, self.size)

    @property
    def _fall(self) -> NDArray[np.float64]:
        return 0.5 + 0.5 * np.cos(np.pi * (np.arange(self.tail) + 1) / (self.tail + 1))
