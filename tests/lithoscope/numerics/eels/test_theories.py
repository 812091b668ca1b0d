"""Theories of the continuum behind an edge: one of many can be chosen, and each tells where it comes from."""

import numpy as np
import pytest

from lithoscope.methods import catalogue
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.edge_maps import edge_maps
from lithoscope.numerics.eels.element_absorption import photoabsorption_of_element
from lithoscope.numerics.eels.examples import low_and_core
from lithoscope.numerics.eels.hydrogenic_k import hydrogenic_k_continuum, k_strength_per_eV
from lithoscope.numerics.eels.kinematics import RYDBERG_EV, Beam

BEAM = Beam(300.0, 0.0, 100.0)


def test_two_hydrogen_like_electrons_have_the_continuum_strength_of_hydrogen():
    """The dipole strength of hydrogen's continuum is 0.435 an electron (Bethe and Salpeter)."""
    energies = np.linspace(RYDBERG_EV * 5.5**2, 2e5, 1_000_000)
    strength = k_strength_per_eV(energies, np.full_like(energies, 1e-8), 6)
    assert np.trapezoid(strength, energies) == pytest.approx(2 * 0.435, abs=0.001)


def test_the_continuum_of_a_k_shell_falls_and_needs_a_shell():
    found = hydrogenic_k_continuum(8, onset_eV=532.0, beam=BEAM, last_eV=700.0)
    assert (np.diff(found.barn_per_eV) < 0).all()
    with pytest.raises(InvalidSetting):
        hydrogenic_k_continuum(1, onset_eV=13.6, beam=BEAM, last_eV=100.0)


def test_photo_absorption_falls_faster_than_hydrogen_like_waves():
    """Measured notes: -4.85e-3 per eV between 705 and 755 eV of Mn, against -2.79e-3 hydrogen-like."""
    found = photoabsorption_of_element(25, onset_eV=640.0, beam=BEAM, last_eV=774.0)
    kept = (found.energies_eV >= 705) & (found.energies_eV <= 755)
    slope = np.polyfit(found.energies_eV[kept], found.barn_per_eV[kept], 1)[0] / found.barn_per_eV[kept].mean()
    assert slope == pytest.approx(-4.85e-3, rel=0.05)
    with pytest.raises(InvalidSetting, match="not tabulated"):
        photoabsorption_of_element(26, onset_eV=708.0, beam=BEAM, last_eV=800.0)


@pytest.mark.parametrize(("theory", "source"), [("hydrogenic", "hydrogenic L"), ("photo_absorption", "xraylib")])
def test_the_source_of_the_theory_is_noted(theory, source):
    params = catalogue()["eels_edge"].params(theory=theory, neighbour_radius_px=0)
    notes = edge_maps(**low_and_core(), **params.arguments()).notes
    assert source in notes[0]
