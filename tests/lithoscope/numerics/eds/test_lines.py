"""The tables of lines and absorption hold what the cited library gives, and what physics asks for."""

import numpy as np
import pytest

from lithoscope.numerics.eds.errors import UnknownLine
from lithoscope.numerics.eds.lines import atomic_masses_g_mol, line_families, line_family, mass_absorption_cm2_g


def test_families_hold_the_energies_used_in_the_paper():
    expected = {"O K": 524.9, "Mn L": 637.0, "Co L": 775.7, "Ni L": 851.1, "F K": 676.8, "Cu L": 929.5, "Mn K": 5898.7}
    assert {name: line_family(name).strongest_eV for name in expected} == pytest.approx(expected, abs=0.3)
    assert 556.4 in line_family("Mn L").energies_eV  # the line that sits on O K


def test_every_family_has_a_source_shares_that_sum_to_one_and_the_strongest_line_first():
    for family in line_families().values():
        assert family.source.startswith("xraylib 4.3.0")
        assert sum(family.shares) == pytest.approx(1)
        assert family.shares[0] == max(family.shares)
        assert len(family.energies_eV) == len(set(family.energies_eV)) == len(family.shares)


def test_every_family_can_be_absorbed_by_every_element_that_emits():
    emitters = sorted({family.element for family in line_families().values()})
    for name in line_families():
        assert (mass_absorption_cm2_g(name, emitters) > 0).all()
    assert (atomic_masses_g_mol(emitters) > 12).all()


def test_an_element_absorbs_little_of_its_own_line_and_much_just_above_its_edge():
    own, above = mass_absorption_cm2_g("O K", ["O"])[0], mass_absorption_cm2_g("Mn L", ["O"])[0]
    assert own == pytest.approx(1293, rel=0.01)
    assert above / own > 10
    assert np.allclose(mass_absorption_cm2_g("O K", ["Ni", "Li"]), [4842, 1785], rtol=0.01)


def test_lines_beyond_their_own_edge_count_by_their_share():
    """Manganese takes 2352 cm2/g of its L alpha at 637 eV, 7715 of L beta at 648 eV, beyond its L3 edge."""
    assert mass_absorption_cm2_g("Mn L", ("Mn",))[0] == pytest.approx(4006, rel=0.01)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownLine):
        line_family("Mn")
    with pytest.raises(UnknownLine):
        mass_absorption_cm2_g("O K", ["Xx"])
    with pytest.raises(UnknownLine):
        atomic_masses_g_mol(["Xx"])
