"""Tilt series shifted by known amounts, and how much of the shifts an alignment leaves."""

import numpy as np

from lithoscope.numerics.tomography import project
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.shifting import apply_shifts

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)


def shifted_series(n=64, *, peak_counts=1e4, background=0.02, largest_px=4.0, seed=0):
    """Count a particle drawn and moved on a grid twice as fine, each tilt by up to `largest_px` in y and x."""
    rng = np.random.default_rng(seed)
    shifts_px = rng.uniform(-largest_px, largest_px, (len(ANGLES_DEG), 2))
    fine = apply_shifts(project(porous_particle(2 * n, supersampling=1), ANGLES_DEG), 2 * shifts_px)
    series = fine.reshape(len(ANGLES_DEG), n, 2, n, 2).mean(axis=(2, 4)).clip(0)
    series *= peak_counts / series.max()
    return rng.poisson(series + background * peak_counts).astype(np.float32), shifts_px


def left_px(planted_px, found_px, angles_deg=ANGLES_DEG):
    """Return the rms of what is left along y and x [px]; moving the whole object is no error."""
    left = np.asarray(planted_px) + found_px
    turn = np.deg2rad(angles_deg)
    moves = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    along = left[:, 0] - left[:, 0].mean()
    across = left[:, 1] - moves @ np.linalg.lstsq(moves, left[:, 1])[0]
    return float(np.sqrt(np.mean(along**2))), float(np.sqrt(np.mean(across**2)))
