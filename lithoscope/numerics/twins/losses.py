"""Energy-loss spectra of a scan: zero loss, plasmons and edges, scattered again by thickness, drifting in energy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.twins.edges import EDGES, edge_barn
from lithoscope.numerics.twins.settings import Losses, Probe

Float = NDArray[np.float64]
Complex = NDArray[np.complex128]

NM2_PER_BARN = 1e-10
FWHM = 2 * np.sqrt(2 * np.log(2))
#: Losses that scattering moves into a spectrum from below its first channel [eV].
BELOW_EV = 280.0
#: M edges of Mn, Co and Ni in single scattering, drawn: onset and place of the maximum beyond it [eV], and what part
#: of the plasmons they make up [1].
M_EDGES = ((51.0, 8.0, 0.10), (63.0, 9.0, 0.10), (70.0, 10.0, 0.10))
BLOCK_PIXELS = 256


@dataclass(frozen=True, slots=True)
class LossModel:
    """
    The spectra that every pixel's are made of, as Fourier transforms.

    Parameters
    ----------
    losses : Losses
    single : (f,) array
        Transform of one inelastic scattering, unit area.
    zero_loss : (f,) array
        Transform of the zero-loss peak, unit area, at 0 eV.
    core : (component, f) array
        Transforms of what one atom, or LiMO2 for the background in front, adds to an electron's chance of each channel
        [nm2]; the order of `COMPONENTS`.
    padded : int
        Channels of the transforms.
    """

    losses: Losses
    single: Complex
    zero_loss: Complex
    core: Complex
    padded: int

    @classmethod
    def of(cls, losses: Losses, probe: Probe) -> Self:
        """Prepare the spectra of a measurement."""
        step, core_axis = losses.core_axis.step_eV, losses.core_axis
        below = round(BELOW_EV / step)
        wide = EnergyAxis(core_axis.first_eV - below * step, step, core_axis.size + below)
        padded = int(fft.next_fast_len(max(wide.size, losses.low_axis.size) + 2 * below, real=True))
        energies = np.asarray(step * np.arange(padded), np.float64)
        beam = Beam(probe.beam_energy_keV, probe.convergence_mrad, probe.collection_mrad)
        front = losses.background_barn_per_eV * step * (wide.energies_eV / 640.0) ** -losses.background_exponent
        rows = np.concatenate([front[None], *(edge_barn(edge, axis=wide, beam=beam) for edge in EDGES)]) * NM2_PER_BARN
        frequencies = fft.rfftfreq(padded, step)
        sigma = losses.zero_loss_fwhm_eV / FWHM
        return cls(
            losses,
            np.asarray(fft.rfft(single_scattering(energies, losses))),
            np.exp(-2 * (np.pi * frequencies * sigma) ** 2).astype(np.complex128),
            np.asarray(fft.rfft(rows, padded, axis=1)),
            padded,
        )

    def spectra(self, atoms_per_nm2: Float, *, thickness: Float, places_eV: Float) -> tuple[Float, Float]:
        """
        Draw what one electron does in each pixel.

        Parameters
        ----------
        atoms_per_nm2 : (component, p) array
            Areal densities [1/nm2]; the order of `COMPONENTS`.
        thickness : (p,) array
            In mean free paths [1].
        places_eV : (p,) array
            Where the zero-loss peak is [eV].

        Returns
        -------
        low_loss, core_loss : (p, e) arrays
            Probability of each channel of the low and of the core axis.
        """
        low, core = self.losses.low_axis, self.losses.core_axis
        below = round(BELOW_EV / core.step_eV)
        frequencies = fft.rfftfreq(self.padded, core.step_eV)
        exponent = thickness[:, None] * (self.single - 1) - 2j * np.pi * frequencies * places_eV[:, None]
        response = np.exp(exponent, out=exponent) * self.zero_loss
        far = fft.irfft((atoms_per_nm2.T @ self.core) * response, self.padded, axis=1)[:, below : below + core.size]
        response *= np.exp(2j * np.pi * frequencies * low.first_eV)
        near = fft.irfft(response, self.padded, axis=1)[:, : low.size]
        return np.maximum(near, 0), np.maximum(far, 0)


#: Components of core spectra: the background in front of the edges per LiMO2, then each state of each edge per atom.
COMPONENTS = ("front", *(state.name for edge in EDGES for state in edge.states))


def single_scattering(energies_eV: Float, losses: Losses) -> Float:
    """
    Draw one inelastic scattering: a plasmon after Drude and the M edges of the metals, of unit area.

    References
    ----------
    Egerton, Electron Energy-Loss Spectroscopy in the Electron Microscope, 3rd ed. (2011), equation 3.43,
    doi:10.1007/978-1-4419-9583-4.
    """
    place, width = losses.plasmon_eV, losses.plasmon_width_eV
    drude = energies_eV * width * place**2 / ((energies_eV**2 - place**2) ** 2 + (energies_eV * width) ** 2)
    result = drude / drude.sum()
    for onset, rise, part in M_EDGES:
        above = np.maximum(energies_eV - onset, 0) / rise
        edge = above * np.exp(-above)
        result += part * edge / edge.sum()
    return np.asarray(result / result.sum())


def drift_eV(size: int, losses: Losses, rng: np.random.Generator) -> Float:
    """Draw where the zero-loss peak lies in each pixel of a scan (y, x) [eV]: offset, slow drift and jitter."""
    line = np.linspace(-1, 1, size * size).reshape(size, size)
    slow = losses.drift_eV * (rng.uniform(-1, 1) * line + rng.uniform(-0.5, 0.5) * np.sin(np.pi * line))
    return np.asarray(losses.offset_eV + slow + losses.jitter_eV * rng.standard_normal((size, size)))


def pixel_blocks(pixels: int) -> Iterator[slice]:
    """Go through the pixels of a scan by blocks whose transforms fit into little memory."""
    for start in range(0, pixels, BLOCK_PIXELS):
        yield slice(start, min(start + BLOCK_PIXELS, pixels))
