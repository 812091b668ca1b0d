"""Which records a rule looks at, and what it tells of their numbers."""

from dataclasses import replace
from datetime import timedelta

from lithoscope.rules.exposure_facts import exposure_fact
from lithoscope.rules.legs import Leg
from lithoscope.rules.record import Record
from lithoscope.units import Quantity
from tests.lithoscope.rules.chains import exposed, happened, lithium_004, pristine_cathode_001, rule, sei_004

LITHIUM = "lithium_metal_tem"
IN_AIR = {"method": "ambient_air", "air_exposure_s": 900.0}


def test_the_way_to_a_second_image_is_judged_though_there_was_one_before_it() -> None:
    """Before imaging means not later than the last image, which the sample reached through air."""
    chain = lithium_004()
    imaged_h = (chain.legs[-1].started_at - happened("zero", "note", 0).occurred_at).total_seconds() / 3600
    again = exposed("again", imaged_h + 2)
    told = replace(chain, legs=(*chain.legs, again)).with_event(
        happened("way_back", "transfer", imaged_h + 1, lasted_h=0.1, details=IN_AIR)
    )
    found = rule(told.judge(LITHIUM), "transfer-to-microscope")
    assert (found.verdict, found.decided_by) == ("fail", ("evt_way_back",))


def test_what_was_done_between_two_millings_is_not_before_the_first() -> None:
    """Before an event means before the first of its kind: the surface was cut when the air came."""
    chain = pristine_cathode_001()
    first = next(event for event in chain.history if event.type == "fib_milling")
    start_h = (first.occurred_at - happened("zero", "note", 0).occurred_at).total_seconds() / 3600
    second = happened("second", "fib_milling", start_h + 20, lasted_h=1, details=first.details)
    told = chain.with_event(second).with_event(
        happened("between", "transfer", start_h + 10, lasted_h=0.1, details=IN_AIR)
    )
    found = rule(told.judge("cathode_fib_sem", purpose="cei"), "way-in-interphase")
    assert "evt_between" not in found.decided_by
    early = chain.with_event(happened("before", "transfer", start_h - 1, lasted_h=0.1, details=IN_AIR))
    assert "evt_before" in rule(early.judge("cathode_fib_sem", purpose="cei"), "way-in-interphase").decided_by


def measured(uncertainty: float | None) -> Leg:
    fluence = Quantity(1700.0, "e/A^2", "measured", uncertainty=uncertainty)
    return exposed("first", 60.0, fluence=fluence)


def told_of_dose(*legs: Leg) -> tuple[str, str]:
    chain = replace(lithium_004(), legs=legs)
    found = next(each for each in chain.judge(LITHIUM).rules if "dose 1700" in each.found)
    return found.verdict, found.found


def test_a_verdict_compares_the_stated_dose_and_tells_its_uncertainty_beside_it() -> None:
    """An uncertainty across the limit leaves the verdict as it is without one, so blanking it changes nothing."""
    sure, doubtful = told_of_dose(measured(None)), told_of_dose(measured(400.0))
    assert "±" not in sure[1]
    assert "1700 e/Å² (± 400 e/Å²)" in doubtful[1]
    assert sure[0] == doubtful[0]


def summed(*uncertainties: float | None) -> str:
    """Return what is found of the dose of a place that took some exposures of 100 e/Å² at one energy."""
    field = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    begun = sei_004().legs[0]
    legs = tuple(
        replace(
            begun,
            exposure_id=f"exp_{number}",
            started_at=begun.started_at + timedelta(minutes=number),
            ended_at=None,
            fluence=Quantity(100.0, "e/A^2", "measured", uncertainty=each),
            field_um=field,
        )
        for number, each in enumerate(uncertainties)
    )
    record = Record(sei_004().specimen, sei_004().history, legs, is_beam_accounted=True, at=sei_004().at)
    return exposure_fact("accumulated_dose_e_per_A2", legs[-1], record).words("accumulated_dose_e_per_A2")


def test_uncertainties_of_a_summed_dose_add_up_and_one_unknown_leaves_the_sum_without() -> None:
    """Exposures share the calibration of their current, so their errors may all have one sign."""
    assert summed(4.0) == "accumulated dose 100 e/Å² (± 4 e/Å²)"
    assert summed(4.0, 3.0) == "accumulated dose 200 e/Å² (± 7 e/Å²)"
    assert summed(4.0, None) == "accumulated dose 200 e/Å²"
