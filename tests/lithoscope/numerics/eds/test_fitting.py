"""Fits separate lines that windows mix, without bias and with honest variance."""

import numpy as np
import pytest

from lithoscope.numerics.common import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import NegativeCounts
from lithoscope.numerics.eds import FitDesign, LineWindow, Response, fit_families, line_family, window_maps
from lithoscope.numerics.eds.errors import InseparableLines, UnknownLine
from lithoscope.numerics.eds.phantoms import FAMILIES, spectra_of

AXIS = EnergyAxis(-200.0, 5.0, 600)
DESIGN = FitDesign.of(FAMILIES, axis=AXIS)
PLANTED = np.array([60.0, 20.0, 15.0, 25.0])


def series(seed=0, *, tilts=2, side=24, planted=PLANTED):
    """A flat field of planted photons with noise."""
    maps = np.ones((4, tilts, side, side)) * np.reshape(planted, (4, 1, 1, 1))
    return np.random.default_rng(seed).poisson(spectra_of(maps, AXIS)).astype(np.uint16)


def test_planted_photons_come_back_exactly_without_noise():
    maps = np.random.default_rng(1).uniform(0, 60, (4, 2, 5, 6))
    found = fit_families(spectra_of(maps, AXIS), axis=AXIS, design=DESIGN)
    assert np.allclose(found.counts, maps, atol=2e-2)
    assert np.allclose(found.sums, maps.sum(axis=(2, 3)), rtol=1e-4)


def test_the_fit_is_unbiased_and_scatters_as_its_variance_says():
    found = fit_families(series(), axis=AXIS, design=DESIGN)
    pixels = found.counts[0].size
    error = found.counts.mean(axis=(1, 2, 3)) - PLANTED
    assert (abs(error) < 4 * found.counts.std(axis=(1, 2, 3)) / np.sqrt(pixels)).all()
    ratio = found.counts.var(axis=(1, 2, 3)) / found.variance.mean(axis=(1, 2, 3))
    assert ratio == pytest.approx(np.ones(4), abs=0.15)
    assert found.misfit == pytest.approx(np.ones(2), abs=0.4)


def test_an_absent_element_is_not_found_in_the_sums_though_its_map_is_not_negative():
    found = fit_families(series(planted=[60, 0, 15, 25]), axis=AXIS, design=DESIGN, nonnegative=True)
    assert found.counts.min() >= 0
    assert found.clipped_count > 100
    assert abs(found.sums[1]).max() < 4 * np.sqrt(found.variance[1].sum(axis=(1, 2)).max())
    assert found.counts[1].sum() > 2 * abs(found.sums[1]).sum()


def test_only_pixels_below_zero_are_moved_by_non_negativity():
    free = fit_families(series(), axis=AXIS, design=DESIGN).counts
    held = fit_families(series(), axis=AXIS, design=DESIGN, nonnegative=True).counts
    assert (held >= 0).all()
    moved = (held != free).any(axis=0)
    assert moved.mean() < 0.2
    assert np.array_equal(held[:, ~moved], free[:, ~moved])


def test_tilts_are_read_one_at_a_time_and_an_early_finish_keeps_the_first():
    class OneByOne:
        shape = (3, 24, 24, AXIS.size)

        def __init__(self):
            self.read = []

        def __getitem__(self, tilt):
            self.read.append(tilt)
            return series(tilt, tilts=1)[0]

    stored = OneByOne()
    found = fit_families(stored, axis=AXIS, design=DESIGN, progress=lambda done, total, /, **_: done < 2)
    assert stored.read == [0, 1]
    assert np.isfinite(found.counts[:, :2]).all()
    assert np.isnan(found.counts[:, 2]).all()


def test_a_field_without_counts_has_maps_of_zero_with_finite_variance():
    found = fit_families(np.zeros((1, 4, 4, AXIS.size), np.uint16), axis=AXIS, design=DESIGN)
    assert not found.counts.any()
    assert np.isfinite(found.variance).all()


def test_windows_keep_their_sign_and_say_what_they_mix():
    window = LineWindow.around(line_family("O K"), Response())
    row = window.row(AXIS)
    line = AXIS.window(*window.line_eV)
    assert (row[line] == 1).all()
    assert row.sum() == pytest.approx(0, abs=1e-9)
    assert row @ AXIS.energies_eV == pytest.approx(0, abs=1e-6)  # a sloping background leaves nothing
    flat = np.random.default_rng(0).poisson(0.2, (1, 40, 40, AXIS.size)).astype(np.uint8)
    found = window_maps(flat, axis=AXIS, families=FAMILIES)
    assert (found.counts < 0).mean() > 0.3
    assert (abs(found.sums[:, 0]) < 4 * np.sqrt(found.variance.sum(axis=(1, 2, 3)))).all()
    assert found.counts.var(axis=(1, 2, 3)) == pytest.approx(found.variance.mean(axis=(1, 2, 3)), rel=0.15)
    assert found.crosstalk[3, 2] > 0.3  # cobalt lines sit in the window of nickel


def test_sides_of_windows_lie_on_no_line_of_another_family():
    families = [line_family(name) for name in FAMILIES]
    alone, clear = (
        window_maps(
            np.ones((1, 1, 1, AXIS.size)),
            axis=AXIS,
            families=FAMILIES,
            windows=[LineWindow.around(family, Response(), beside=beside) for family in families],
        ).crosstalk
        for beside in ((), families)
    )
    assert alone.min() < -0.3  # what lies in a side is taken for background
    assert clear.min() > -0.02


def test_k_lines_of_metals_may_be_counted_by_windows():
    axis = EnergyAxis(0.0, 10.0, 1000)
    found = window_maps(np.ones((1, 1, 1, 1000)), axis=axis, families=("Mn K", "Ni K"))
    assert found.counts == pytest.approx(np.zeros((2, 1, 1, 1)), abs=1e-4)
    assert abs(found.crosstalk).max() < 0.01


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(InseparableLines, match="O K and V L"):
        fit_families(series(), axis=AXIS, design=FitDesign.of(("O K", "V L"), axis=AXIS, range_eV=(490, 525)))
    with pytest.raises(InvalidSetting, match="3 channels"):
        fit_families(series(), axis=AXIS, design=FitDesign.of(("O K", "V L"), axis=AXIS, range_eV=(510, 520)))
    with pytest.raises(InvalidSetting):
        FitDesign.of(("O K", "O K"), axis=AXIS)
    with pytest.raises(UnknownLine):
        FitDesign.of(("O",), axis=AXIS)
    with pytest.raises(WrongShape):
        fit_families(series()[0], axis=AXIS, design=DESIGN)
    with pytest.raises(NegativeCounts, match="tilt 1"):
        fit_families(np.stack([series()[0], series()[0] - 1000.0]), axis=AXIS, design=DESIGN)
    with pytest.raises(NonFiniteValues):
        fit_families(np.full((1, 2, 2, AXIS.size), np.nan), axis=AXIS, design=DESIGN)
    with pytest.raises(EmptyMask, match="tilt 0"):
        fit_families(series(), axis=AXIS, design=DESIGN, mask=np.zeros((2, 24, 24), bool))
