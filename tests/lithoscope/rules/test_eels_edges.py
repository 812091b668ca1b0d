"""Edges that disturb one another's windows are named, and the published settings stay as published."""

from lithoscope.rules.eels_edges import continuum_window_eV, edges_within, paper_preset


def test_nickel_lies_in_the_published_cobalt_window():
    assert edges_within((850.0, 900.0), elements=("Mn", "Ni")) == ["Ni L3", "Ni L2"]


def test_cobalt_beside_nickel_gets_a_window_free_of_it():
    assert continuum_window_eV("Co", elements=("Co",)) == ((850.0, 900.0), [])
    assert continuum_window_eV("Co", elements=("Mn", "Co", "Ni")) == ((808.0, 848.0), [])


def test_published_settings():
    manganese, cobalt = paper_preset("Mn"), paper_preset("Co")
    assert (manganese.holes, cobalt.holes) == ((7.0, 6.0, 5.0), (4.0, 3.0))
    assert (manganese.post_weight, cobalt.post_weight) == (20.0, 1.0)
    assert (manganese.largest_pre_slope_per_eV, cobalt.largest_pre_slope_per_eV) == (0.15, 0.025)
