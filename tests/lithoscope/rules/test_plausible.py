"""Values outside their plausible range are questioned; a slip of unit needs confirmation."""

import pytest

from lithoscope.rules.plausible import doubt, plausible_ranges


def test_every_range_is_ordered_and_cites_its_source() -> None:
    assert all(row.low < row.high and row.source for row in plausible_ranges().values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step_nm", 4.63),
        ("beam_current_nA", 0.3),
        ("dwell_s", 0.05),
        ("no_such_quantity", 1e99),
        ("beam_energy_kV", 300),
    ],
)
def test_usual_values_raise_no_doubt(name: str, value: float) -> None:
    assert doubt(name, value) is None


def test_an_unusual_value_is_doubted_without_needing_confirmation() -> None:
    found = doubt("beam_energy_kV", 1000.0)
    assert found is not None
    assert not found.needs_confirmation


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step_nm", 4.63e-9),
        ("beam_current_nA", 3e-10),
        ("beam_energy_kV", 300_000_000.0),
        ("dose_rate_e_per_A2_s", 1e10),
    ],
)
def test_metres_amperes_and_volts_need_confirmation(name: str, value: float) -> None:
    found = doubt(name, value)
    assert found is not None
    assert found.needs_confirmation


def test_zero_needs_no_confirmation() -> None:
    found = doubt("o2_ppm", 0.0)
    assert found is not None
    assert not found.needs_confirmation


def test_a_doubt_never_repeats_the_value() -> None:
    found = doubt("step_nm", 123456789.0)
    assert found is not None
    assert "123456789" not in found.message
