"""Inputs of a few pixels for every method of X-rays."""

from functools import cache
from typing import Any

import numpy as np

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.k_report import k_table
from lithoscope.numerics.eds.phantoms import FAMILIES, EmittingParticle, emitting_particle, spectra_of
from lithoscope.numerics.eds.quantification import given_k_factors

ELEMENTS = ("O", "Mn", "Co", "Ni")
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


def small_maps() -> dict[str, Any]:
    """Give counted maps of a particle of 16 x 16 pixels with its dark-field volume."""
    particle = _particle()
    maps = particle.counted(1)
    return {
        "maps": maps,
        "particle": particle.inside.astype(np.uint8),
        "dark_field": particle.density,
        "variance": np.maximum(maps, 1),
        "maps_names": FAMILIES,
        "angles_deg": particle.angles_deg,
        "pixel_size_nm": particle.voxel_nm,
        "seed": 0,
    }


def one_image() -> dict[str, Any]:
    """Give the maps of one image with k-factors."""
    particle = _particle()
    maps = particle.counted(2)[:, 7]
    factors = given_k_factors(particle.k_factors, ELEMENTS, source="planted", uncertainty=0.02)
    return {
        "maps": maps,
        "variance": np.maximum(maps, 1),
        "k_factors": k_table(factors),
        "maps_names": FAMILIES,
    }


def two_references() -> dict[str, Any]:
    """Give intensities of two small particles of one composition."""
    particle = _particle()
    k = particle.k_factors[:, None, None, None]
    volumes = (100 * particle.density * particle.fractions / k).astype(np.float32)
    inside = particle.inside.astype(np.uint8)
    scales = np.array([1.0, 1.01, 0.99, 1.02], np.float32)[:, None, None, None]
    return {
        "intensities": (volumes, scales * volumes),
        "particles": (inside, inside),
        "intensities_names": (FAMILIES, FAMILIES),
    }
