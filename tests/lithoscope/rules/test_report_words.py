"""Recorded values are written as a journal prints them."""

from lithoscope.rules.report_words import plain, quantity, words
from lithoscope.units import Quantity


def test_uncertainty_or_interval_stands_with_the_value():
    assert quantity(Quantity(1750.0, "e/A^2", "measured", uncertainty=52.0)) == "(1750 ± 52) e/Å²"
    assert quantity(Quantity(106800.5, "e/A^2", "measured", uncertainty=391.0)) == "(1.0680 ± 0.0039) × 10⁵ e/Å²"
    assert quantity(Quantity(2.0, "h", "user", interval=(1.5, 3.0))) == "2 (1.5 to 3) h"
    assert quantity(Quantity.unknown("e/A^2")) == "not recorded"


def test_long_times_are_written_in_minutes_and_more_short_ones_in_seconds():
    assert words(Quantity(2400.0, "s", "user")) == "40 min"
    assert words(Quantity(0.5, "s", "user")) == "0.5 s"


def test_abbreviations_are_explained_in_a_report():
    assert plain("sei") == "solid electrolyte interphase (SEI)"
    assert plain("nmc") == "NMC"
