"""The limit that holds, and why."""

import pytest

from lithoscope.rules.bounds import Bounds
from lithoscope.rules.critical_dose import Choice, DoseLimit, ImpossibleConditions, literature_limits, look_up
from lithoscope.rules.dose_limits import canonical_phase, criteria, low_dose

LITERATURE = literature_limits()
ROOM_K, COLD_K = 293.15, 98.15


def ask(phase: str, temperature_K: float | None, *, limits=LITERATURE, **conditions) -> Choice:
    """Look a phase up at 200 kV and 100 e/Å²s unless told otherwise."""
    given = {"beam_energy_kV": 200.0, "rate_e_per_A2_s": 100.0, **conditions}
    return look_up(limits, phase=phase, temperature_K=temperature_K, **given)


def lab_row(identifier: str = "lim_1", *, lower: float = 300.0, **fields) -> DoseLimit:
    """Give a row the lab measured of LiF at room temperature."""
    row = {
        "id": identifier,
        "phase": "LiF",
        "criterion": "onset_of_visible_damage",
        "dose": Bounds(lower, lower * 1.2, lower * 1.5, "e/A^2"),
        "beam_energy_kV": 200.0,
        "temperature_K": (290.0, 300.0),
        "mode": "tem_field",
        "rate_e_per_A2_s": (90.0, 110.0),
        "source": "movie of May",
        "kind": "lab",
    }
    return DoseLimit(**{**row, **fields})


@pytest.mark.parametrize(
    ("phase", "temperature_K", "lower", "best", "upper"),
    [
        ("LiF", ROOM_K, 2.0, 2.0, 2.0),
        ("LiF", COLD_K, 100.0, 100.0, 200.0),
        ("Li2CO3", ROOM_K, None, None, 1.0),
        ("Li2CO3", COLD_K, 20.0, 20.0, 20.0),
    ],
)
def test_windows_of_the_paper_come_back_as_intervals(phase, temperature_K, lower, best, upper):
    """004 Fig. 4 at 100 e/Å²s and 200 kV."""
    assert ask(phase, temperature_K).window == Bounds(lower, best, upper, "s")


@pytest.mark.parametrize("temperature_C", [-196.15, -170.0, 15.0, 20.0, 25.0, 30.0])
def test_the_ends_of_a_range_belong_to_it(temperature_C):
    assert ask("LiF", temperature_C + 273.15).limit is not None


def test_lithium_at_room_temperature_has_a_lower_bound_only():
    """004: no damage visible after 3.5e3 e/Å²s for 0.5 s."""
    choice = ask("Li", ROOM_K, rate_e_per_A2_s=3.5e3)
    assert choice.limit.dose == Bounds(1750.0, None, None, "e/A^2")
    assert choice.window.lower == pytest.approx(0.5)
    assert choice.flags == ("lower_bound_only",)


@pytest.mark.parametrize("temperature_K", [103.2, 150.0, 200.0, 285.0, 320.0, 20.0])
def test_nothing_is_interpolated_between_temperatures(temperature_K):
    choice = ask("LiF", temperature_K)
    assert choice.limit is None
    assert choice.window == Bounds.unknown("s")
    assert "nothing is interpolated" in choice.reason


@pytest.mark.parametrize("phase", ["LiF", "Li2CO3"])
@pytest.mark.parametrize("beam_energy_kV", [60.0, 80.0, 120.0, 300.0])
def test_a_cold_limit_holds_at_its_own_energy_only(phase, beam_energy_kV):
    choice = ask(phase, COLD_K, beam_energy_kV=beam_energy_kV)
    assert choice.limit is None
    assert "measured at 200 kV" in choice.reason


@pytest.mark.parametrize("beam_energy_kV", [60.0, 300.0])
def test_the_voltage_makes_no_notable_difference_at_room_temperature(beam_energy_kV):
    choice = ask("LiF", ROOM_K, beam_energy_kV=beam_energy_kV)
    assert choice.window.best == pytest.approx(2.0)
    assert choice.flags == ("other_energy",)
    assert "does not notably change" in choice.reason


@pytest.mark.parametrize("beam_energy_kV", [30.0, 400.0])
def test_beyond_the_voltages_tried_the_limit_is_unknown(beam_energy_kV):
    assert ask("LiF", ROOM_K, beam_energy_kV=beam_energy_kV).limit is None


