"""What the papers' protocols say of the papers' own chains, and of what was changed or left out in them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lithoscope.rules.critical_dose import literature_limits
from lithoscope.rules.legs import Leg
from lithoscope.rules.shelf_life import Specimen
from lithoscope.rules.shipped_protocols import shipped_protocols
from lithoscope.units import Quantity
from tests.lithoscope.rules.chains import (
    ARGON_CHAIN,
    COLD_K,
    DAY,
    EVERY_CHAIN,
    IN_ARGON,
    ROOM_K,
    Beam,
    Chain,
    cryo_transferred_004,
    dose,
    exposed,
    frozen_001,
    happened,
    kelvin,
    lithium_004,
    nmc811_in_air,
    nmc811_in_vacuum,
    pristine_cathode_001,
    rule,
    sei_004,
    sodium_001,
    tomography_003,
)

LITHIUM = "lithium_metal_tem"
LOW_CURRENTS = [{**step, "ion_current_nA": min(step["ion_current_nA"], 1.0)} for step in ARGON_CHAIN]
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
ELSEWHERE = ((5.0, 5.0), (6.0, 5.0), (6.0, 6.0), (5.0, 6.0))


@pytest.mark.parametrize("protocol_id", EVERY_CHAIN)
def test_the_chain_each_paper_tells_passes_its_protocol(protocol_id: str) -> None:
    evaluation = EVERY_CHAIN[protocol_id]().judge(protocol_id)
    told = {verdict.rule_id: (verdict.verdict, verdict.found) for verdict in evaluation.rules}
    assert evaluation.verdict == "pass", told


def test_fifteen_seconds_of_air_fail_and_the_event_is_named() -> None:
    evaluation = lithium_004().changed("evt_igst", air_exposure_s=15.0).judge(LITHIUM)
    assert evaluation.verdict == "fail"
    assert evaluation.decided_by == ("evt_igst",)
    assert "air exposure 15 s" in rule(evaluation, "no-air").found


def test_air_that_lasts_only_in_a_mounting_fails_too() -> None:
    evaluation = lithium_004().changed("evt_holder", atmosphere="air").judge(LITHIUM)
    assert (evaluation.verdict, evaluation.decided_by) == ("fail", ("evt_holder",))


def test_gallium_at_room_temperature_fails_even_at_a_low_current() -> None:
    chain = lithium_004().changed("evt_milling", ion_source="Ga", temperature_K=ROOM_K, steps=LOW_CURRENTS)
    evaluation = chain.judge(LITHIUM)
    assert evaluation.verdict == "fail"
    assert rule(evaluation, "ion-source").decided_by == ("evt_milling",)


def test_cold_gallium_at_a_low_current_is_a_relaxation_and_at_a_high_one_fails() -> None:
    low = lithium_004().changed("evt_milling", ion_source="Ga", steps=LOW_CURRENTS)
    assert low.judge(LITHIUM).verdict == "relaxed_allowed"
    assert lithium_004().changed("evt_milling", ion_source="Ga").judge(LITHIUM).verdict == "fail"


def test_what_current_counts_as_low_is_the_laboratorys_to_say() -> None:
    chain = lithium_004().changed("evt_milling", ion_source="Ga", steps=LOW_CURRENTS)
    assert chain.judge(LITHIUM, parameters={"low_current_Ga_nA": 0.5}).verdict == "fail"
    assert chain.judge(LITHIUM, parameters={"low_current_Ga_nA": 1.0}).verdict == "relaxed_allowed"


def test_a_cryo_transfer_holder_is_a_relaxation() -> None:
    evaluation = cryo_transferred_004().judge(LITHIUM)
    assert evaluation.verdict == "relaxed_allowed"
    assert evaluation.decided_by == ("evt_igst",)


def test_a_cryo_transfer_holder_with_three_seconds_of_air_fails() -> None:
    evaluation = cryo_transferred_004().changed("evt_igst", air_exposure_s=3.0).judge(LITHIUM)
    assert (evaluation.verdict, evaluation.decided_by) == ("fail", ("evt_igst",))


def test_air_exposure_that_nobody_stated_is_not_recorded() -> None:
    evaluation = lithium_004().changed("evt_shuttle", air_exposure_s=None).judge(LITHIUM)
    assert evaluation.verdict == "not_recorded"
    assert rule(evaluation, "no-air").missing == ("air_exposure_s",)
    assert rule(evaluation, "no-air").decided_by == ("evt_shuttle",)


def test_a_transfer_in_air_that_states_no_seconds_fails_as_long_as_it_lasted() -> None:
    evaluation = lithium_004().changed("evt_igst", air_exposure_s=None, atmosphere="air").judge(LITHIUM)
    assert (evaluation.verdict, evaluation.decided_by) == ("fail", ("evt_igst",))
    assert "air exposure 18 min" in rule(evaluation, "no-air").found


def test_known_air_fails_whatever_else_is_not_stated() -> None:
    chain = lithium_004().changed("evt_shuttle", air_exposure_s=None).changed("evt_igst", air_exposure_s=15.0)
    assert chain.judge(LITHIUM).verdict == "fail"


@pytest.mark.parametrize("field", ["fluence", "rate"])
def test_a_dose_that_nobody_knows_is_not_recorded(field: str) -> None:
    unit = {"fluence": "e/A^2", "rate": "e/(A^2 s)"}[field]
    evaluation = lithium_004().with_leg(**{field: Quantity.unknown(unit, "no current")}).judge(LITHIUM)
    assert evaluation.verdict == "not_recorded"
    assert rule(evaluation, "imaging-reported").decided_by == ("exp_image",)


def test_a_history_without_any_image_is_not_recorded() -> None:
    assert replace(lithium_004(), legs=()).judge(LITHIUM).verdict == "not_recorded"


@pytest.mark.parametrize("protocol_id", [LITHIUM, "sei_imaging"])
def test_the_same_chain_fails_on_dose_when_the_interphase_is_asked_for(protocol_id: str) -> None:
    evaluation = lithium_004().judge(protocol_id, purpose="sei")
    assert evaluation.verdict == "fail"
    failed = {verdict.rule_id for verdict in evaluation.rules if verdict.verdict == "fail"}
    assert failed & {"dose", "dose-of-interphase"}
    assert "exp_image" in evaluation.decided_by


def test_the_strict_form_refuses_what_the_paper_lets_pass() -> None:
    assert lithium_004().judge("lithium_metal_tem_strict").verdict == "pass"
    assert cryo_transferred_004().judge("lithium_metal_tem_strict").verdict == "fail"


def test_foil_milled_warm_by_argon_is_enough_for_the_bulk_and_not_for_the_surface() -> None:
    chain = lithium_004().changed("evt_milling", temperature_K=ROOM_K)
    assert chain.judge(LITHIUM).verdict == "relaxed_allowed"
    assert rule(chain.judge(LITHIUM, purpose="surface"), "milling-temperature-interface").verdict == "fail"


def test_a_shuttle_does_not_say_how_the_lamella_came_into_the_microscope() -> None:
    evaluation = lithium_004().without("evt_igst").judge(LITHIUM)
    assert rule(evaluation, "transfer-to-microscope").verdict == "not_recorded"


@pytest.mark.parametrize(
    ("electrolyte", "hours", "verdict"),
    [
        ("4.7 M LiFSI and 2.3 M LiTFSI in DME", 30, "pass"),
        ("Gen2: 1.2 M LiPF6 in EC:EMC", 5, "pass"),
        ("Gen2: 1.2 M LiPF6 in EC:EMC", 30, "fail"),
        (None, 5, "pass"),
        (None, 30, "not_recorded"),
        (None, 60, "fail"),
    ],
)
def test_how_long_a_deposit_may_lie_depends_on_its_electrolyte(
    electrolyte: str | None, hours: float, verdict: str
) -> None:
    chain = replace(lithium_004(), specimen=Specimen("lithium_electrodeposited", electrolyte))
    opened = happened("opened", "disassembly", 3.5 - hours, details=IN_ARGON)
    assert rule(chain.with_event(opened).judge(LITHIUM), "opening-to-milling").verdict == verdict


def test_a_deposit_nobody_opened_a_cell_for_is_not_recorded() -> None:
    chain = replace(lithium_004(), specimen=Specimen("lithium_electrodeposited", "LiFSI in DME"))
    assert rule(chain.judge(LITHIUM), "opening-to-milling").verdict == "not_recorded"


def test_a_lamella_that_waited_two_days_fails_and_both_ends_are_named() -> None:
    evaluation = replace(lithium_004(), legs=(exposed("image", 53),)).judge(LITHIUM)
    assert rule(evaluation, "milling-to-imaging").decided_by == ("exp_image", "evt_milling")
    assert evaluation.verdict == "fail"


def test_a_milling_without_recorded_end_counts_only_where_that_does_not_matter() -> None:
    chain = lithium_004()
    endless = chain.with_event(replace(chain.event("evt_milling"), ended_at=None))
    assert rule(endless.judge(LITHIUM), "milling-to-imaging").verdict == "pass"
    late = replace(endless, legs=(exposed("image", 53),))
    assert rule(late.judge(LITHIUM), "milling-to-imaging").verdict == "not_recorded"


def test_more_dose_than_was_shown_harmless_is_a_warning_and_no_failure() -> None:
    evaluation = lithium_004().with_leg(**dose(5000.0, rate=3000.0)).judge(LITHIUM)
    assert (evaluation.verdict, rule(evaluation, "dose-of-lithium").verdict) == ("warned", "warned")


def test_what_happened_after_the_moment_asked_for_does_not_count() -> None:
    spoiled = happened("later", "transfer", 30, details={"method": "ambient_air", "air_exposure_s": 3600.0})
    chain = lithium_004().with_event(spoiled)
    assert chain.judge(LITHIUM).verdict == "fail"
    assert replace(chain, at=DAY + timedelta(hours=9)).judge(LITHIUM).verdict == "pass"


def test_only_the_exposures_in_question_are_judged_and_the_others_add_to_their_place() -> None:
    chain = sei_004()
    crowded = replace(chain, legs=(exposed("before", 7, **dose(9000.0), **kelvin(COLD_K)), *chain.legs))
    judged = crowded.judge("sei_imaging", judged=frozenset({"exp_search", "exp_image"}))
    told = rule(judged, "dose")
    assert told.verdict == "not_recorded"  # nobody said whether they met the same place
    placed = [replace(leg, field_um=SQUARE) for leg in crowded.legs]
    assert rule(replace(crowded, legs=tuple(placed)).judge("sei_imaging"), "dose").verdict == "fail"
    placed[0] = replace(placed[0], field_um=ELSEWHERE)
    apart = replace(crowded, legs=tuple(placed)).judge("sei_imaging", judged=frozenset({"exp_search", "exp_image"}))
    assert rule(apart, "dose").verdict == "pass"


def test_a_dose_at_another_beam_energy_leaves_the_sum_open() -> None:
    chain = sei_004()
    slow = exposed("sem", 7, **dose(10.0), **kelvin(COLD_K), beam_energy=Quantity(2.0, "kV", "header"))
    evaluation = replace(chain, legs=(slow, *chain.legs)).judge("sei_imaging", judged=frozenset({"exp_image"}))
    assert rule(evaluation, "dose").verdict == "not_recorded"


def test_an_interphase_without_all_beam_accounted_for_is_not_recorded() -> None:
    assert replace(sei_004(), coverage=Beam(is_complete=False)).judge("sei_imaging").verdict == "not_recorded"


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        (dose(3000.0), "warned"),
        (dose(12_000.0), "fail"),
        (dose(1500.0, rate=150.0), "fail"),
        (kelvin(ROOM_K), "fail"),
        ({"beam_energy": Quantity(80.0, "kV", "header")}, "warned"),
    ],
)
def test_an_interphase_bears_less_than_lithium(fields: dict[str, Any], verdict: str) -> None:
    chain = sei_004()
    assert replace(chain, legs=(replace(chain.legs[1], **fields),)).judge("sei_imaging").verdict == verdict


def test_lithium_at_another_beam_energy_is_a_warning() -> None:
    assert lithium_004().with_leg(beam_energy=Quantity(300.0, "kV", "header")).judge(LITHIUM).verdict == "warned"


def test_a_picture_by_slow_electrons_is_not_held_against_the_doses_of_the_microscope() -> None:
    slow = exposed("sem", 3, mode="stem_raster", **dose(40.0), beam_energy=Quantity(2.0, "kV", "header"))
    chain = replace(lithium_004(), legs=(slow, *lithium_004().legs))
    assert chain.judge(LITHIUM).verdict == "pass"


def test_fields_that_only_touch_do_not_share_a_place() -> None:
    beside = tuple((x + 1.0 - 1e-12, y) for x, y in SQUARE)
    first = exposed("before", 7, **dose(1900.0), **kelvin(COLD_K), field_um=beside)
    image = exposed("image", 8, **dose(1500.0), **kelvin(COLD_K), field_um=SQUARE)
    assert rule(replace(sei_004(), legs=(first, image)).judge("sei_imaging"), "dose").verdict == "pass"


@pytest.mark.parametrize(
    ("protocol_id", "parameter", "limit_id"),
    [
        ("sei_imaging", "carbonate_cryogenic_e_per_A2", "li2co3_cryogenic_004"),
        ("sei_imaging", "fluoride_cryogenic_e_per_A2", "lif_cryogenic_004"),
        (LITHIUM, "carbonate_cryogenic_e_per_A2", "li2co3_cryogenic_004"),
        (LITHIUM, "shown_dose_e_per_A2", "li_room_temperature_004"),
    ],
)
def test_protocols_and_the_table_of_limits_read_one_paper_alike(
    protocol_id: str, parameter: str, limit_id: str
) -> None:
    limit = next(row for row in literature_limits() if row.id == limit_id)
    assert shipped_protocols()[protocol_id].parameters[parameter].value == limit.dose.lower


def test_searching_at_the_rate_of_imaging_fails() -> None:
    evaluation = sei_004().with_leg(**dose(100.0, rate=80.0)).judge("sei_imaging")
    assert (evaluation.verdict, evaluation.decided_by) == ("fail", ("exp_search",))


def test_an_atom_probe_specimen_through_air_passes_and_one_through_vacuum_is_warned() -> None:
    assert nmc811_in_air().judge("battery_atom_probe").verdict == "pass"
    warned = nmc811_in_vacuum().judge("battery_atom_probe")
    assert (warned.verdict, warned.decided_by) == ("warned", ("evt_way",))
    assert rule(warned, "shielded-nmc").strength == "evidence"


def test_air_is_a_warning_when_the_surface_of_a_tip_is_asked_for() -> None:
    assert nmc811_in_air().judge("battery_atom_probe", purpose="surface").verdict == "warned"


def test_a_titanate_needs_nickel_around_it() -> None:
    bare = replace(nmc811_in_air(), specimen=Specimen("lto"))
    assert bare.judge("battery_atom_probe").verdict == "warned"
    nickel = bare.with_event(happened("nickel", "coating", -5, details={"material": "Ni"}))
    assert nickel.judge("battery_atom_probe").verdict == "pass"


def test_a_hard_laser_pulse_is_a_warning() -> None:
    chain = nmc811_in_air().changed("evt_laser", pulse_energy_pJ=20.0)
    assert rule(chain.judge("battery_atom_probe"), "laser-energy").verdict == "warned"


def test_a_cycled_cathode_needs_what_a_pristine_one_does_not() -> None:
    evaluation = pristine_cathode_001().judge("cathode_fib_sem", purpose="cei")
    failed = {verdict.rule_id for verdict in evaluation.rules if verdict.verdict == "fail"}
    assert failed == {"way-in-interphase", "milling-temperature-interphase"}


def test_an_alkali_metal_milled_warm_depends_on_the_ions() -> None:
    warm = sodium_001().changed("evt_milling", temperature_K=ROOM_K)
    assert warm.judge("alkali_metal_fib_sem").verdict == "fail"
    assert warm.changed("evt_milling", ion_source="Xe").judge("alkali_metal_fib_sem").verdict == "relaxed_allowed"


def test_a_frozen_liquid_that_was_warmed_on_its_way_fails() -> None:
    warmed = happened("warmed", "heating", 8.5, details={"atmosphere": "vacuum", "temperature_K": ROOM_K})
    evaluation = frozen_001().with_event(warmed).judge("cryo_liquid_electrolyte")
    assert (evaluation.verdict, evaluation.decided_by) == ("fail", ("evt_warmed",))


def test_a_second_cooling_hides_no_transfer_before_it() -> None:
    stage = happened("stage", "cooling", 1.5, details={"atmosphere": "vacuum", "temperature_K": COLD_K})
    chain = frozen_001().with_event(stage).changed("evt_wayin", temperature_K=ROOM_K)
    evaluation = chain.judge("cryo_liquid_electrolyte")
    assert (evaluation.verdict, evaluation.decided_by) == ("fail", ("evt_wayin",))


def test_a_sample_that_needs_no_milling_is_timed_to_its_first_image() -> None:
    chain = sei_004().without("evt_milling")
    told = rule(chain.judge("sei_imaging"), "opening-to-milling")
    assert (told.verdict, told.decided_by) == ("pass", ("evt_opened", "exp_search"))


def test_a_tilt_series_of_twice_the_dose_is_a_warning() -> None:
    assert tomography_003().with_leg(**dose(1.5e6, rate=213.0)).judge("simultaneous_tomography").verdict == "warned"


def test_a_protocol_of_other_materials_does_not_apply() -> None:
    evaluation = replace(lithium_004(), specimen=Specimen("graphite")).judge(LITHIUM)
    assert (evaluation.verdict, evaluation.rules) == ("not_applicable", ())
    assert evaluation.note


@pytest.mark.parametrize("chain", [lithium_004, cryo_transferred_004, sei_004, nmc811_in_vacuum])
def test_every_verdict_says_what_was_asked_found_and_where_it_is_from(chain: Callable[[], Chain]) -> None:
    for protocol_id in (LITHIUM, "battery_atom_probe", "sei_imaging"):
        for verdict in chain().judge(protocol_id).rules:
            assert verdict.asked
            assert verdict.found
            assert verdict.citation


def test_a_running_beam_leaves_its_dose_open() -> None:
    leg: Leg = exposed("image", 8, is_running=True)
    assert rule(replace(lithium_004(), legs=(leg,)).judge(LITHIUM), "dose-of-lithium").verdict == "not_recorded"


def test_of_two_ways_to_one_verdict_none_is_told_that_the_record_does_not_settle() -> None:
    """Pure argon passes in a glovebox and in a shuttle; a storage without container is in neither for certain."""
    found = rule(lithium_004().judge("lithium_metal_tem"), "glovebox-purity")
    assert found.verdict == "pass"
    assert "sealed" not in found.found
    shuttle = lithium_004().changed("evt_glovebox", container="inert_gas_shuttle")
    assert rule(shuttle.judge("lithium_metal_tem"), "glovebox-purity").found.endswith("sealed, not in a glovebox")


def test_what_happened_before_the_milling_is_no_transfer_after_it_and_the_other_way_round() -> None:
    """A cathode that met air after its milling is asked about the transfers before it only."""
    chain = pristine_cathode_001()
    milling = next(event for event in chain.history if event.type == "fib_milling")
    late = replace(milling, type="transfer", id="evt_late", occurred_at=milling.occurred_at + timedelta(hours=9))
    late = replace(late, ended_at=None, details={"method": "ambient_air", "air_exposure_s": 900.0})
    told = chain.with_event(late).judge("cathode_fib_sem")
    asked = [each for each in told.rules if each.verdict != "not_applicable"]
    assert all("evt_late" not in each.decided_by for each in asked)


def test_a_transfer_before_the_freezing_is_not_asked_to_be_cold() -> None:
    warm = happened("early", "transfer", -5, lasted_h=0.1, details={"method": "glovebag", "air_exposure_s": 0})
    warmed = frozen_001().with_event(replace(warm, details={**warm.details, "temperature_K": ROOM_K}))
    assert warmed.judge("cryo_liquid_electrolyte").verdict == frozen_001().judge("cryo_liquid_electrolyte").verdict


def test_a_sample_whose_material_nobody_recorded_is_not_judged() -> None:
    unknown = replace(lithium_004(), specimen=replace(lithium_004().specimen, material=None)).judge(LITHIUM)
    assert (unknown.verdict, unknown.rules) == ("not_recorded", ())
    assert "material is not recorded" in unknown.note


def test_a_protocol_does_not_speak_of_another_technique() -> None:
    assert lithium_004().judge(LITHIUM, technique="atom_probe").verdict == "not_applicable"


def test_what_is_absent_is_named_by_its_kind() -> None:
    found = {each.found for each in replace(lithium_004(), legs=()).judge(LITHIUM).rules}
    assert any(words.endswith("exposure is recorded") for words in found)
    assert "no exposure event is recorded" in found
