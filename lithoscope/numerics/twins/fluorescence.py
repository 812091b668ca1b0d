"""X-ray spectra of a scan: families of lines, continuum, absorption on the way out, shadow, strobe and dead time."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.absorption import attenuation_per_voxel, transmission
from lithoscope.numerics.eds.lines import line_family
from lithoscope.numerics.eds.response import FWHM_PER_SIGMA, Response, live_fraction
from lithoscope.numerics.twins.crystal import CARBON_G_CM3, CARBON_PER_NM3, LAYERED_G_CM3, LAYERED_NM3, densities_g_cm3
from lithoscope.numerics.twins.particle import NcmParticle
from lithoscope.numerics.twins.settings import Probe, XRays
from lithoscope.numerics.twins.view import View

Float = NDArray[np.float64]
Volume = NDArray[np.float32]

STROBE_FWHM_EV = 45.0
#: X-rays of this energy pass the dead layer of a detector without window by half [eV].
WINDOW_EV = 150.0
#: Photons of the carbon film per atom, over those of Mn L.
CARBON_YIELD = 0.15
FILM_FAMILY = "C K"


def continuum_shape(axis: EnergyAxis, beam_energy_keV: float) -> Float:
    """Draw bremsstrahlung after Kramers through a window, of unit area between 0.1 and 2 keV (e,)."""
    energies = axis.energies_eV
    above = np.maximum(energies, axis.step_eV)
    shape = (beam_energy_keV * 1e3 - above) / above / (1 + (WINDOW_EV / above) ** 3) * (energies > 0)
    fine = np.arange(100.0, 2000.0)
    area = ((beam_energy_keV * 1e3 - fine) / fine / (1 + (WINDOW_EV / fine) ** 3)).sum()
    return np.asarray(shape * axis.step_eV / area)


@dataclass(frozen=True, slots=True)
class XRayScan:
    """
    Expected X-rays of one scan.

    Parameters
    ----------
    family_counts : (d, f, y, x) array of float32
        Photons of each family into each detector, shadow and absorption included.
    emitted : (f, y, x) array of float32
        The same without shadow and absorption, detectors together.
    mass_nm : (y, x) array of float32
        Thickness in LiMO2 of equal mass [nm].
    """

    family_counts: Volume
    emitted: Volume
    mass_nm: Volume


@dataclass(frozen=True, slots=True)
class XRayModel:
    """
    Everything about X-rays that does not depend on the tilt.

    Parameters
    ----------
    settings : XRays
    families : tuple of str
        Those of the particle, in the order of all counts.
    shapes : (f + 3, e) array
        Unit spectra of the families, of the film's carbon and of the continuum, and the stray lines of one pixel.
    strobe : (e,) array
        Peak of the electronics in one detector, which no dead time touches.
    counts_per_atom : (f,) array
        Counts per pixel for one atom per nm2 [nm2].
    attenuation : (f, z, y, x) array or None
        Of the particle, per voxel of a scan step [1].
    """

    settings: XRays
    families: tuple[str, ...]
    shapes: Float
    strobe: Float
    counts_per_atom: Float
    attenuation: Volume | None

    @classmethod
    def of(cls, settings: XRays, probe: Probe, *, particle: NcmParticle, binning: int) -> Self:
        """Prepare spectra, cross sections and the particle's absorption."""
        axis, families = settings.axis, tuple(name for name, _ in settings.yields)
        response = Response(settings.fwhm_mn_ka_eV)
        drawn = [response.profile(line_family(name), axis) for name in (*families, FILM_FAMILY)]
        stray = [count * response.profile(line_family(name), axis) for name, count in settings.stray]
        mn_l = line_family("Mn L")
        per_mn = settings.mn_la_counts / mn_l.shares[0] * LAYERED_NM3 * 3 / 150.0
        seen = particle.coarser(binning)
        return cls(
            settings,
            families,
            np.array(
                [*drawn, continuum_shape(axis, probe.beam_energy_keV), np.sum(stray, axis=0) + np.zeros(axis.size)]
            ),
            np.diff(special.ndtr(axis.edges_eV * FWHM_PER_SIGMA / STROBE_FWHM_EV))
            * (settings.strobe_counts / len(settings.detectors)),
            per_mn * np.array([amount for _, amount in settings.yields]),
            attenuation_per_voxel(densities_g_cm3(seen.atoms_per_nm3), families, seen.voxel_nm)
            if settings.is_absorbing
            else None,
        )

    def scan(self, particle: NcmParticle, view: View, angle_deg: float) -> XRayScan:
        """Send the particle's X-rays into each detector at one tilt."""
        made = [particle.atoms(name.partition(" ")[0]) for name in self.families]
        mass = np.asarray(sum(densities_g_cm3(particle.atoms_per_nm3).values()), np.float32) / np.float32(LAYERED_G_CM3)
        *maps, mass_nm = view.of([*made, mass])
        scale = self.counts_per_atom.astype(np.float32)[:, None, None]
        emitted = np.array(maps) * scale
        share = self.settings.seen(angle_deg) / len(self.settings.detectors)
        counts = np.empty((len(share), *emitted.shape), np.float32)
        for row, detector, part in zip(counts, self.settings.detectors, share, strict=True):
            if self.attenuation is None:
                row[:] = np.float32(part) * emitted
                continue
            passing = transmission(self.attenuation, angle_deg=angle_deg, detector=detector)
            sent = [volume * _as_fine(part_of, view.binning) for volume, part_of in zip(made, passing, strict=True)]
            row[:] = np.float32(part) * scale * view.of(sent)
        return XRayScan(counts, emitted, mass_nm)

    def weights(self, scan: XRayScan, *, angle_deg: float, film_nm: float) -> Float:
        """
        Return how much of each of `shapes` every detector is offered in every pixel.

        Parameters
        ----------
        scan : XRayScan
        angle_deg : float
            Tilt of the stage [deg].
        film_nm : float
            Thickness of the carbon film, untilted [nm].

        Returns
        -------
        weights : (d, f + 3, y x) array
            Photons of the families, the film and the continuum; solid angle for the stray lines.
        """
        film = film_nm / np.cos(np.deg2rad(angle_deg))
        share = self.settings.seen(angle_deg) / len(self.settings.detectors)
        mass_nm = scan.mass_nm.ravel().astype(np.float64) + film * CARBON_G_CM3 / LAYERED_G_CM3
        front = self.settings.bremsstrahlung * self.nominal_counts / 150.0 * mass_nm
        carbon = np.full_like(front, CARBON_YIELD * self.per_mn * CARBON_PER_NM3 * film)
        rest = share[:, None, None] * np.array([carbon, front, np.ones_like(front)])
        lines = scan.family_counts.reshape(len(share), len(self.families), -1)
        return np.concatenate([lines, rest], axis=1)

    def live_fractions(self, weights: Float, dwell_s: float) -> Float:
        """Return the part of the time that each detector listens (d, y x): it is blind after each photon."""
        photons = np.tensordot(weights, self.shapes.sum(axis=1), (1, 0))
        return live_fraction(photons / dwell_s, dead_time_s=self.settings.dead_time_us * 1e-6)

    def spectra(self, weights: Float, live: Float) -> Float:
        """
        Return expected counts.

        Parameters
        ----------
        weights : (d, f + 3, y x) array
        live : (d, y x) array
            Part of the time each detector listens [1].

        Returns
        -------
        spectra : (y x, e) array, or (d, y x, e) array if detectors are kept apart
        """
        heard = weights * live[:, None]
        if self.settings.is_summed:
            return np.asarray(heard.sum(axis=0).T @ self.shapes + len(live) * self.strobe)
        return np.asarray([each.T @ self.shapes + self.strobe for each in heard])

    @property
    def per_mn(self) -> float:
        """Counts of the Mn L family for one atom per nm2 [nm2]."""
        return float(self.counts_per_atom[self.families.index("Mn L")])

    @property
    def nominal_counts(self) -> float:
        """Photons of all families from 150 nm of LiMO2 with equal shares, unabsorbed."""
        per_nm2 = {"O": 2.0, "Mn": 1 / 3, "Co": 1 / 3, "Ni": 1 / 3}
        atoms = np.array([per_nm2[name.partition(" ")[0]] for name in self.families]) * 150.0 / LAYERED_NM3
        return float(self.counts_per_atom @ atoms)


def _as_fine(volume: Volume, factor: int) -> Volume:
    """Repeat voxels on a finer grid: absorption varies over tens of nm."""
    for axis in range(3):
        volume = np.repeat(volume, factor, axis=axis)
    return volume