def test_what_is_said_of_voltage_is_not_said_of_lithium():
    assert ask("Li", ROOM_K, beam_energy_kV=300.0).limit is None


def test_another_rate_is_scaled_by_dose_and_flagged():
    choice = ask("LiF", ROOM_K, rate_e_per_A2_s=10.0)
    assert choice.window.best == pytest.approx(20.0)
    assert choice.flags == ("other_rate",)
    assert ask("LiF", ROOM_K, rate_e_per_A2_s=None).flags == ("rate_unknown",)


def test_limits_of_different_criteria_are_never_mixed():
    scanned = ask("Li2CO3", ROOM_K, mode="stem_raster", criterion="change_of_eels_edges")
    assert scanned.limit.dose.best == 750.0
    assert {row.limit.criterion for row in scanned.passed_over} == {"onset_of_visible_damage"}
    onset = ask("Li2CO3", ROOM_K, mode="stem_raster")
    assert onset.limit.dose.upper == 100.0
    assert "other_mode" in onset.flags
    only = ask("LiF", ROOM_K, criterion="change_of_eels_edges")
    assert only.limit is None
    assert "never mixed" in only.reason


def test_every_statement_of_a_source_lies_within_its_row():
    for row in LITERATURE:
        assert row.source
        assert row.statements
        for said in row.statements:
            if said.implies.lower is not None and row.dose.lower is not None:
                assert row.dose.lower <= said.implies.lower
            if said.implies.upper is not None and row.dose.upper is not None:
                assert said.implies.upper <= row.dose.upper


def test_both_sides_of_a_contradiction_are_on_record():
    """LiF gains 50 times by its windows, 100 times by the text; Li2CO3 more than 300 times, which implies 6.7 e/Å²."""
    rows = {row.id: row for row in LITERATURE}
    assert {said.implies.best for said in rows["lif_cryogenic_004"].statements} == {1e4, 2e4}
    implied = {said.implies.upper for said in rows["li2co3_room_temperature_004"].statements}
    assert implied == {100.0, 6.67, 80.0}
    assert rows["li2co3_room_temperature_stem_eels"].dose.best > 7 * rows["li2co3_room_temperature_004"].dose.upper


def test_a_lab_row_comes_before_the_literature_and_both_are_shown():
    choice = ask("LiF", ROOM_K, limits=[*LITERATURE, lab_row()])
    assert choice.limit.kind == "lab"
    assert "the lab's own" in choice.reason
    assert "rows_disagree" in choice.flags
    reasons = {row.limit.id: row.reason for row in choice.passed_over}
    assert reasons["lif_room_temperature_004"] == "the lab's own measurement comes first"
    assert "interpolated" in reasons["lif_cryogenic_004"]


def test_a_lab_row_of_other_conditions_does_not_stand_in_the_way():
    cold = lab_row(temperature_K=(90.0, 100.0), beam_energy_kV=300.0)
    assert ask("LiF", ROOM_K, limits=[*LITERATURE, cold]).limit.kind == "literature"
    assert ask("LiF", COLD_K, limits=[*LITERATURE, cold]).limit.kind == "literature"
    assert ask("LiF", COLD_K, limits=[*LITERATURE, cold], beam_energy_kV=300.0).limit.kind == "lab"


def test_a_row_of_the_mode_asked_for_comes_before_the_labs_own_of_another():
    mine = lab_row("lim_stem", mode="stem_raster")
    choice = ask("LiF", ROOM_K, limits=(*LITERATURE, mine))
    assert choice.limit.id == "lif_room_temperature_004"
    assert "other_mode" not in choice.flags
    assert ask("LiF", ROOM_K, limits=(*LITERATURE, mine), mode="stem_raster").limit is mine


def test_even_a_lab_row_that_claims_other_energies_holds_at_its_own_in_the_cold():
    cold = lab_row(temperature_K=(90.0, 100.0), carries_over_kV=(60.0, 300.0), carries_over_words="we think so")
    assert ask("LiF", COLD_K, limits=(cold,)).limit is cold
    refused = ask("LiF", COLD_K, limits=(cold,), beam_energy_kV=300.0)
    assert refused.limit is None
    assert "only at room temperature" in refused.reason


