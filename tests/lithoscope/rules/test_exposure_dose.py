"""The account of one exposure, in every mode."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.accumulation import accumulate
from lithoscope.rules.exposure_dose import Recorded, dose_curve, end_of, exposure_dose
from lithoscope.units import Quantity

START = datetime(2026, 10, 1, 8, tzinfo=UTC)
positive = st.floats(1e-3, 1e6)


def known(unit: str, value: float, uncertainty: float | None = None) -> Quantity:
    return Quantity(value, unit, "measured", uncertainty)


PAPER_003 = Recorded(
    mode="stem_raster",
    conditions={
        "beam_energy_kV": known("kV", 300.0),
        "beam_current_nA": known("nA", 0.300),
        "dwell_s": known("s", 0.05),
        "step_nm": known("nm", 4.63),
    },
    frames=15,
    recorded_scans=17,
    started_at=START,
    frame_pixels=(64, 64),
)
FIELD = Recorded(
    mode="tem_field",
    conditions={
        "beam_energy_kV": known("kV", 200.0),
        "dose_rate_e_per_A2_s": known("e/(A^2 s)", 3.5e3),
        "exposure_s": known("s", 0.5),
    },
    frames=1,
    recorded_scans=1,
    started_at=START,
)
XRAY = Recorded(
    mode="xray",
    conditions={
        "photon_energy_keV": known("keV", 7.0),
        "flux_photons_per_s": known("photons/s", 3e9),
        "beam_area_um2": known("um^2", 10.0),
        "exposure_s": known("s", 0.1),
    },
    frames=800,
    recorded_scans=800,
    started_at=START,
)
FIB = Recorded(
    mode="fib",
    conditions={
        "ion_energy_kV": known("kV", 30.0),
        "ion_current_nA": known("nA", 1.0),
        "beam_area_um2": known("um^2", 100.0),
        "exposure_s": known("s", 10.0),
    },
    frames=1,
    recorded_scans=1,
    started_at=START,
)
ALL = [PAPER_003, FIELD, XRAY, FIB]


def test_the_published_tilt_series() -> None:
    """0.300 nA, 0.05 s, 4.63 nm: 4.367e4 a tilt, 6.551e5 over 15, 7.42e5 over the 17 scans on record."""
    dose = exposure_dose(PAPER_003)
    assert dose.per_frame.value == pytest.approx(4.367e4, rel=1e-3)
    assert dose.series.value == pytest.approx(6.551e5, rel=1e-3)
    assert dose.recorded.value == pytest.approx(7.42e5, rel=1e-3)
    assert "lower bound" in dose.recorded.note


def test_lithium_imaged_at_3500_for_half_a_second_took_1750() -> None:
    assert exposure_dose(FIELD).recorded.value == pytest.approx(1750.0)


def test_x_rays_by_flux_area_and_time() -> None:
    dose = exposure_dose(XRAY)
    assert (dose.per_frame.value, dose.per_frame.unit) == (pytest.approx(3e7), "photons/um^2")
    assert dose.recorded.value == pytest.approx(2.4e10)
    assert dose.rate.value == pytest.approx(3e8)


def test_a_stated_fluence_of_photons_needs_no_flux() -> None:
    stated = {"photon_energy_keV": known("keV", 7.0), "fluence_photons_per_um2": known("photons/um^2", 1e6)}
    dose = exposure_dose(replace(XRAY, conditions=stated))
    assert (dose.per_frame.value, dose.rate.value) == (1e6, None)
    assert "exposure_s" in dose.rate.note


def test_ions_per_square_nanometre() -> None:
    """1 nA for 10 s are 6.2415e10 ions; over 1e8 nm2 that is 624 a square nanometre."""
    dose = exposure_dose(FIB)
    assert (dose.recorded.value, dose.recorded.unit) == (pytest.approx(624.15, rel=1e-4), "ions/nm^2")
    assert (dose.rate.value, dose.beam_energy.value) == (pytest.approx(62.415, rel=1e-4), 30.0)


def test_a_probe_above_the_step_is_step_limited_and_below_it_probe_limited() -> None:
    wide = {**PAPER_003.conditions, "probe_diameter_nm": known("nm", 5.0)}
    fine = {**PAPER_003.conditions, "probe_diameter_nm": known("nm", 0.1)}
    step_limited = exposure_dose(replace(PAPER_003, conditions=wide))
    probe_limited = exposure_dose(replace(PAPER_003, conditions=fine))
    assert (step_limited.limited_by, step_limited.local_recorded) == ("step", None)
    assert probe_limited.limited_by == "probe"
    assert probe_limited.per_frame.value == step_limited.per_frame.value
    assert probe_limited.local_per_frame is not None
    assert probe_limited.local_recorded is not None
    in_spot = 0.300e-9 * 0.05 / 1.602176634e-19 / (3.14159265 / 4 * 1.0**2)
    assert probe_limited.local_per_frame.value == pytest.approx(in_spot, rel=1e-6)
    assert probe_limited.local_recorded.value == pytest.approx(17 * in_spot, rel=1e-6)
    assert exposure_dose(PAPER_003).limited_by == "unknown"


@pytest.mark.parametrize("exposure", ALL, ids=lambda exposure: exposure.mode)
def test_whatever_is_left_out_makes_the_dose_unknown_and_is_named(exposure: Recorded) -> None:
    for name in exposure.conditions:
        if name in {"beam_energy_kV", "photon_energy_keV", "ion_energy_kV"}:
            continue
        fewer = {key: value for key, value in exposure.conditions.items() if key != name}
        dose = exposure_dose(replace(exposure, conditions=fewer))
        assert dose.recorded.value is None
        assert name in dose.recorded.note


def test_the_header_that_lacked_it_is_named() -> None:
    zero = {**PAPER_003.conditions, "beam_current_nA": Quantity.unknown("nA", "Probe Current (nA) is zero")}
    note = exposure_dose(replace(PAPER_003, conditions=zero)).recorded.note
    assert note == "not known: beam_current_nA (Probe Current (nA) is zero)"


def test_uncertainty_of_current_and_step_propagates() -> None:
    stated = {
        "beam_current_nA": known("nA", 0.3, 0.03),
        "dwell_s": known("s", 0.05, 0.0),
        "step_nm": known("nm", 4.63, 0.0463),
    }
    dose = exposure_dose(replace(PAPER_003, conditions=stated)).recorded
    assert dose.value is not None
    assert dose.uncertainty == pytest.approx(dose.value * (0.1**2 + 0.02**2) ** 0.5)


def test_a_running_exposure_has_taken_its_rate_times_the_time_until_now() -> None:
    running = replace(FIELD, is_running=True)
    dose = exposure_dose(running, at=START + timedelta(seconds=2))
    assert dose.recorded.value == pytest.approx(7000.0)
    assert end_of(running, dose) is None
    assert exposure_dose(running, at=START - timedelta(seconds=2)).recorded.value == 0.0


def test_an_exposure_counts_by_the_part_that_lay_before_the_moment_asked_for() -> None:
    whole = replace(FIELD, recorded_scans=10, ended_at=START + timedelta(seconds=10))
    assert exposure_dose(whole, at=START + timedelta(seconds=4)).recorded.value == pytest.approx(7000.0)
    assert exposure_dose(whole, at=START + timedelta(seconds=99)).recorded.value == pytest.approx(17500.0)


def test_at_its_computed_end_an_exposure_counts_as_a_whole_though_dates_end_at_microseconds() -> None:
    odd = replace(FIELD, conditions={**FIELD.conditions, "exposure_s": known("s", 0.12345678)})
    whole = exposure_dose(odd)
    ended = exposure_dose(odd, at=end_of(odd, whole))
    assert ended.recorded == whole.recorded


def test_without_a_recorded_end_an_exposure_ends_after_its_frames() -> None:
    assert end_of(PAPER_003, exposure_dose(PAPER_003)) == START + timedelta(seconds=17 * 64 * 64 * 0.05)
    endless = replace(PAPER_003, frame_pixels=None)
    assert end_of(endless, exposure_dose(endless)) is None


def test_the_curve_adds_up_to_the_recorded_dose_however_few_frames_it_lists() -> None:
    dose = exposure_dose(PAPER_003)
    for most_rows in (2, 5, 17, 1000):
        curve = dose_curve(dose, 17, most_rows=most_rows)
        frames, sums = curve.columns["frame"], curve.columns["cumulative_dose"]
        assert (frames[0], frames[-1]) == (1, 17)
        assert frames == sorted(set(frames))
        assert sums[-1] == pytest.approx(dose.recorded.value)
        assert sums == [pytest.approx(number * dose.per_frame.value) for number in frames]
    assert len(dose_curve(dose, 1_000_000, most_rows=1000).columns["frame"]) <= 1002


def test_an_unknown_dose_has_a_curve_of_unknowns() -> None:
    dose = exposure_dose(replace(PAPER_003, conditions={}))
    assert set(dose_curve(dose, 17).columns["dose"]) == {None}


@given(rate=positive, seconds=st.lists(positive, min_size=1, max_size=8))
def test_splitting_an_exposure_in_time_does_not_change_its_dose(rate: float, seconds: list[float]) -> None:
    def taken(duration_s: float) -> Quantity:
        given = {"dose_rate_e_per_A2_s": known("e/(A^2 s)", rate), "exposure_s": known("s", duration_s)}
        return exposure_dose(replace(FIELD, conditions=given)).recorded

    parts = accumulate([taken(each) for each in seconds], unit="e/A^2").total
    assert parts.value == pytest.approx(taken(sum(seconds)).value)


@given(doses=st.lists(positive, min_size=1, max_size=8), random=st.randoms())
def test_the_order_of_exposures_does_not_show_in_their_sum(doses: list[float], random: object) -> None:
    fluences = [known("e/A^2", dose, dose / 10) for dose in doses]
    shuffled = sorted(fluences, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert accumulate(fluences, unit="e/A^2") == accumulate(shuffled, unit="e/A^2")


@given(current=positive, dwell=positive, step=positive, scans=st.integers(1, 1000))
def test_no_dose_is_ever_negative(current: float, dwell: float, step: float, scans: int) -> None:
    given = {"beam_current_nA": known("nA", current), "dwell_s": known("s", dwell), "step_nm": known("nm", step)}
    dose = exposure_dose(replace(PAPER_003, conditions=given, frames=1, recorded_scans=scans))
    for number in (dose.per_frame, dose.series, dose.recorded, dose.rate):
        assert number.value is not None
        assert number.value >= 0


def test_the_curve_counts_time_and_dose_frame_by_frame() -> None:
    curve = dose_curve(exposure_dose(PAPER_003), PAPER_003.recorded_scans)
    assert curve.columns["frame"] == [*range(1, 18)]
    assert curve.columns["beam_on_s"][-1] == pytest.approx(17 * 64 * 64 * 0.05)
    assert curve.columns["cumulative_dose"][-1] == pytest.approx(exposure_dose(PAPER_003).recorded.value)


def test_a_long_curve_is_thinned_and_keeps_its_first_and_last_frame() -> None:
    numbers = dose_curve(exposure_dose(PAPER_003), 5001, most_rows=1000).columns["frame"]
    assert (numbers[0], numbers[-1]) == (1, 5001)
    assert 800 <= len(numbers) <= 1002


def test_a_probe_beside_an_unknown_step_limits_nothing() -> None:
    fine = {name: value for name, value in PAPER_003.conditions.items() if name != "step_nm"}
    dose = exposure_dose(replace(PAPER_003, conditions={**fine, "probe_diameter_nm": known("nm", 0.1)}))
    assert (dose.limited_by, dose.local_recorded) == ("unknown", None)
