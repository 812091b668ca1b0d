"""Inputs of a few pixels for every method of X-rays."""

from functools import cache
from typing import Any

import numpy as np

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.phantoms import EmittingParticle, emitting_particle, spectra_of

AXIS = EnergyAxis(-200.0, 10.0, 140)


@cache
def _particle() -> EmittingParticle:
    return emitting_particle(16, peak_counts=60.0)


def small_spectra() -> dict[str, Any]:
    """Give counted spectra of 16 x 16 pixels at 15 tilts."""
    particle = _particle()
    expected = spectra_of(particle.expected, AXIS, background=0.5)
    return {
        "spectra": np.random.default_rng(0).poisson(expected).astype(np.uint16),
        "spectra_energy": AXIS,
        "angles_deg": particle.angles_deg,
    }
