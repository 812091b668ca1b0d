"""Settings of the twin's measurement; the defaults are those of the published experiment."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eds.absorption import SUPER_X, Detector

ELECTRONS_PER_NA_S = 1e-9 / constants.elementary_charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """
    The beam and its raster; Oh et al., Methods, "Tomographic tilt series acquisition".

    Parameters
    ----------
    beam_energy_keV : float
        [keV].
    current_nA, dwell_s : float
        [nA], [s].
    step_nm : float
        Distance between probe positions [nm].
    convergence_mrad, collection_mrad : float
        Semi-angles of the probe and of the spectrometer [mrad].
    """

    beam_energy_keV: float = 300.0
    current_nA: float = 0.300
    dwell_s: float = 0.05
    step_nm: float = 4.63
    convergence_mrad: float = 25.2
    collection_mrad: float = 100.0

    def __post_init__(self) -> None:
        if not min(self.current_nA, self.dwell_s, self.step_nm, self.beam_energy_keV, self.collection_mrad) > 0:
            raise InvalidSetting("a beam needs current, dwell time, step, energy and collection angle above zero")
        if self.convergence_mrad < 0:
            raise InvalidSetting("the convergence angle of a beam is not below zero")

    @property
    def electrons(self) -> float:
        """Electrons into one probe position [1]."""
        return float(self.current_nA * self.dwell_s * ELECTRONS_PER_NA_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """
    Tilts and what goes wrong between them.

    Parameters
    ----------
    angles_deg : tuple of float
        Tilts of the series [deg].
    repeated_deg : float or None
        Tilt taken once more before the series and once more after it, to see damage [deg].
    shift_px : float
        Standard deviation of the specimen's shift between scans, in y and x [px].
    film_nm : float
        Thickness of the carbon film below the particle [nm].
    reduction_per_scan : float
        Part of Mn4+ that each scan turns into Mn2+ [1].
    """

    angles_deg: tuple[float, ...] = tuple(float(angle) for angle in range(-70, 71, 10))
    repeated_deg: float | None = 0.0
    shift_px: float = 1.5
    film_nm: float = 4.0
    reduction_per_scan: float = 0.0

    def __post_init__(self) -> None:
        if not self.angles_deg or max(map(abs, self.angles_deg)) >= 90:
            raise InvalidSetting("the twin needs tilts between -90 and 90 degrees, where the film has a thickness")
        if min(self.shift_px, self.film_nm) < 0 or not 0 <= self.reduction_per_scan < 1:
            raise InvalidSetting(
                "shifts, film and damage cannot be negative, and damage leaves something: correct them"
            )

    @property
    def scans(self) -> tuple[tuple[float, bool], ...]:
        """Every recorded scan in order: its tilt [deg], and whether it belongs to the series."""
        series = tuple((angle, True) for angle in self.angles_deg)
        check = () if self.repeated_deg is None else ((self.repeated_deg, False),)
        return check + series + check


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkField:
    """
    Annular dark field.

    Parameters
    ----------
    exponent : float
        Power of the atomic number that an atom scatters with [1].
    share_at_150_nm : float
        Part of the electrons that 150 nm of LiMO2 scatter onto the detector [1].
    diffracting_deg : tuple of float
        Tilts at which a zone axis makes bands of contrast [deg].
    diffraction_contrast : float
        Highest deviation of these bands from the mean [1].
    """

    exponent: float = 1.6
    share_at_150_nm: float = 0.03
    diffracting_deg: tuple[float, ...] = (-30.0, 20.0)
    diffraction_contrast: float = 0.15

    def __post_init__(self) -> None:
        if not (0 < self.share_at_150_nm < 0.5 and 0 <= self.diffraction_contrast < 1):
            raise InvalidSetting(
                "the dark field takes less than half of the electrons, and diffraction leaves some of it"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class XRays:
    """
    Energy-dispersive X-ray spectra.

    Parameters
    ----------
    axis : EnergyAxis
        Channels [eV].
    mn_la_counts : float
        Counts of Mn La in one pixel of 150 nm LiMO2 with equal shares, four detectors unshadowed, before absorption.
    yields : tuple of (str, float)
        Counts per atom of each family of lines, over those of Mn L [1]: the planted k-factors' inverse.
    fwhm_mn_ka_eV : float
        Resolution at Mn Ka [eV].
    bremsstrahlung : float
        Photons of the continuum between 0.1 and 2 keV over those of all families, per mass as in LiMO2 [1].
    stray : tuple of (str, float)
        Counts per pixel of lines from grid and holder [1].
    strobe_counts : float
        Counts per pixel in the electronics' peak at 0 eV [1].
    dead_time_us : float
        Time a detector is blind after each photon [us].
    detectors : tuple of Detector
    gains : tuple of float
        Solid angle of each detector over their mean [1].
    shadow_depth, shadow_from_deg : float
        Greatest part of a detector that the holder hides at high tilt [1], and from where on [deg].
    is_absorbing : bool
        Whether the particle absorbs its own X-rays.
    is_summed : bool
        Whether the detectors' counts come as one spectrum; each detector's own otherwise.
    """

    axis: EnergyAxis = field(default=EnergyAxis(-250.0, 5.0, 4096))
    mn_la_counts: float = 15.0
    yields: tuple[tuple[str, float], ...] = (
        ("O K", 0.5), ("Mn L", 1.0), ("Co L", 1.05), ("Ni L", 1.1), ("Mn K", 1.2), ("Co K", 1.1), ("Ni K", 1.05),
    )  # fmt: skip
    fwhm_mn_ka_eV: float = 133.0
    bremsstrahlung: float = 0.5
    stray: tuple[tuple[str, float], ...] = (("Cu K", 6.0), ("Cu L", 2.0), ("Fe K", 0.5))
    strobe_counts: float = 60.0
    dead_time_us: float = 5.0
    detectors: tuple[Detector, ...] = SUPER_X
    gains: tuple[float, ...] = (1.1, 1.0, 0.8, 1.1)
    shadow_depth: float = 0.6
    shadow_from_deg: float = 30.0
    is_absorbing: bool = True
    is_summed: bool = True

    def __post_init__(self) -> None:
        if len(self.gains) != len(self.detectors):
            raise InvalidSetting("give one gain for each detector")
        amounts = (self.mn_la_counts, self.bremsstrahlung, self.strobe_counts, self.dead_time_us, *self.gains)
        if min(*amounts, *(amount for _, amount in (*self.yields, *self.stray))) < 0 or not 0 <= self.shadow_depth <= 1:
            raise InvalidSetting("counts, gains and times are not below zero, and a shadow hides a part: correct them")
        if "Mn L" not in dict(self.yields):
            raise InvalidSetting("the yields are relative to Mn L: list it among them")

    def seen(self, angle_deg: float) -> NDArray[np.float64]:
        """Return which part of the mean solid angle each detector has at a tilt (d,) [1]."""
        sides = np.sign(np.cos(np.deg2rad([detector.azimuth_deg for detector in self.detectors])))
        hidden = self.shadow_depth / (1 + np.exp((self.shadow_from_deg - sides * angle_deg) / 8))
        return np.asarray(np.array(self.gains) * (1 - hidden))


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """
    Energy-loss spectra, low and core recorded in turn at every probe position.

    Parameters
    ----------
    low_axis, core_axis : EnergyAxis
        Channels [eV], of one step.
    low_share, core_share : float
        Part of the electrons that reach each spectrum and are counted: shutter times, camera [1].
    mean_free_path_nm : float
        Of inelastic scattering in LiMO2; other phases by their mass [nm].
    zero_loss_fwhm_eV : float
        Width of the zero-loss peak [eV].
    plasmon_eV, plasmon_width_eV : float
        Of Drude's model [eV].
    drift_eV, jitter_eV : float
        Greatest slow drift of energies over a scan, and standard deviation of each pixel's [eV].
    offset_eV : float
        Mean place of the zero-loss peak on the low-loss axis [eV].
    background_barn_per_eV : float
        Single scattering per LiMO2 at 640 eV in front of the Mn edge [barn/eV]: about 30 outer electrons at the Bethe
        ridge, which 100 mrad take in, at 1 barn/eV each, and the absorption of O K and M shells for the rest.
    background_exponent : float
        Power at which it falls [1].
    """

    low_axis: EnergyAxis = field(default=EnergyAxis(-30.0, 0.15, 2048))
    core_axis: EnergyAxis = field(default=EnergyAxis(600.0, 0.15, 2048))
    low_share: float = 0.002
    core_share: float = 0.5
    mean_free_path_nm: float = 120.0
    zero_loss_fwhm_eV: float = 0.9
    plasmon_eV: float = 24.0
    plasmon_width_eV: float = 14.0
    drift_eV: float = 0.3
    jitter_eV: float = 0.15
    offset_eV: float = 0.9
    background_barn_per_eV: float = 80.0
    background_exponent: float = 3.0

    def __post_init__(self) -> None:
        if abs(self.low_axis.step_eV - self.core_axis.step_eV) > 1e-6 * self.core_axis.step_eV:
            raise InvalidSetting("low and core loss need channels of one width: they are convolved")
        widths = (self.mean_free_path_nm, self.zero_loss_fwhm_eV, self.plasmon_eV, self.plasmon_width_eV)
        if not (min(widths) > 0 and min(self.low_share, self.core_share, self.jitter_eV, self.drift_eV) >= 0):
            raise InvalidSetting(
                "lengths and widths of losses are above zero, shares and drifts not below: correct them"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSettings:
    """
    Everything about a measurement but its object.

    Parameters
    ----------
    probe, stage, dark_field, x_rays, losses
        See there.
    depth_slabs : int
        Layers along the beam, each seen by the probe as wide as it is there; 1 for a parallel beam.
    is_noisy : bool
        Whether counts are drawn; expected counts are given otherwise.
    seed : int
        Of shifts, drift and noise. Every scan draws from a stream of its own, whatever is computed before it.
    """

    probe: Probe = field(default=Probe())
    stage: Stage = field(default=Stage())
    dark_field: DarkField = field(default=DarkField())
    x_rays: XRays = field(default=XRays())
    losses: Losses = field(default=Losses())
    depth_slabs: int = 4
    is_noisy: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.depth_slabs < 1:
            raise InvalidSetting("the particle has at least one slab along the beam: raise depth_slabs")


PAPER = ExperimentSettings()
