"""Shelf-life clocks: what starts, arrests, restarts and ends them, and when nobody can say."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.custody import Happening
from lithoscope.rules.shelf_life import Clock, Specimen, clocks, state_of
from lithoscope.rules.storage_loss import MeasuredLoss
from lithoscope.units import Quantity
from tests.lithoscope.rules.happened import event, glovebox, hours
from tests.lithoscope.rules.test_custody_state import happenings, histories, without_ids

BISALT = Specimen("lithium_electrodeposited", "Bi-salt", capacity_mAh_per_cm2=0.25)
GEN2 = replace(BISALT, electrolyte="Gen2")
OTHER = replace(BISALT, electrolyte="LHCE")
FOIL = Specimen("lithium_metal_foil", prepared_at=hours(0))
OPENED = event("disassembly", 0, place="glovebox", atmosphere="argon")
BOXED = [OPENED, glovebox(0)]
THIN = [{"purpose": "rough"}, {"purpose": "polish"}]


def at(moment: float, *history: Happening, specimen: Specimen = BISALT, **more: Any) -> dict[str, Clock]:
    """Return the clocks by name."""
    return {clock.name: clock for clock in clocks(history, specimen=specimen, at=hours(moment), **more)}


def window(clock: Clock, start: datetime = hours(0)) -> tuple[float, float]:
    assert clock.due_at is not None
    assert clock.overdue_at is not None
    return (clock.due_at - start).total_seconds() / 3600, (clock.overdue_at - start).total_seconds() / 3600


# --- start ------------------------------------------------------------------------------------------------------------
def test_clocks_start_at_disassembly() -> None:
    found = at(5, *BOXED)
    assert {name: clock.started_at for name, clock in found.items()} == dict.fromkeys(
        ("fib_start", "storage", "surface"), hours(0)
    )
    assert found["storage"].elapsed_s == 5 * 3600
    assert found["storage"].decided_by[0] == OPENED.id


def test_clocks_start_at_preparation_where_no_cell_was_opened() -> None:
    found = at(5, glovebox(0), specimen=FOIL)["storage"]
    assert (found.started_at, found.state) == (hours(0), "fresh")
    assert "preparation" in found.reason


def test_disassembly_comes_before_preparation() -> None:
    prepared_in_the_cell = replace(BISALT, prepared_at=hours(-100))
    assert at(5, *BOXED, specimen=prepared_in_the_cell)["storage"].started_at == hours(0)


def test_without_disassembly_and_preparation_a_clock_is_unknown() -> None:
    found = at(5, glovebox(0))
    assert {clock.state for clock in found.values()} == {"unknown"}
    assert all(clock.due_at is None for clock in found.values())


def test_a_material_without_a_table_is_unknown_and_a_stable_one_has_no_clock() -> None:
    assert [clock.state for clock in clocks(BOXED, specimen=Specimen("sodium_metal"), at=hours(1))] == ["unknown"]
    assert clocks(BOXED, specimen=Specimen("nmc"), at=hours(1)) == ()


# --- windows ----------------------------------------------------------------------------------------------------------
def test_fib_starts_within_one_to_two_days() -> None:
    assert window(at(1, *BOXED)["fib_start"]) == (24.0, 48.0)
    assert [at(moment, *BOXED)["fib_start"].state for moment in (23, 25, 49)] == ["fresh", "due", "overdue"]


def test_fib_starts_within_hours_for_an_electrolyte_of_low_coulombic_efficiency() -> None:
    assert window(at(1, *BOXED, specimen=GEN2)["fib_start"]) == (3.0, 10.5)


def test_the_inventory_of_bisalt_is_due_after_1_75_and_overdue_after_3_3_days() -> None:
    assert window(at(1, *BOXED)["storage"]) == (42.0, pytest.approx(79.32, abs=0.01))


def test_the_inventory_of_gen2_is_overdue_after_10_5_hours() -> None:
    assert window(at(1, *BOXED, specimen=GEN2)["storage"])[1] == pytest.approx(10.5)


def test_foil_keeps_for_a_week() -> None:
    assert window(at(1, glovebox(0), specimen=FOIL)["storage"])[1] == pytest.approx(168.0)


def test_an_electrolyte_that_is_not_in_the_table_has_the_general_window_and_an_unknown_loss() -> None:
    found = at(1, *BOXED, specimen=OTHER)["storage"]
    assert window(found) == (24.0, 48.0)
    assert found.state == "fresh"
    assert all(each.lower.value is None and each.upper.value is None for each in found.loss)


def test_a_series_of_the_facility_comes_before_the_paper() -> None:
    rate = Quantity(0.01, "h^-1", "measured", interval=(0.005, 0.02))
    series = MeasuredLoss("first_order", rate, longest_storage_h=200.0, series_id="tgs_1")
    found = at(1, *BOXED, measured=[series])["storage"]
    assert window(found) == (pytest.approx(5.27, abs=0.01), pytest.approx(10.54, abs=0.01))
    assert [each.origin for each in found.loss] == ["literature", "literature", "lab"]


def test_the_loss_so_far_is_told_by_both_laws_and_as_capacity() -> None:
    found = at(10.5, *BOXED, specimen=GEN2)["storage"].loss
    assert [each.model for each in found] == ["first_order", "square_root"]
    assert found[1].lower.value == pytest.approx(10.0)
    assert found[1].lower_capacity.value == pytest.approx(0.025)


# --- arrest -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "cold",
    [
        {"temperature_K": 95.0},
        {"temperature_K": 103.15},
        {"pressure_Pa": 1e-5},
        {"atmosphere": "liquid_nitrogen"},
        {"atmosphere": "ultra_high_vacuum"},
    ],
    ids=str,
)
def test_cold_or_high_vacuum_on_record_arrests_a_clock(cold: dict[str, Any]) -> None:
    found = at(20, OPENED, glovebox(0, 5), event("storage", 5, 15, **cold), glovebox(15))["storage"]
    assert (found.elapsed_s, found.is_running) == (10 * 3600, True)
    assert window(found)[0] == 52.0
    assert "storage@5" in found.decided_by


@pytest.mark.parametrize(
    "warm",
    [
        {},
        {"atmosphere": "vacuum"},
        {"temperature_K": 150.0},
        {"pressure_Pa": 1.0},
        {"atmosphere": "ultra_high_vacuum", "pressure_Pa": 1.0},
        {"atmosphere": "liquid_nitrogen", "temperature_K": 298.0},
        {"atmosphere": "argon"},
    ],
    ids=str,
)
def test_nothing_else_arrests_it(warm: dict[str, Any]) -> None:
    found = at(20, OPENED, glovebox(0, 5), event("storage", 5, 15, **warm), glovebox(15))["storage"]
    assert found.elapsed_s == 20 * 3600


def test_a_clock_arrested_without_end_has_no_deadline() -> None:
    found = at(50, OPENED, glovebox(0, 5), event("storage", 5, temperature_K=77.0))["storage"]
    assert (found.state, found.is_running, found.due_at, found.overdue_at) == ("fresh", False, None, None)
    assert found.elapsed_s == 5 * 3600


def test_warming_up_is_not_cold() -> None:
    history = [
        OPENED,
        glovebox(0, 1),
        event("cooling", 1, 1.5, temperature_K=95.0),
        event("heating", 5, 5 + 40 / 60, temperature_K=293.0),
    ]
    assert at(5 + 40 / 60, *history)["storage"].elapsed_s == pytest.approx((1.5 + 40 / 60) * 3600)


# --- air --------------------------------------------------------------------------------------------------------------
def test_air_makes_every_running_clock_overdue_and_is_named() -> None:
    spoilt = event("transfer", 2, 2.1, method="cooling_holder", air_exposure_s=15.0)
    found = at(3, OPENED, glovebox(0, 2), spoilt, glovebox(2.1))
    for clock in found.values():
        assert (clock.state, clock.decided_by[0], clock.overdue_at) == ("overdue", "transfer@2", hours(2))
        assert "in air for 15 s: transfer@2 (transfer)" in clock.reason


def test_air_spoils_a_frozen_sample_as_well() -> None:
    history = [OPENED, event("storage", 0, 2, temperature_K=80.0), event("storage", 2, 3, atmosphere="air")]
    assert at(4, *history)["storage"].state == "overdue"


def test_a_stated_zero_is_no_air() -> None:
    carried = event("transfer", 2, 2.1, method="inert_gas_shuttle", air_exposure_s=0.0)
    assert at(3, OPENED, glovebox(0, 2), carried, glovebox(2.1))["storage"].state == "fresh"


def test_a_renewed_surface_is_fresh_after_air_and_the_inventory_is_not() -> None:
    history = [*BOXED, event("transfer", 2, method="ambient_air", air_exposure_s=15.0), glovebox(2)]
    found = at(6, *history, event("surface_renewal", 5, process="scraping"))
    assert (found["surface"].state, found["surface"].started_at) == ("fresh", hours(5))
    assert (found["storage"].state, found["fib_start"].state) == ("overdue", "overdue")


def test_surface_renewal_restarts_the_surface_clock_only() -> None:
    found = at(30, *BOXED, event("surface_renewal", 20, process="scraping"))
    assert {name: clock.started_at for name, clock in found.items()} == {
        "fib_start": hours(0),
        "storage": hours(0),
        "surface": hours(20),
    }
    assert (found["surface"].state, found["fib_start"].state) == ("fresh", "due")


# --- what nobody recorded ---------------------------------------------------------------------------------------------
def test_a_gap_leaves_a_clock_unknown_and_says_when() -> None:
    found = at(8, OPENED, glovebox(0, 2), glovebox(6))["storage"]
    assert found.state == "unknown"
    assert "nobody recorded where it was from 2026-11-01 14:00 UTC to 2026-11-01 18:00 UTC" in found.reason
    assert found.due_at == hours(42)


def test_a_silent_transfer_leaves_a_clock_unknown_and_is_named() -> None:
    found = at(3, OPENED, glovebox(0, 2), event("transfer", 2, 2.1, method="inert_gas_holder"), glovebox(2.1))
    assert {clock.state for clock in found.values()} == {"unknown"}
    assert "transfer@2" in found["storage"].decided_by


def test_time_decides_before_what_is_unknown_does() -> None:
    assert at(100, OPENED, glovebox(0, 2), glovebox(6))["storage"].state == "overdue"


def test_handling_between_two_records_is_no_gap_that_matters() -> None:
    assert at(3, OPENED, glovebox(0, 2), glovebox(2.2))["storage"].state == "fresh"


def test_a_clock_whose_records_run_out_says_when_it_will_be_unknown() -> None:
    found = at(1.9, OPENED, glovebox(0, 2))["storage"]
    assert (found.state, found.unknown_at) == ("fresh", hours(2.25))
    assert at(3, OPENED, glovebox(0, 2))["storage"].state == "unknown"


def test_time_before_the_first_record_is_a_gap_of_a_prepared_sample() -> None:
    assert at(12, glovebox(6), specimen=FOIL)["storage"].state == "unknown"


# --- end --------------------------------------------------------------------------------------------------------------
def test_the_wait_for_fib_ends_with_the_first_milling_and_is_judged_once() -> None:
    milling = event("fib_milling", 30, 32, ion_source="Ar", temperature_K=100.0, steps=THIN)
    found = at(500, *BOXED, milling)["fib_start"]
    assert (found.state, found.stopped_at, found.due_at, found.is_running) == ("fresh", hours(30), None, False)
    late = at(500, *BOXED, event("fib_milling", 50, 52, ion_source="Ar", steps=THIN))["fib_start"]
    assert late.state == "overdue"


def test_air_after_the_milling_does_not_change_when_it_began() -> None:
    milling = event("fib_milling", 30, 32, ion_source="Ar", steps=THIN)
    air = event("transfer", 40, method="ambient_air", air_exposure_s=60.0)
    found = at(50, *BOXED, milling, air)
    assert (found["fib_start"].state, found["storage"].state) == ("fresh", "overdue")


def test_a_lamella_is_imaged_within_a_day() -> None:
    milling = event("fib_milling", 2, 4, ion_source="Ar", steps=THIN)
    found = at(5, *BOXED, milling)["imaging"]
    assert (found.started_at, window(found, hours(4))) == (hours(4), (18.0, 24.0))
    imaged = event("exposure", 20, beam="electron", beam_energy_kV=200.0)
    assert at(100, *BOXED, milling, imaged)["imaging"].state == "fresh"
    late = event("exposure", 30, beam="electron", beam_energy_kV=200.0)
    assert at(100, *BOXED, milling, late)["imaging"].state == "overdue"


def test_the_electron_column_of_the_fib_is_not_the_imaging_it_waits_for() -> None:
    milling = event("fib_milling", 2, 4, ion_source="Ar", steps=THIN)
    looked = event("exposure", 4, 4.1, beam="electron", beam_energy_kV=2.0)
    assert at(6, *BOXED, milling, looked)["imaging"].stopped_at is None


def test_rough_milling_makes_no_lamella_and_unstated_steps_leave_it_unknown() -> None:
    assert "imaging" not in at(5, *BOXED, event("fib_milling", 2, 4, ion_source="Ar", steps=[{"purpose": "rough"}]))
    assert at(5, *BOXED, event("fib_milling", 2, 4, ion_source="Ar"))["imaging"].state == "unknown"


def test_a_shuttle_keeps_a_sample_for_up_to_two_days() -> None:
    waits = event("storage", 1, container="inert_gas_shuttle", atmosphere="argon", place="glovebox")
    found = at(2, OPENED, glovebox(0, 1), waits)["shuttle"]
    assert (found.started_at, window(found, hours(1))) == (hours(1), (36.0, 48.0))
    carried = event("transfer", 20, 21, method="inert_gas_shuttle", air_exposure_s=0.0)
    assert at(60, OPENED, glovebox(0, 1), waits, carried)["shuttle"].stopped_at == hours(20)


def test_a_disposed_sample_has_no_deadline() -> None:
    found = at(100, *BOXED, event("disposal", 10))
    assert all(clock.due_at is None and clock.is_final for clock in found.values())


# --- promises for every history ---------------------------------------------------------------------------------------
specimens = st.sampled_from([BISALT, GEN2, OTHER, FOIL, Specimen("sei"), Specimen("sodium_metal")])


def plain(found: tuple[Clock, ...]) -> Any:
    return without_ids([asdict(clock) for clock in found])


@given(history=histories, right=happenings, specimen=specimens, moment=st.integers(0, 80), data=st.data())
def test_a_correction_changes_the_clocks_exactly_as_if_it_had_been_recorded_rightly_at_first(
    history: list[Happening], right: Happening, specimen: Specimen, moment: int, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(history)))
    corrected = [*history, replace(right, id="evt-correction")]
    at_first = [*history[:place], replace(right, id="evt-first"), *history[place:]]
    now = hours(moment)
    assert plain(clocks(corrected, specimen=specimen, at=now)) == plain(clocks(at_first, specimen=specimen, at=now))


@given(history=histories, specimen=specimens, moment=st.integers(0, 80), data=st.data())
def test_the_order_of_recording_does_not_matter(
    history: list[Happening], specimen: Specimen, moment: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(history))
    now = hours(moment)
    assert clocks(shuffled, specimen=specimen, at=now) == clocks(history, specimen=specimen, at=now)


@given(history=histories, specimen=specimens, moment=st.integers(0, 80), later=st.integers(0, 200))
def test_a_kept_clock_comes_to_the_state_that_is_computed_anew(
    history: list[Happening], specimen: Specimen, moment: int, later: int
) -> None:
    """Rows of the facility's list are compared with the clock, never ticked: nothing new recorded, nothing differs."""
    past = [each for each in history if each.occurred_at <= hours(moment)]
    then = hours(moment + later)
    kept = clocks(past, specimen=specimen, at=hours(moment))
    anew = clocks(past, specimen=specimen, at=then)
    assert [(clock.name, state_of(clock, then)) for clock in kept] == [(clock.name, clock.state) for clock in anew]


