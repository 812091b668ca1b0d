"""Slopes of the continuum behind an edge, by three theories whose source is recorded."""

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import WindowOutsideSpectrum
from lithoscope.numerics.eels import hydrogenic_continuum, photoabsorption_continuum, tabulated_continuum
from lithoscope.numerics.eels.hydrogenic import LShell, oscillator_strength_per_eV
from lithoscope.numerics.eels.kinematics import BOHR_RADIUS_M, Beam
from lithoscope.numerics.eels.oscillator_strength import OscillatorStrengths, joined_continua
from lithoscope.rules.eels_edges import l_shell

BEAM = Beam(300.0, 0.0, 100.0)
AXIS = EnergyAxis(600.0, 0.15, 2048)


@pytest.mark.parametrize(
    ("element", "window", "slope"),
    [("Mn", (705, 755), -2.79e-3), ("Mn", (710, 766), -2.88e-3), ("Co", (850, 900), -1.81e-3)],
)
def test_hydrogenic_slopes_are_those_of_exspy(element, window, slope):
    found = hydrogenic_continuum(LShell(*l_shell(element)), beam=BEAM, last_eV=910)
    assert found.relative_slope_per_eV(AXIS, window) == pytest.approx(slope, rel=0.02)
    assert "Egerton" in found.source


def test_table_of_the_hydrogenic_strengths_gives_the_hydrogenic_cross_section():
    shell = LShell(*l_shell("Mn"))
    above, momenta = np.arange(1.0, 200.0, 2.0), np.geomspace(1e9, 2e13, 600)
    strength = oscillator_strength_per_eV(
        (shell.onset_L3_eV + above)[:, None], (momenta * BOHR_RADIUS_M)[None] ** 2, shell
    )
    table = OscillatorStrengths(above, momenta, strength / 2, shell.onset_L3_eV, "half of the model")
    found = tabulated_continuum(table, beam=BEAM)
    model = hydrogenic_continuum(shell, beam=BEAM, last_eV=830)
    assert 2 * found.mean(AXIS, (705, 755)) == pytest.approx(model.mean(AXIS, (705, 755)), rel=0.01)
    assert joined_continua(found, found).mean(AXIS, (705, 755)) == pytest.approx(2 * found.mean(AXIS, (705, 755)))
    slope = model.relative_slope_per_eV(AXIS, (705, 755))
    assert found.relative_slope_per_eV(AXIS, (705, 755)) == pytest.approx(slope, rel=0.02)


def test_photoabsorption_falls_faster_than_its_dipole_strength():
    energies = np.arange(640.0, 800.0)
    found = photoabsorption_continuum(energies, energies**-2.5, beam=BEAM, source="power law")
    bare = -2.5 / 730
    assert found.relative_slope_per_eV(AXIS, (705, 755)) < bare
    assert not found.is_absolute
    with pytest.raises(WindowOutsideSpectrum):
        found.relative_slope_per_eV(AXIS, (780, 850))


def test_impossible_settings_are_refused():
    with pytest.raises(InvalidSetting):
        Beam(300.0, 25.0, 0.0)
    with pytest.raises(InvalidSetting):
        hydrogenic_continuum(LShell(*l_shell("Mn")), beam=BEAM, last_eV=600)
    with pytest.raises(InvalidSetting):
        photoabsorption_continuum([2.0, 1.0], [1.0, 1.0], beam=BEAM, source="falling")
