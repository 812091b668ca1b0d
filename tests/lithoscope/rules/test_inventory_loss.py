"""Lithium lost in storage: the paper's inequalities by two laws, the lab's own series, and other thicknesses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.inventory_loss import LossEstimate, loss_estimates, storage_window
from lithoscope.rules.shelf_tables import Window, electrolyte_row, lithium_thickness_um, loss_bound
from lithoscope.rules.storage_loss import MeasuredLoss
from lithoscope.units import Quantity

DEPOSIT = "lithium_electrodeposited"
GENERAL = Window(3.0, 48.0, "general")
DAY_h = 24.0


def by_law(estimates: tuple[LossEstimate, ...]) -> dict[str, LossEstimate]:
    return {each.model: each for each in estimates}


@pytest.mark.parametrize(
    ("material", "electrolyte", "first_order_d", "square_root_d", "bound"),
    [
        (DEPOSIT, "Gen2", 1.44, 10.5 / 24, "lower"),
        (DEPOSIT, "Bi-salt", 3.3, 1.75, "upper"),
        ("lithium_metal_foil", None, 7.0, 7.0, "upper"),
    ],
)
def test_a_tenth_is_lost_after_the_times_that_follow_from_the_paper(
    material: str, electrolyte: str | None, first_order_d: float, square_root_d: float, bound: str
) -> None:
    found = loss_bound(material, electrolyte)
    assert found is not None
    assert found.bound == bound
    reached = found.hours_to(0.10)
    assert reached["first_order"] / DAY_h == pytest.approx(first_order_d, rel=3e-3)
    assert reached["square_root"] / DAY_h == pytest.approx(square_root_d, rel=1e-9)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Gen 2", "Gen2"),
        ("gen2 electrolyte", "Gen2"),
        ("1.2 M LiPF6 in EC:EMC (3:7)", "Gen2"),
        ("bisalt", "Bi-salt"),
        ("Bi-Salt (4.7M LiFSI and 2.3M LiTFSI in DME)", "Bi-salt"),
        ("4.7M LiFSI and 2.3M LiTFSI in DME", "Bi-salt"),
    ],
)
def test_an_electrolyte_is_known_as_people_write_it(written: str, name: str) -> None:
    row = electrolyte_row(written)
    assert row is not None
    assert row.name == name


@pytest.mark.parametrize("written", [None, "", "1 M LiPF6 in EC:DMC", "not Gen2", "ether"])
def test_another_electrolyte_is_not_taken_for_one_of_the_table(written: str | None) -> None:
    assert electrolyte_row(written) is None


def test_after_seven_days_both_laws_say_what_the_paper_says() -> None:
    gen2 = loss_estimates(material=DEPOSIT, electrolyte="Gen2", capacity_mAh_per_cm2=0.25, hours=168.0)
    assert [each.lower.value for each in gen2] == pytest.approx([40.0, 40.0])
    assert [each.upper.value for each in gen2] == [None, None]
    bisalt = loss_estimates(material=DEPOSIT, electrolyte="Bi-salt", capacity_mAh_per_cm2=0.25, hours=168.0)
    assert [each.upper.value for each in bisalt] == pytest.approx([20.0, 20.0])
    assert [each.lower.value for each in bisalt] == [0.0, 0.0]


def test_the_loss_is_also_told_as_capacity_per_area() -> None:
    found = loss_estimates(material=DEPOSIT, electrolyte="Gen2", capacity_mAh_per_cm2=0.25, hours=168.0)
    assert found[0].lower_capacity.value == pytest.approx(0.1)
    assert found[0].lower_capacity.unit == "mAh/cm^2"
    silent = loss_estimates(material=DEPOSIT, electrolyte="Gen2", capacity_mAh_per_cm2=None, hours=168.0)
    assert silent[0].lower_capacity.value is None


def test_a_quarter_of_a_milliampere_hour_is_1_21_um_of_lithium() -> None:
    assert lithium_thickness_um(0.25) == pytest.approx(1.21, abs=0.005)


def test_percentages_do_not_transfer_to_a_thicker_deposit() -> None:
    """At 1 mAh/cm2 the same amount per area is a quarter of the share: both readings lie within the interval."""
    found = loss_estimates(material=DEPOSIT, electrolyte="Gen2", capacity_mAh_per_cm2=1.0, hours=168.0)
    assert found[0].lower.value == pytest.approx(10.0)
    thin = loss_estimates(material=DEPOSIT, electrolyte="Bi-salt", capacity_mAh_per_cm2=0.125, hours=168.0)
    assert thin[0].upper.value == pytest.approx(40.0)
    assert "do not transfer" in thin[0].note


def test_an_electrolyte_that_is_not_in_the_table_leaves_the_loss_unknown() -> None:
    found = loss_estimates(material=DEPOSIT, electrolyte="LHCE", capacity_mAh_per_cm2=0.25, hours=10.0)
    assert {each.model for each in found} == {"first_order", "square_root"}
    assert all(each.lower.value is None and each.upper.value is None for each in found)


def test_foil_that_was_in_a_cell_is_not_the_commercial_foil_of_the_paper() -> None:
    found = loss_estimates(material="lithium_metal_foil", electrolyte="Gen2", capacity_mAh_per_cm2=None, hours=10.0)
    assert all(each.upper.value is None for each in found)


def test_far_beyond_the_measured_week_an_upper_bound_is_unknown_and_a_lower_one_stays() -> None:
    foil = loss_estimates(material="lithium_metal_foil", electrolyte=None, capacity_mAh_per_cm2=None, hours=1000.0)
    assert foil[0].upper.value is None
    gen2 = by_law(loss_estimates(material=DEPOSIT, electrolyte="Gen2", capacity_mAh_per_cm2=None, hours=1000.0))
    assert (gen2["first_order"].lower.value or 0) >= 40.0


def test_a_series_of_the_facility_stands_beside_the_paper_and_decides_the_window() -> None:
    rate = Quantity(0.002, "h^-1", "measured", interval=(0.001, 0.004))
    series = MeasuredLoss("first_order", rate, longest_storage_h=168.0, series_id="tgs_1")
    found = loss_estimates(
        material=DEPOSIT, electrolyte="Gen2", capacity_mAh_per_cm2=0.25, hours=24.0, measured=[series]
    )
    own = found[-1]
    assert (own.origin, own.lower.source) == ("lab", "measured")
    assert (own.lower.value or 0) < 4.7 < (own.upper.value or 0)
    window = storage_window(DEPOSIT, "Gen2", GENERAL, [series])
    assert (window.due_h, window.overdue_h) == (pytest.approx(26.34, abs=0.01), pytest.approx(52.68, abs=0.01))
    assert "tgs_1" in window.citation


def test_the_window_comes_from_the_inequality_and_is_general_without_one() -> None:
    gen2 = storage_window(DEPOSIT, "Gen2", GENERAL)
    assert (gen2.due_h, gen2.overdue_h) == (3.0, pytest.approx(10.5))
    bisalt = storage_window(DEPOSIT, "Bi-salt", GENERAL)
    assert (bisalt.due_h, bisalt.overdue_h) == (pytest.approx(42.0), pytest.approx(79.32, abs=0.01))
    foil = storage_window("lithium_metal_foil", None, GENERAL)
    assert (foil.due_h, foil.overdue_h) == (126.0, pytest.approx(168.0))
    assert storage_window(DEPOSIT, "LHCE", GENERAL) == GENERAL


def test_an_electrolyte_only_the_facility_measured_has_the_facilitys_estimate_alone() -> None:
    rate = Quantity(0.002, "h^-1", "measured", interval=(0.001, 0.004))
    series = MeasuredLoss("first_order", rate, longest_storage_h=168.0, series_id="tgs_1")
    found = loss_estimates(
        material=DEPOSIT, electrolyte="LHCE", capacity_mAh_per_cm2=None, hours=24.0, measured=[series]
    )
    assert [each.origin for each in found] == ["lab"]


def test_of_two_laws_the_quicker_makes_it_due_and_the_slower_overdue() -> None:
    quick = MeasuredLoss("square_root", Quantity(0.02, "h^-0.5", "measured"), 168.0, "tgs_1")
    slow = MeasuredLoss("first_order", Quantity(0.002, "h^-1", "measured"), 168.0, "tgs_1")
    unknown = MeasuredLoss("first_order", Quantity.unknown("h^-1", "one storage time only"), 168.0, "tgs_2")
    for series in ([quick, slow], [unknown, slow, quick]):
        found = storage_window(DEPOSIT, "LHCE", GENERAL, series)
        assert (found.due_h, found.overdue_h) == (pytest.approx(25.0), pytest.approx(52.68, abs=0.01))
        assert "tgs_2" not in found.citation
    assert storage_window(DEPOSIT, "LHCE", GENERAL, [unknown]) == GENERAL


def test_foil_has_no_thickness_of_its_own_to_scale_from() -> None:
    foil = loss_estimates(material="lithium_metal_foil", electrolyte=None, capacity_mAh_per_cm2=20.0, hours=168.0)
    assert [each.upper.value for each in foil] == pytest.approx([10.0, 10.0])
    assert foil[0].upper_capacity.value == pytest.approx(2.0)


def test_an_upper_bound_is_trusted_to_one_and_a_half_times_the_measured_week() -> None:
    known = {"material": DEPOSIT, "electrolyte": "Bi-salt", "capacity_mAh_per_cm2": None}
    assert loss_estimates(**known, hours=252.0)[0].upper.value is not None
    assert loss_estimates(**known, hours=252.1)[0].upper.value is None


@given(st.floats(0, 2000), st.floats(0, 2000), st.sampled_from(["Gen2", "Bi-salt"]), st.floats(0.01, 10))
def test_a_lower_bound_never_sinks_and_no_loss_leaves_zero_to_a_hundred_percent(
    one: float, other: float, electrolyte: str, capacity: float
) -> None:
    early, late = (
        loss_estimates(material=DEPOSIT, electrolyte=electrolyte, capacity_mAh_per_cm2=capacity, hours=hours)
        for hours in sorted((one, other))
    )
    for before, after in zip(early, late, strict=True):
        assert (before.lower.value or 0.0) <= (after.lower.value or 0.0)
        bounds = [each.value for each in (after.lower, after.upper) if each.value is not None]
        assert all(0.0 <= value <= 100.0 for value in bounds)
        assert bounds == sorted(bounds)