@given(history=histories, specimen=specimens, moment=st.integers(0, 80))
def test_only_evidence_makes_a_clock_run_slower_than_time(
    history: list[Happening], specimen: Specimen, moment: int
) -> None:
    for clock in clocks(history, specimen=specimen, at=hours(moment)):
        if clock.started_at is None or clock.elapsed_s is None:
            continue
        end = clock.stopped_at or hours(moment)
        passed = max(0.0, (end - clock.started_at).total_seconds())
        assert clock.elapsed_s <= passed + 1e-6
        if "arrested" not in clock.reason:
            assert clock.elapsed_s == pytest.approx(passed)


@given(history=histories, specimen=specimens, moment=st.integers(0, 80))
def test_a_clock_that_met_air_or_an_unstated_time_in_air_is_never_fresh(
    history: list[Happening], specimen: Specimen, moment: int
) -> None:
    for clock in clocks(history, specimen=specimen, at=hours(moment)):
        if clock.started_at is None or clock.stopped_at is not None:
            continue
        since = [each for each in history if clock.started_at <= each.occurred_at <= hours(moment)]
        carried = [each for each in since if each.type == "transfer"]
        if any(each.details.get("air_exposure_s") != 0.0 for each in carried):
            assert clock.state in {"overdue", "unknown"}


