"""Fluences of fields, repeated frames and several exposures."""

from datetime import UTC, datetime

import pytest

from lithoscope.rules.accumulation import (
    SAME_PLACE,
    accumulate,
    accumulate_legs,
    field_fluence,
    repeated,
    sums_by_beam,
)
from lithoscope.rules.legs import FLUENCE_RATE_UNIT, FLUENCE_UNIT, RADIATION_OF, Leg, Mode
from lithoscope.units import Quantity

RATE = Quantity(100.0, "e/(A^2 s)", "measured", 5.0)
TIME = Quantity(2.0, "s", "header", 0.0)
DOSE = Quantity(200.0, "e/A^2", "header", 10.0)


def leg(exposure_id: str, *, kV: float | None, mode: Mode = "tem_field", ion_source: str | None = None) -> Leg:
    """Make an exposure of 200 in the unit of its radiation."""
    radiation = RADIATION_OF[mode]
    energy = Quantity.unknown("kV") if kV is None else Quantity(kV, "kV", "header")
    return Leg(
        exposure_id=exposure_id,
        mode=mode,
        purpose="acquisition",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        ended_at=None,
        beam_energy=energy,
        temperature_K=Quantity.unknown("K"),
        fluence=Quantity(200.0, FLUENCE_UNIT[radiation], "header"),
        rate=Quantity.unknown(FLUENCE_RATE_UNIT[radiation]),
        ion_source=ion_source,
    )


def test_rate_times_time_is_the_onset_dose_of_lithium_fluoride() -> None:
    """004: 2 s at 100 e/A2 s are 200 e/A2."""
    assert field_fluence(RATE, TIME, unit="e/A^2") == DOSE


def test_an_unknown_factor_makes_the_fluence_unknown_and_is_named() -> None:
    fluence = field_fluence(Quantity.unknown("e/(A^2 s)"), TIME, unit="e/A^2")
    assert (fluence.value, fluence.note) == (None, "not known: rate")


def test_equal_frames_share_their_uncertainty() -> None:
    series = repeated(DOSE, 15)
    assert (series.value, series.uncertainty) == (3000.0, 150.0)


def test_independent_exposures_add_in_quadrature() -> None:
    sums = accumulate([DOSE, DOSE], unit="e/A^2")
    assert sums.total.value == 400.0
    assert sums.total.uncertainty == pytest.approx(10 * 2**0.5)
    assert sums.total == sums.known_part


def test_one_unknown_exposure_makes_the_total_unknown_and_leaves_a_lower_bound() -> None:
    sums = accumulate([DOSE, Quantity.unknown("e/A^2")], unit="e/A^2")
    assert (sums.total.source, sums.known_part.value) == ("unknown", 200.0)


def test_a_sum_with_one_unstated_uncertainty_states_none() -> None:
    assert accumulate([DOSE, Quantity(1.0, "e/A^2", "user")], unit="e/A^2").total.uncertainty is None


def test_nothing_known_is_unknown() -> None:
    sums = accumulate([Quantity.unknown("e/A^2")], unit="e/A^2")
    assert (sums.total.value, sums.known_part.value) == (None, None)


def test_exposures_of_one_calibration_share_its_uncertainty() -> None:
    """Two legs of 10 each from one reading are off together; a third from another reading is off by itself."""
    readings = [("bmc_1",), ("bmc_1",), ("bmc_2",)]
    total = accumulate([DOSE, DOSE, DOSE], unit="e/A^2", shared=readings).total
    assert (total.value, total.uncertainty) == (600.0, pytest.approx((20.0**2 + 10.0**2) ** 0.5))


def test_only_one_radiation_beam_energy_and_kind_of_ion_meet_in_a_sum() -> None:
    legs = [
        leg("exp_1", kV=200.0),
        leg("exp_2", kV=200.0),
        leg("exp_3", kV=300.0),
        leg("exp_4", kV=30.0, mode="fib", ion_source="ga"),
        leg("exp_5", kV=30.0, mode="fib", ion_source="xe"),
    ]
    sums = [(each.exposure_ids, each.total.value, each.ion_source) for each in sums_by_beam(legs)]
    assert sums == [
        (("exp_1", "exp_2"), 400.0, None),
        (("exp_3",), 200.0, None),
        (("exp_4",), 200.0, "ga"),
        (("exp_5",), 200.0, "xe"),
    ]


def test_exposures_of_unknown_beam_energy_stand_alone() -> None:
    sums = sums_by_beam([leg("exp_1", kV=None), leg("exp_2", kV=None)])
    assert [each.total.value for each in sums] == [200.0, 200.0]


def test_a_known_part_keeps_its_uncertainty_beside_an_unknown_exposure() -> None:
    sums = accumulate([DOSE, Quantity.unknown("e/A^2")], unit="e/A^2")
    assert (sums.total.uncertainty, sums.known_part.uncertainty) == (None, 10.0)


def test_a_sum_says_what_it_supposes() -> None:
    legs = [leg("exp_1", kV=200.0), leg("exp_2", kV=200.0)]
    assert accumulate_legs(legs).total.note == SAME_PLACE
    assert accumulate_legs(legs, note="peak").total.note == "peak"
    halves = [Quantity(50.0, "e/A^2", "header")] * 2
    assert accumulate_legs(legs, halves).total.value == 100.0
