"""Widths, dead time and the strobe peak of a detector."""

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds import (
    Response,
    line_family,
    live_fraction,
    refined_response,
    sum_detectors,
    without_strobe,
)
from lithoscope.numerics.eds.errors import DetectorSaturated, LineOutsideSpectrum
from lithoscope.numerics.eds.fitting import FitDesign

AXIS = EnergyAxis(-200.0, 5.0, 4096)


def test_lines_are_as_wide_as_the_notes_say():
    """59 to 77 eV between O K and Ni L for a detector of 130 to 136 eV at manganese."""
    assert Response(130.0).fwhm_eV(525.0) == pytest.approx(59, abs=1)
    assert Response(136.0).fwhm_eV(850.0) == pytest.approx(77, abs=1)
    assert Response(130.0).fwhm_eV(5895.0) == pytest.approx(130)


def test_a_family_loses_no_photon_on_a_wide_axis_and_three_of_four_lie_within_its_width():
    profile = Response().profile(line_family("O K"), AXIS)
    assert profile.sum() == pytest.approx(1)
    assert profile[AXIS.window(524.9 - 29.6, 524.9 + 29.6)].sum() == pytest.approx(0.76, abs=0.05)
    assert AXIS.energies_eV @ Response(offset_eV=7.0).profile(line_family("O K"), AXIS) == pytest.approx(531.9)


def test_a_line_beyond_the_axis_and_an_impossible_width_are_refused():
    with pytest.raises(LineOutsideSpectrum, match="Cu K"):
        Response().profile(line_family("Cu K"), EnergyAxis(0.0, 5.0, 400))
    with pytest.raises(InvalidSetting):
        Response(120.0)


def test_the_strobe_peak_is_dropped_and_carbon_stays():
    kept = AXIS.energies_eV[without_strobe(AXIS)]
    assert 150 < kept[0] < 160
    assert kept[-1] == AXIS.last_eV
    with pytest.raises(InvalidSetting):
        without_strobe(AXIS, strobe_end_eV=1e6)


def test_counts_of_slow_detectors_are_raised_with_their_variance():
    counts = np.full((2, 3, 3, 5), 100)
    found = sum_detectors(counts, [0.5, 1.0])
    assert np.allclose(found.counts, 300)
    assert np.allclose(found.variance, 500)
    assert live_fraction(1e5, dead_time_s=1e-6) == pytest.approx(1 / 1.1)


def test_a_dead_detector_is_named():
    with pytest.raises(DetectorSaturated, match="detector 1"):
        sum_detectors(np.ones((2, 3, 5)), [1.0, 0.0])
    with pytest.raises(InvalidSetting):
        sum_detectors(np.ones((2, 3, 5)), [1.0, 1.2])
    with pytest.raises(WrongShape):
        sum_detectors(np.ones((2, 3, 5)), [1.0])


def test_offset_and_width_are_found_from_a_sum_spectrum():
    families = ("O K", "Mn L", "Co L", "Ni L", "Cu L")
    range_eV = (200.0, 1250.0)
    true = FitDesign.of(families, axis=AXIS, response=Response(138.0, 6.0), range_eV=range_eV, bremsstrahlung_terms=2)
    spectrum = np.zeros(AXIS.size)
    spectrum[true.channels] = np.array([6e4, 2e4, 2e4, 2e4, 5e3, 4e4, 1e4]) @ true.components
    counted = np.random.default_rng(0).poisson(spectrum)
    found = refined_response(counted, axis=AXIS, families=families, range_eV=range_eV)
    assert found.offset_eV == pytest.approx(6.0, abs=0.5)
    assert found.fwhm_mn_eV == pytest.approx(138.0, abs=1.5)
    with pytest.raises(InvalidSetting):
        refined_response(np.zeros(AXIS.size), axis=AXIS, families=families)
