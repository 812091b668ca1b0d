"""Real NMC spectra: their drift, thickness and transition-metal edges."""

from pathlib import Path

import numpy as np
import pytest
from rsciio.digitalmicrograph import file_reader

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import NegativeCounts
from lithoscope.numerics.eels import (
    covered_axis,
    find_zero_loss,
    hydrogenic_continuum,
    log_ratio_thickness,
    neighbour_mean,
    search_background,
    shift_spectra,
)
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.hydrogenic import LShell
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.eels.lowpass import LowPass
from lithoscope.numerics.eels.window_search import SlopeScore, WindowGrid
from lithoscope.rules.eels_edges import l_shell

DATA = Path(__file__).parents[3] / "data"


def spectra(name):
    """Return the spectra (y, x, e) of a file that stores energy first."""
    found = file_reader(str(DATA / name))[0]
    axis = found["axes"][0]
    return np.moveaxis(found["data"], 0, -1), EnergyAxis(axis["offset"], axis["scale"], axis["size"])


@pytest.fixture(scope="module")
def aligned():
    core, axis = spectra("NMC_coreloss_SI_440-1054eV.dm3")
    low, low_axis = spectra("NMC_lowloss_SI_-60-554eV.dm3")
    found = find_zero_loss(low, axis=low_axis, least_counts=-100)
    parts = []
    for values, raw in ((core, axis), (low, low_axis)):
        target = covered_axis(raw, found.position_eV)
        moved = shift_spectra(values, axis=raw, shift_eV=found.position_eV, onto=target)
        parts.append((neighbour_mean(moved).spectra, target))
    return found, *parts


def test_zero_loss_lies_three_electron_volts_low(aligned):
    found = aligned[0]
    assert found.rejected_count == 0
    assert found.position_eV.mean() == pytest.approx(-3.2, abs=0.2)
    assert found.position_eV.std() == pytest.approx(0.15, abs=0.05)


def test_noise_of_a_subtracted_dark_level_must_be_allowed():
    low, axis = spectra("NMC_lowloss_SI_-60-554eV.dm3")
    with pytest.raises(NegativeCounts):
        find_zero_loss(low, axis=axis)


def test_thickness_is_below_one_mean_free_path(aligned):
    low, axis = aligned[2]
    found = log_ratio_thickness(low, axis=axis, zero_loss_half_width_eV=3.0)
    assert found.invalid_count == 0
    assert found.t_over_lambda.mean() == pytest.approx(0.86, abs=0.1)


def test_manganese_edge_stands_on_a_flat_pre_edge(aligned):
    (core, axis), (low, low_axis) = aligned[1:]
    region = axis.window(605.0, 765.0)
    ratio = FourierRatio.of(axis.part(region), low_axis, low_pass=LowPass(0.36, "gaussian"))
    theory = hydrogenic_continuum(LShell(*l_shell("Mn")), beam=Beam(300.0, 0.0, 100.0), last_eV=800.0)
    grid = WindowGrid((606.0, 610.0), (620.0, 624.0), (715.0,), (750.0, 760.0), (0.3, 1.0))
    found = search_background(core[..., region], low, ratio=ratio, grid=grid, score=SlopeScore(theory, 1.0, 0.05))
    assert found.rejected_count < 42 / 4  # fourteen eV in front of the edge are little to fit two power laws on
    mean = np.nanmean(found.spectra, axis=(0, 1))
    top = ratio.axis.energies_eV[np.argmax(mean)]
    assert top == pytest.approx(634.0, abs=0.7)  # the file has L3 at 630.9 eV: its axis is off
    before = mean[ratio.axis.window(610.0, 622.0)]
    assert np.abs(before).mean() < 0.05 * mean.max()
