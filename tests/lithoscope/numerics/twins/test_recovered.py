"""The library's own chain of energy losses, shown one tilt of the twin, finds what was planted."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels import (
    atoms_per_weight,
    covered_axis,
    find_zero_loss,
    hydrogenic_continuum,
    log_ratio_thickness,
    neighbour_mean,
    nonnegative_weights,
    prepare_references,
    search_background,
    shift_spectra,
    valence_fractions,
    white_lines,
)
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.eels.lowpass import LowPass
from lithoscope.numerics.eels.window_search import SlopeScore, WindowGrid
from lithoscope.numerics.twins import PAPER, Experiment, references, small_particle, small_settings
from lithoscope.numerics.twins.edges import MANGANESE

SIZE = 24
BEAM = Beam(300.0, 25.2, 100.0)
LOSSES = replace(PAPER.losses, core_axis=EnergyAxis(600.0, 0.15, 1111))  # the published Mn part of the axis
CENTRED = replace(LOSSES.low_axis, first_eV=LOSSES.low_axis.first_eV - LOSSES.offset_eV)
REFERENCE_AXIS = EnergyAxis(600.0, 0.1, 1800)
LOW_PASS = LowPass(0.36, "gaussian")
GRID = WindowGrid((601.0, 610.0), (630.0, 634.0), (705.0, 715.0), (750.0, 762.0), (0.3, 1.0))


def chain(state, *, is_noisy):
    """Go from one scan to fractions of Mn; return them, the planted ones, and the errors of drift and thickness."""
    settings = replace(small_settings(SIZE, is_noisy=is_noisy), losses=LOSSES)
    scan = Experiment(small_particle(SIZE, state=state), settings=settings).scan(8)
    found = find_zero_loss(scan.low_loss, axis=LOSSES.low_axis)
    mask = scan.truth.x_rays.mass_nm > 40
    (core, core_axis), (low, low_axis) = (
        averaged(values, raw, found.position_eV, mask)
        for values, raw in ((scan.core_loss, LOSSES.core_axis), (scan.low_loss, LOSSES.low_axis))
    )
    theory = hydrogenic_continuum(MANGANESE.shell, beam=BEAM, last_eV=800.0)
    ratio = FourierRatio.of(core_axis, low_axis, low_pass=LOW_PASS)
    search = search_background(core[mask], low[mask], ratio=ratio, grid=GRID, score=SlopeScore(theory, 1.0, 1.0))
    taken = np.array(list(references(MANGANESE, axis=REFERENCE_AXIS, beam=BEAM).values()))
    seen = prepare_references(
        taken, axis=REFERENCE_AXIS, onto=core_axis, fit_window_eV=(632.0, 684.0), low_pass=LOW_PASS
    )
    lines = white_lines(
        taken, axis=REFERENCE_AXIS, line_window_eV=(630, 670), continuum_window_eV=(705, 755), fit_window_eV=(700, 758),
        onsets_eV=MANGANESE.onsets_eV,
    )  # fmt: skip
    weights = nonnegative_weights(search.spectra[:, seen.channels], seen.spectra).weights
    fractions = valence_fractions(weights, atoms_per_weight=atoms_per_weight(lines, holes=(7, 6, 5))).fractions
    planted = np.array([ndimage.uniform_filter(each * mask, 3) for each in scan.truth.states_per_nm2[1:4]])[:, mask]
    thickness = log_ratio_thickness(scan.low_loss, axis=CENTRED).t_over_lambda
    return (
        fractions,
        planted / planted.sum(axis=0),
        found.position_eV - scan.truth.zero_loss_eV,
        ((thickness - scan.truth.t_over_lambda)[mask]),
    )


def averaged(values, raw, places_eV, mask):
    onto = covered_axis(raw, places_eV)
    return neighbour_mean(shift_spectra(values, axis=raw, shift_eV=places_eV, onto=onto), mask=mask).spectra, onto


@pytest.mark.parametrize("state", ["pristine", "200"])
def test_clean_spectra_give_the_planted_valence(state):
    found, planted, drift_eV, thickness = chain(state, is_noisy=False)
    assert np.sqrt(np.mean((found - planted) ** 2)) < 0.015
    assert abs(drift_eV).max() < 0.002
    assert abs(thickness).max() < 0.03


def test_counts_at_the_published_dose_give_it_without_bias():
    found, planted, drift_eV, _ = chain("200", is_noisy=True)
    error = found - planted
    assert np.abs(np.nanmean(error, axis=1)).max() < 0.03
    assert np.sqrt(np.nanmean(error**2)) < 0.10
    assert np.std(drift_eV) < 0.01
