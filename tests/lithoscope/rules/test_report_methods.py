"""The methods paragraph says what is recorded, nothing else, and names what is not."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.custody import Happening
from lithoscope.rules.report import Report
from lithoscope.rules.report_words import words
from tests.lithoscope.rules.reported import history, hours, lamella, leg, report_of, sample

DIGIT = re.compile(r"\d|[⁰¹²³⁴-⁹₀-₉]")


def text_of(report: Report) -> str:
    return "".join(piece.text for piece in report.methods)


def assert_every_number_is_recorded(report: Report) -> None:
    """Resolve every piece that holds a digit, and see that it is what its record states."""
    for piece in report.methods:
        if piece.record_id is None or piece.field is None:
            assert not DIGIT.search(piece.text), piece.text
        else:
            assert piece.text == words(report.value(piece.record_id, piece.field), piece.field)


def test_every_number_of_the_paragraph_is_a_fields_value():
    report = lamella()
    assert_every_number_is_recorded(report)
    assert len([piece for piece in report.methods if piece.record_id and DIGIT.search(piece.text)]) > 30


def test_the_chain_of_the_published_lamella_reads_as_its_experimental_section():
    text = text_of(lamella())
    for recorded in ("Ar ions", "120 nA at 30 kV (rough)", "0.2 nA at 5 kV (polish) to a thickness of 150 nm"):
        assert recorded in text
    assert "the dose rate was 3500 e/(Å² s) and the dose was at least 1750 e/Å²" in text
    assert "by inert-gas transfer holder under argon, with a time in air of 0 s" in text


def test_surroundings_are_told_once_and_then_called_the_same():
    box = {"atmosphere": "argon", "o2_ppm": 0.05, "temperature_K": 293.15}
    told = [
        Happening("storage", hours(0), hours(1), box, id="evt_" + "a" * 32),
        Happening("mounting", hours(1), hours(1.1), {"holder": "stub", **box}, id="evt_" + "b" * 32),
        Happening(
            "cooling", hours(2), hours(3), {"temperature_K": 100.0, "atmosphere": "vacuum"}, id="evt_" + "c" * 32
        ),
        Happening("storage", hours(4), hours(5), box, id="evt_" + "d" * 32),
    ]
    text = text_of(report_of(told, []))
    assert "mounted on stub under the same atmosphere and temperature" in text
    assert text.count("under argon (oxygen 0.05 ppm) at 293.15 K") == 2


def test_a_split_that_made_the_sample_is_its_beginning_and_another_is_not():
    made = {"child_ids": ("smp_" + "0" * 31 + "1",), "process": "lift-out"}
    found = report_of([Happening("split", hours(1), None, made, id="evt_" + "a" * 32)], [])
    own = {**made, "child_ids": (found.sample.id,)}
    assert "It was divided by lift-out." in text_of(found)
    told = text_of(report_of([Happening("split", hours(1), None, own, id="evt_" + "a" * 32)], []))
    assert "It was taken from its parent sample by lift-out." in told


def test_records_whose_numbers_were_assumed_are_named():
    box = {"atmosphere": "argon", "temperature_K": 295.0}
    assumed = [Happening("storage", hours(0), hours(1), box, "assumed", "evt_" + "a" * 32)]
    assert "Assumed and not measured were values of these records: storage." in text_of(report_of(assumed, []))
    assert "Assumed" not in text_of(lamella())


def test_a_dose_rate_nobody_recorded_is_said_to_be_missing():
    text = text_of(report_of(history(), [leg(1, start=35, seconds=1, rate=None)]))
    assert "the dose rate was not recorded and the dose was not recorded" in text


def test_lower_bounds_are_called_so_and_complete_doses_too():
    whole = report_of(history(), [leg(1, start=35, seconds=1, rate=10.0)], dose_is_complete=True)
    assert "at least" not in text_of(whole)
    assert "The doses are complete" in text_of(whole)
    assert "at least 1750 e/Å²" in text_of(lamella())
    assert "The doses are lower bounds" in text_of(lamella())


def test_air_that_nobody_recorded_is_said_to_be_missing():
    silent = [Happening("transfer", hours(1), None, {"method": "ambient_air"}, id="evt_" + "a" * 32)]
    text = text_of(report_of(silent, []))
    assert "transferred by ambient air; the time in air was not recorded" in text
    assert "Its storage was not recorded." in text
    assert "No exposure to a beam was recorded, so its dose is not known." in text


def test_exposures_under_the_same_conditions_share_a_sentence():
    legs = [leg(place, start=35 + place, seconds=1, rate=10.0) for place in range(1, 4)]
    text = text_of(report_of(history(), legs))
    assert text.count("For acquisition") == 1
    assert "at least 10 e/Å², 10 e/Å² and 10 e/Å²" in text


def test_of_many_exposures_the_smallest_and_the_largest_dose_are_named():
    legs = [leg(place, start=35 + place, seconds=1.0 + place, rate=10.0) for place in range(1, 10)]
    report = report_of(history(), legs)
    assert "many such exposures were at least 20 e/Å² for the smallest and 100 e/Å² for the largest" in text_of(report)
    assert_every_number_is_recorded(report)
    alike = report_of(history(), [leg(place, start=35 + place, seconds=1, rate=10.0) for place in range(1, 10)])
    assert "each of many such exposures was at least 10 e/Å²" in text_of(alike)


def test_a_text_of_the_electrolyte_stays_as_people_wrote_it():
    report = report_of(
        history(), [], of=sample(electrolyte="1 M LiPF6 in EC:DEC_1", material="lithium_electrodeposited")
    )
    assert "The electrolyte was 1 M LiPF6 in EC:DEC_1." in text_of(report)
    assert_every_number_is_recorded(report)


DETAILS: dict[str, Any] = {
    "atmosphere": st.sampled_from(["argon", "air", "vacuum"]),
    "o2_ppm": st.floats(0, 1e6),
    "temperature_K": st.floats(1, 1e4),
    "air_exposure_s": st.floats(0, 1e9),
    "duration_s": st.floats(0, 1e9),
    "pressure_Pa": st.floats(0, 1e6),
    "place": st.text(max_size=10),
}
NEEDS: dict[str, dict[str, Any]] = {
    "transfer": {"method": "uhv_suitcase"},
    "fib_milling": {"ion_source": "Ga"},
    "coating": {"material": "Pt 3"},
    "mounting": {"holder": "grid 7"},
    "wash": {"solvent": "DMC"},
    "sonication": {"solvent": "DMC"},
    "drop_cast": {"solvent": "DMC"},
    "surface_renewal": {"process": "scraping"},
    "electrochemical_cycling": {"cycles": 50},
}
TYPES = [*NEEDS, "disassembly", "storage", "heating", "cooling", "grinding", "titration", "split", "disposal", "note"]


@given(
    type_=st.sampled_from(TYPES),
    details=st.fixed_dictionaries({}, optional=DETAILS),
    rate=st.none() | st.floats(1e-6, 1e9),
    seconds=st.floats(0.001, 1e6),
)
def test_whatever_is_recorded_no_number_is_made_up(
    type_: str, details: dict[str, Any], rate: float | None, seconds: float
) -> None:
    event = Happening(type_, hours(1), None, {**details, **NEEDS.get(type_, {})}, id="evt_" + "b" * 32)
    assert_every_number_is_recorded(report_of([event], [leg(1, start=2, seconds=seconds, rate=rate)]))


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_of_event_can_be_told(type_: str) -> None:
    event = Happening(type_, hours(1), None, NEEDS.get(type_, {}), id="evt_" + "c" * 32)
    text = text_of(report_of([event], []))
    assert ("It was" in text) == (type_ not in {"disposal", "note"})
