"""Non-negative least squares of many pixels equal those of each pixel alone."""

import numpy as np
from scipy.optimize import nnls

from lithoscope.numerics.eds.nonnegative import nonnegative_solution


def test_every_pixel_gets_the_solution_it_would_get_alone():
    rng = np.random.default_rng(0)
    design = rng.uniform(size=(40, 7)) + 0.5  # columns alike: many variables are held at zero
    spectra = design @ np.maximum(rng.normal(size=(7, 300)), 0) + 0.3 * rng.normal(size=(40, 300))
    found = nonnegative_solution(design.T @ design, design.T @ spectra)
    alone = np.array([nnls(design, spectrum)[0] for spectrum in spectra.T]).T
    assert np.allclose(found, alone, atol=1e-6)
    assert (found == 0).mean() > 0.3


def test_the_scale_of_a_component_changes_only_its_own_amount():
    rng = np.random.default_rng(1)
    design, scale = rng.uniform(size=(20, 3)), np.array([1e-6, 1.0, 1e5])
    spectra = design @ rng.uniform(size=(3, 50))
    scaled = design * scale
    found = nonnegative_solution(scaled.T @ scaled, scaled.T @ spectra)
    assert np.allclose(found * scale[:, None], nonnegative_solution(design.T @ design, design.T @ spectra), rtol=1e-6)
