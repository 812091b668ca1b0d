"""The same experiment with few pixels and channels, to try every step on in seconds."""

from dataclasses import replace

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.twins.particle import STEP_NM, NcmParticle, ncm_particle
from lithoscope.numerics.twins.settings import PAPER, ExperimentSettings
from lithoscope.numerics.twins.states import STATES

#: Steps across the published field.
FULL_SIZE = 64


def small_settings(
    size: int = 16, *, is_noisy: bool = True, seed: int = 0, angles_deg: tuple[float, ...] | None = None
) -> ExperimentSettings:
    """
    Give the published settings with wider steps and channels over the same field and energies.

    Parameters
    ----------
    size : int
        Probe positions along each side of the field.
    is_noisy : bool
    seed : int
    angles_deg : tuple of float, optional
        Tilts, the published ones by default [deg].
    """
    stage = PAPER.stage if angles_deg is None else replace(PAPER.stage, angles_deg=angles_deg)
    return replace(
        PAPER,
        probe=replace(PAPER.probe, step_nm=STEP_NM * FULL_SIZE / size),
        stage=replace(stage, shift_px=0.3),
        x_rays=replace(PAPER.x_rays, axis=EnergyAxis(-200.0, 20.0, 430)),
        losses=replace(
            PAPER.losses,
            low_axis=EnergyAxis(-30.0, 0.6, 512),
            core_axis=EnergyAxis(600.0, 0.6, 512),
            zero_loss_fwhm_eV=1.5,
        ),
        is_noisy=is_noisy,
        seed=seed,
    )


def small_particle(size: int = 16, *, state: str = "200", seed: int = 0) -> NcmParticle:
    """Draw a particle that fits `small_settings` of the same size."""
    return ncm_particle(size, state=STATES[state], voxel_nm=STEP_NM * FULL_SIZE / size, seed=seed)