def test_of_two_lab_rows_the_smaller_dose_counts_in_whatever_order_they_come():
    rows = [lab_row("lim_1", lower=300.0), lab_row("lim_2", lower=200.0)]
    assert ask("LiF", ROOM_K, limits=rows).limit.id == "lim_2"
    assert ask("LiF", ROOM_K, limits=rows[::-1]).limit.id == "lim_2"


def test_what_is_not_recorded_leaves_the_limit_unknown():
    assert ask("LiF", None).reason == "not recorded: temperature"
    assert ask("LiF", ROOM_K, beam_energy_kV=None).reason == "not recorded: beam energy"


def test_a_phase_without_number_says_what_is_known_of_it():
    choice = ask("Li2O", COLD_K)
    assert choice.limit is None
    assert "prints no number for Li2O" in choice.reason
    assert ask("unobtainium", COLD_K).reason == "no limit of unobtainium is on record"
    assert ask("LiF", COLD_K, mode="xray").reason == "no limit is on record for a beam of mode xray"


@pytest.mark.parametrize(
    "wrong", [{"rate_e_per_A2_s": 0.0}, {"rate_e_per_A2_s": float("nan")}, {"beam_energy_kV": -1.0}]
)
def test_impossible_conditions_are_refused(wrong):
    with pytest.raises(ImpossibleConditions, match="above zero"):
        ask("LiF", ROOM_K, **wrong)
    with pytest.raises(ImpossibleConditions, match="absolute zero"):
        ask("LiF", -1.0)


@pytest.mark.parametrize(
    ("written", "word"), [("Li₂CO₃", "Li2CO3"), ("lithium fluoride", "LiF"), (" Li metal ", "Li"), ("NMC", "NMC")]
)
def test_a_phase_has_one_name_however_it_is_written(written, word):
    assert canonical_phase(written) == word


def test_rows_survive_their_record():
    for row in (*LITERATURE, lab_row()):
        assert DoseLimit.from_json(row.to_json()) == row


def test_the_table_names_its_criteria_and_what_low_dose_is():
    assert {row.criterion for row in LITERATURE} <= set(criteria())
    assert (low_dose().low_dose_below_e_per_A2_s, low_dose().search_below_e_per_A2_s) == (100.0, 20.0)


def test_an_interval_keeps_its_order_and_its_unit():
    with pytest.raises(ValueError, match="in order"):
        Bounds(2.0, 1.0, None, "s")
    with pytest.raises(ValueError, match="units"):
        Bounds(1.0, None, None, "fortnight")


def test_a_rounded_accelerating_voltage_is_the_measured_one_and_two_percent_off_is_another():
    assert ask("LiF", COLD_K, beam_energy_kV=201.9).limit is not None
    assert ask("LiF", COLD_K, beam_energy_kV=202.1).limit is None
    assert ask("LiF", ROOM_K, beam_energy_kV=302.9).limit is not None
    assert ask("LiF", ROOM_K, beam_energy_kV=303.1).limit is None


@pytest.mark.parametrize("kelvin", [288.15, 303.15, 77.0, 103.15])
def test_a_hundredth_of_a_degree_beyond_a_bound_there_is_no_limit(kelvin):
    outside = kelvin + (0.01 if kelvin in {303.15, 103.15} else -0.01)
    assert ask("LiF", kelvin).limit is not None
    assert ask("LiF", outside).limit is None


def test_a_rate_computed_to_the_rows_own_is_no_other_rate():
    assert ask("LiF", ROOM_K, rate_e_per_A2_s=100.0 * (1 + 5e-10)).flags == ()
    assert ask("LiF", ROOM_K, rate_e_per_A2_s=100.01).flags == ("other_rate",)


def test_a_best_estimate_without_bounds_is_neither_an_upper_nor_a_lower_bound():
    asked = {"mode": "stem_raster", "criterion": "change_of_eels_edges", "rate_e_per_A2_s": 100.0}
    choice = ask("Li2CO3", ROOM_K, **asked)
    assert choice.window == Bounds(None, 7.5, None, "s")
    assert choice.flags == ()


def test_the_order_of_rows_shows_nowhere_in_the_answer():
    rows = [*LITERATURE, lab_row("lim_1"), lab_row("lim_2", lower=90.0)]
    assert ask("LiF", ROOM_K, limits=rows) == ask("LiF", ROOM_K, limits=rows[::-1])
