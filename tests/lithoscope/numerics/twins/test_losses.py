"""Energy losses: thickness, drift and valence come back from clean spectra by plain arithmetic."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import NonFiniteValues, WrongShape
from lithoscope.numerics.eels import find_zero_loss, log_ratio_thickness
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.twins import EDGES, PAPER, Losses, digitised_state, edge_barn, references
from lithoscope.numerics.twins.edges import MANGANESE
from lithoscope.numerics.twins.losses import COMPONENTS, LossModel, drift_eV
from lithoscope.rules.eels_edges import l_shell, paper_preset

BEAM = Beam(300.0, 25.2, 100.0)
LOSSES = replace(PAPER.losses, low_axis=EnergyAxis(-30.0, 0.3, 1024), core_axis=EnergyAxis(600.0, 0.3, 1024))
MODEL = LossModel.of(LOSSES, PAPER.probe)
FINE = EnergyAxis(630.0, 0.05, 1000)


def spectra(thickness, places, atoms=None):
    count = len(thickness)
    planted = np.zeros((len(COMPONENTS), count)) if atoms is None else atoms
    return MODEL.spectra(planted, thickness=np.array(thickness), places_eV=np.array(places))


def test_low_losses_hold_every_electron():
    low, _ = spectra([0.0, 0.5, 1.5], [0.0, 0.3, -0.4])
    np.testing.assert_allclose(low.sum(axis=1), 1, atol=0.01)  # the axis ends at 277 eV


def test_the_logarithm_gives_the_planted_thickness():
    planted = [0.1, 0.7, 1.5]
    low, _ = spectra(planted, [0.0, 0.0, 0.0])
    found = log_ratio_thickness(low, axis=LOSSES.low_axis).t_over_lambda
    np.testing.assert_allclose(found, planted, atol=0.012)


def test_the_zero_loss_peak_lies_where_it_drifted():
    places = [-0.4, 0.0, 0.11, 0.9]
    low, _ = spectra([0.8] * 4, places)
    np.testing.assert_allclose(find_zero_loss(low * 1e6, axis=LOSSES.low_axis).position_eV, places, atol=0.006)


def test_clean_core_losses_give_back_every_state():
    """Each pixel's own low loss, convolved in real space, is all that is needed."""
    rng = np.random.default_rng(0)
    atoms = rng.uniform(100, 1000, (len(COMPONENTS), 3))
    thickness, places = [0.4, 0.8, 1.2], [0.0, 0.21, -0.33]
    low, core = spectra(thickness, places, atoms)
    wide = EnergyAxis(600.0 - 0.3 * 933, 0.3, 1024 + 933)
    front = LOSSES.background_barn_per_eV * 0.3 * (wide.energies_eV / 640) ** -3.0
    single = np.concatenate([front[None], *(edge_barn(edge, axis=wide, beam=BEAM) for edge in EDGES)])
    for each, counts, planted in zip(low, core, atoms.T, strict=True):
        design = np.array([np.convolve(row, each)[100 + 933 : 100 + 933 + 1024] for row in single * 1e-10])
        found, *_ = np.linalg.lstsq(design.T[:900], counts[:900], rcond=None)
        np.testing.assert_allclose(found, planted, rtol=0.02)


def test_plural_scattering_moves_electrons_but_loses_none():
    atoms = np.zeros((len(COMPONENTS), 2))
    atoms[1] = 1000
    _, core = spectra([0.0, 0.6], [0.0, 0.0], atoms)
    assert core[1].max() < 0.7 * core[0].max()
    assert core[1].sum() < core[0].sum()
    assert core[1].sum() > 0.85 * core[0].sum()  # the rest leaves the axis at its end


def test_l3_has_its_published_maxima():
    rows = edge_barn(MANGANESE, axis=FINE, beam=BEAM)
    assert FINE.energies_eV[rows.argmax(axis=1)] == pytest.approx([643.3, 642.4, 640.4], abs=0.1)
    axis = EnergyAxis(770.0, 0.05, 400)
    assert axis.energies_eV[edge_barn(EDGES[1], axis=axis, beam=BEAM).argmax(axis=1)] == pytest.approx(
        [779.6, 778.5], abs=0.2
    )


def test_white_lines_count_the_holes():
    axis = EnergyAxis(600.0, 0.1, 3000)
    for edge in EDGES:
        rows = edge_barn(edge, axis=axis, beam=BEAM)
        per_state = edge_barn(replace(edge, barn_per_hole=0.0), axis=axis, beam=BEAM)
        area = (rows - per_state).sum(axis=1)
        np.testing.assert_allclose(area, [edge.barn_per_hole * state.holes for state in edge.states], rtol=1e-3)


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.element)
def test_shells_are_those_of_the_table(edge):
    shell = edge.shell
    known = (shell.atomic_number, shell.onset_L3_eV, shell.onset_L1_eV, shell.screening_exponent)
    assert known == l_shell(edge.element)
    if edge.element != "Ni":
        assert tuple(state.holes for state in edge.states) == paper_preset(edge.element).holes


def test_references_are_the_same_edges_on_scales_of_their_own():
    rows = edge_barn(MANGANESE, axis=FINE, beam=BEAM)
    taken = references(MANGANESE, axis=FINE, beam=BEAM)
    assert list(taken) == ["Mn4+", "Mn3+", "Mn2+"]
    scales = [np.unique((taken[name] / row).round(6)) for name, row in zip(taken, rows, strict=True)]
    assert all(scale.size == 1 for scale in scales)
    assert len({float(scale[0]) for scale in scales}) == 3


def test_a_digitised_spectrum_is_drawn_again():
    axis = EnergyAxis(632.0, 0.2, 150)
    true = edge_barn(MANGANESE, axis=axis, beam=BEAM)[2]
    state = digitised_state(axis.energies_eV, true, name="Mn2+", holes=5.0, edge=MANGANESE)
    drawn = edge_barn(replace(MANGANESE, states=(state,)), axis=axis, beam=BEAM)[0]
    assert np.corrcoef(drawn, true)[0, 1] > 0.99
    assert axis.energies_eV[drawn.argmax()] == pytest.approx(640.4, abs=0.3)


def test_a_digitised_spectrum_that_cannot_be_one_is_refused():
    settings = {"name": "Mn2+", "holes": 5.0, "edge": MANGANESE}
    energies = np.linspace(632, 660, 20)
    with pytest.raises(WrongShape):
        digitised_state(energies, np.ones(5), **settings)
    with pytest.raises(NonFiniteValues):
        digitised_state(energies, np.full(20, np.nan), **settings)
    with pytest.raises(InvalidSetting):
        digitised_state(energies[::-1], np.ones(20), **settings)
    with pytest.raises(InvalidSetting):
        digitised_state(energies, np.zeros(20), **settings)


def test_energies_drift_about_their_offset():
    drift = drift_eV(32, LOSSES, np.random.default_rng(0))
    assert drift.mean() == pytest.approx(LOSSES.offset_eV, abs=0.1)
    assert np.diff(drift.ravel()).std() / np.sqrt(2) == pytest.approx(LOSSES.jitter_eV, rel=0.1)


def test_channels_of_two_widths_are_refused():
    with pytest.raises(InvalidSetting):
        Losses(core_axis=EnergyAxis(600.0, 0.2, 100))
