"""The whole measurement of one particle, scan by scan: dark field, X-rays and energy losses at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, silent
from lithoscope.numerics.twins.crystal import (
    ATOMIC_NUMBERS,
    CARBON_G_CM3,
    CARBON_PER_NM3,
    ELEMENTS,
    LAYERED_G_CM3,
    LAYERED_NM3,
)
from lithoscope.numerics.twins.fluorescence import XRayModel, XRayScan
from lithoscope.numerics.twins.losses import COMPONENTS, LossModel, drift_eV, pixel_blocks
from lithoscope.numerics.twins.particle import NcmParticle
from lithoscope.numerics.twins.settings import PAPER, ExperimentSettings
from lithoscope.numerics.twins.view import View, steps_per_voxel

Float = NDArray[np.float64]
Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScanTruth:
    """
    What no instrument tells about one scan.

    Parameters
    ----------
    shift_px : (float, float)
        Where the particle sits off the middle, in y and x [px].
    atoms_per_nm2 : (5, y, x) array of float32
        Li, O, Mn, Co and Ni, film left out [1/nm2].
    states_per_nm2 : (component, y, x) array of float32
        As `COMPONENTS`: LiMO2 of equal mass, Mn4+, Mn3+, Mn2+, Co3+, Co2+, Ni2+ [1/nm2].
    t_over_lambda : (y, x) array of float32
        Thickness in mean free paths, film included [1].
    zero_loss_eV : (y, x) array
        Place of the zero-loss peak on both energy axes [eV].
    dark_field_contrast : (y, x) array of float32
        What diffraction multiplies the dark field by [1].
    x_rays : XRayScan
        Photons with and without absorption and shadow.
    detector_share : (d,) array
        What each X-ray detector sees at this tilt over the mean solid angle [1].
    """

    shift_px: tuple[float, float]
    atoms_per_nm2: Map
    states_per_nm2: Map
    t_over_lambda: Map
    zero_loss_eV: Float
    dark_field_contrast: Map
    x_rays: XRayScan
    detector_share: Float


@dataclass(frozen=True, slots=True)
class TiltScan:
    """
    All that is recorded at one tilt.

    Parameters
    ----------
    index : int
        Place among the recorded scans, in order of time.
    angle_deg : float
        Tilt [deg].
    is_in_series : bool
        False for the scans that only look for damage.
    dark_field : (y, x) array
        Counts.
    x_rays : (y, x, c) array, or (d, y, x, c) array if detectors are kept apart
        Counts.
    live_fractions : (d, y, x) array
        Part of the dwell time that each X-ray detector listened [1].
    low_loss, core_loss : (y, x, e) arrays
        Counts.
    truth : ScanTruth
    """

    index: int
    angle_deg: float
    is_in_series: bool
    dark_field: NDArray[Any]
    x_rays: NDArray[Any]
    live_fractions: Float
    low_loss: NDArray[Any]
    core_loss: NDArray[Any]
    truth: ScanTruth


class Experiment:
    """
    One particle under one instrument; every scan can be taken alone, and is the same whenever it is taken.

    Parameters
    ----------
    particle : NcmParticle
        A scan step must hold a whole number of its voxels; a particle twice as fine as the scan keeps a reconstruction
        from being judged with the projector that made it.
    settings : ExperimentSettings
        `PAPER` are those of the published experiment.

    Raises
    ------
    InvalidSetting
    """

    def __init__(self, particle: NcmParticle, *, settings: ExperimentSettings = PAPER) -> None:
        size = particle.occupancy.shape[0]
        self.particle, self.settings = particle, settings
        self.binning = steps_per_voxel(size, voxel_nm=particle.voxel_nm, step_nm=settings.probe.step_nm)
        self.pixels = size // self.binning
        self._losses = LossModel.of(settings.losses, settings.probe)
        self._x_rays = XRayModel.of(settings.x_rays, settings.probe, particle=particle, binning=self.binning)

    def __len__(self) -> int:
        """Count the recorded scans."""
        return len(self.settings.stage.scans)

    def scan(self, index: int) -> TiltScan:
        """
        Take one scan.

        Parameters
        ----------
        index : int
            Its place in time, from 0 on.

        Raises
        ------
        InvalidSetting
        """
        if not 0 <= index < len(self):
            raise InvalidSetting(f"the experiment has {len(self)} scans, numbered from 0: ask for one of them")
        angle, is_in_series = self.settings.stage.scans[index]
        streams = np.random.SeedSequence([self.settings.seed, index]).spawn(5)
        staging, drifting, *noises = (np.random.default_rng(stream) for stream in streams)
        truth = self._truth(index, staging=staging, drifting=drifting)
        x_rays, live = self._spectra(truth, angle, noises[1])
        low, core = self._energy_losses(truth, angle, noises[2])
        dark = self._counted(self._dark_field(truth, angle), noises[0])
        return TiltScan(index, angle, is_in_series, dark, x_rays, live, low, core, truth)

    def _truth(self, index: int, *, staging: np.random.Generator, drifting: np.random.Generator) -> ScanTruth:
        """Look at the particle from one tilt."""
        angle, settings, particle = self.settings.stage.scans[index][0], self.settings, self.particle
        down, across = (settings.stage.shift_px * staging.standard_normal(2)).tolist()
        view = View.at(
            angle,
            size=particle.occupancy.shape[0],
            voxel_nm=particle.voxel_nm,
            shift_px=(down, across),
            settings=settings,
        )
        mn, co = particle.mn_states * particle.atoms("Mn"), particle.co_states * particle.atoms("Co")
        maps = view.of([*particle.atoms_per_nm3, *mn, *co])
        atoms, states = maps[: len(ELEMENTS)], maps[len(ELEMENTS) :]
        damaged = np.float32(1 - (1 - settings.stage.reduction_per_scan) ** index)
        states[2] += damaged * states[0]
        states[0] *= 1 - damaged
        x_rays = self._x_rays.scan(particle, view, angle)
        film = settings.stage.film_nm / np.cos(np.deg2rad(angle)) * CARBON_G_CM3 / LAYERED_G_CM3
        front = (x_rays.mass_nm / np.float32(LAYERED_NM3))[None]
        return ScanTruth(
            (down, across),
            atoms,
            np.concatenate([front, states, atoms[-1:]]),
            (x_rays.mass_nm + np.float32(film)) / np.float32(settings.losses.mean_free_path_nm),
            drift_eV(self.pixels, settings.losses, drifting),
            self._diffraction(angle, x_rays.mass_nm, staging),
            x_rays,
            settings.x_rays.seen(angle),
        )

    def _diffraction(self, angle: float, mass_nm: Map, rng: np.random.Generator) -> Map:
        """Draw bands of diffraction contrast across the particle at the tilts that have them."""
        settings = self.settings.dark_field
        phase, turn = rng.uniform(0, 2 * np.pi, 2)
        if angle not in settings.diffracting_deg:
            return np.ones_like(mass_nm)
        y, x = np.indices(mass_nm.shape) / mass_nm.shape[0]
        bands = np.cos(2 * np.pi * 4 * (x * np.cos(turn) + y * np.sin(turn)) + phase)
        return np.asarray(1 + settings.diffraction_contrast * bands * (mass_nm > 0), np.float32)

    def _dark_share(self, truth: ScanTruth, angle: float, *, is_diffracting: bool) -> Float:
        """Return the part of the electrons that are scattered onto the dark-field detector (y, x)."""
        settings, film = self.settings.dark_field, self.settings.stage.film_nm / np.cos(np.deg2rad(angle))
        strengths = {name: float(number) ** settings.exponent for name, number in ATOMIC_NUMBERS.items()}
        nominal = strengths["Li"] + 2 * strengths["O"] + np.mean([strengths[name] for name in ("Mn", "Co", "Ni")])
        per_strength = settings.share_at_150_nm * LAYERED_NM3 / (150.0 * nominal)
        sample = np.tensordot([strengths[name] for name in ELEMENTS], truth.atoms_per_nm2, 1)
        contrast = truth.dark_field_contrast if is_diffracting else 1.0
        return np.asarray(per_strength * (sample * contrast + strengths["C"] * CARBON_PER_NM3 * film))

    def _dark_field(self, truth: ScanTruth, angle: float) -> Float:
        return self._dark_share(truth, angle, is_diffracting=True) * self.settings.probe.electrons

    def _spectra(self, truth: ScanTruth, angle: float, rng: np.random.Generator) -> tuple[NDArray[Any], Float]:
        """Count X-rays (y, x, c), or (d, y, x, c) if detectors are kept apart, while each listens."""
        weights = self._x_rays.weights(truth.x_rays, angle_deg=angle, film_nm=self.settings.stage.film_nm)
        live = self._x_rays.live_fractions(weights, self.settings.probe.dwell_s)
        expected = self._x_rays.spectra(weights, live)
        shape = (*expected.shape[:-2], self.pixels, self.pixels, expected.shape[-1])
        return self._counted(expected.reshape(shape), rng), live.reshape(len(live), self.pixels, self.pixels)

    def _energy_losses(
        self, truth: ScanTruth, angle: float, rng: np.random.Generator
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Count low and core losses (y, x, e) of the electrons that no large angle took."""
        losses, n = self.settings.losses, self.pixels
        kept = np.maximum(1 - self._dark_share(truth, angle, is_diffracting=False).ravel(), 0)
        thickness = truth.t_over_lambda.ravel().astype(np.float64)
        atoms, places = truth.states_per_nm2.reshape(len(COMPONENTS), -1).astype(np.float64), truth.zero_loss_eV.ravel()
        low, core = [], []
        for block in pixel_blocks(n * n):
            electrons = (self.settings.probe.electrons * kept[block])[:, None]
            low_p, core_p = self._losses.spectra(atoms[:, block], thickness=thickness[block], places_eV=places[block])
            low.append(self._counted(electrons * losses.low_share * low_p, rng))
            core.append(self._counted(electrons * losses.core_share * core_p, rng))
        return np.concatenate(low).reshape(n, n, -1), np.concatenate(core).reshape(n, n, -1)

    def _counted(self, expected: Float, rng: np.random.Generator) -> NDArray[Any]:
        """Draw counts, or give the expected ones if noise is off."""
        if not self.settings.is_noisy:
            return np.asarray(expected, np.float32)
        return rng.poisson(expected).astype(np.uint32)


def experiment(
    particle: NcmParticle, *, settings: ExperimentSettings = PAPER, progress: Progress = silent
) -> Iterator[TiltScan]:
    """
    Take all scans of a tilt series, one after the other: only one is ever held.

    Parameters
    ----------
    particle : NcmParticle
    settings : ExperimentSettings
    progress : Progress
        Asked after every scan; False ends the series there.

    Returns
    -------
    scans : iterator of TiltScan
        In order of time.

    Raises
    ------
    InvalidSetting
    """
    return _scans(Experiment(particle, settings=settings), progress)


def _scans(taking: Experiment, progress: Progress) -> Iterator[TiltScan]:
    for index, (angle, _) in enumerate(taking.settings.stage.scans):
        yield taking.scan(index)
        if not progress(index + 1, len(taking), angle_deg=angle):
            return