def test_the_chain_of_paper_004_is_in_time_from_scraping_to_imaging() -> None:
    """Foil: scraped, a night in the shuttle, cryogenic argon milling, warm-up, inert-gas holder, image within hours."""
    history = [
        glovebox(0, 1),
        event("surface_renewal", 0.9, process="scraping"),
        event("storage", 1, 20, container="inert_gas_shuttle", atmosphere="argon", place="shuttle"),
        event("transfer", 20, 20.3, method="inert_gas_shuttle", air_exposure_s=0.0),
        event("cooling", 20.3, 21, temperature_K=95.0, place="Hydra"),
        event("fib_milling", 21, 23, ion_source="Ar", temperature_K=95.0, place="Hydra", steps=THIN),
        event("heating", 23, 23 + 40 / 60, temperature_K=293.0, place="Hydra"),
        event("transfer", 23 + 40 / 60, 24, method="inert_gas_shuttle", air_exposure_s=0.0),
        glovebox(24, 25),
        event("transfer", 25, 25.3, method="inert_gas_holder", air_exposure_s=0.0),
        event("storage", 25.3, atmosphere="vacuum", place="Talos"),
        event("exposure", 26, 26.5, beam="electron", beam_energy_kV=200.0),
    ]
    found = at(27, *history, specimen=FOIL)
    assert {name: clock.state for name, clock in found.items()} == dict.fromkeys(
        ("fib_start", "storage", "surface", "imaging", "shuttle"), "fresh"
    )
    assert found["storage"].elapsed_s == pytest.approx(25 * 3600)  # two hours of milling were cryogenic
    assert found["shuttle"].elapsed_s == pytest.approx(19 * 3600)
    assert found["imaging"].elapsed_s == pytest.approx(3 * 3600)
    upper = max(each.upper.value or 0.0 for each in found["storage"].loss)
    assert 0.0 < upper < 10.0
