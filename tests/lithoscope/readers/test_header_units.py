"""Vendors' spellings of units: each comes out in ours."""

import pytest

from lithoscope.readers.header_units import step


@pytest.mark.parametrize(
    ("spelled", "value", "unit"),
    [
        ("µm", 2e3, "nm"), ("um", 2e3, "nm"), ("m", 2e9, "nm"), ("Å", 0.2, "nm"), ("A", 0.2, "nm"), ("pm", 2e-3, "nm"),
        ("inch", 5.08e7, "nm"), ("1/nm", 2.0, "nm^-1"), ("1/Å", 20.0, "nm^-1"), ("1/A", 20.0, "nm^-1"),
        ("1/m", 2e-9, "nm^-1"), ("1/µm", 2e-3, "nm^-1"), ("keV", 2e3, "eV"), ("eV", 2.0, "eV"),
        ("rad", 114.59155902616465, "deg"), ("°", 2.0, "deg"),
    ],
)  # fmt: skip
def test_every_spelling_has_its_factor(spelled, value, unit):
    found = step(2.0, spelled, key="Scale")
    assert (found.value, found.unit, found.source) == (pytest.approx(value), unit, "header")


@pytest.mark.parametrize("spelled", ["", " ", "furlong"])
def test_a_scale_without_a_known_unit_is_unknown(spelled):
    assert step(2.0, spelled, key="Scale").source == "unknown"
