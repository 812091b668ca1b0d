"""Lists of ions: .pos, .epos and .apt of one run agree, stay in their files, and are refused when damaged."""

import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import Limits, inspect, read
from lithoscope.readers.ions import DETECTOR, IN_PULSE, MASS, PIECE, PLACE
from tests.lithoscope.readers.ion_files import apt, epos, ions, pos, section, sections
from tests.lithoscope.readers.metadata_table import DATA

NAN, INFINITE = float("nan"), float("inf")
FORMATS = ("pos", "epos", "apt")


def columns(path):
    pieces = list(read(path).events.pieces())
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def refused(path, **options) -> ReaderError:
    with pytest.raises(ReaderError) as refusal:
        read(path, **options)
    return refusal.value


def changed(ion, name, value):
    given = ions()
    given[name][ion] = value
    return given


def test_the_same_ions_come_out_of_three_formats_bit_for_bit():
    first, second, third = (columns(DATA / f"Si_2000.{ending}") for ending in FORMATS)
    for name in (*PLACE, MASS):
        assert first[name].tobytes() == second[name].tobytes() == third[name].tobytes()
    for name in (*DETECTOR, IN_PULSE):
        assert second[name].tobytes() == third[name].tobytes()


@pytest.mark.parametrize("ending", FORMATS)
def test_sums_and_bounds_are_those_that_apav_1_4_0_gives(ending):
    reading, found = read(DATA / f"Si_2000.{ending}"), columns(DATA / f"Si_2000.{ending}")
    assert reading.events.length == 2000
    assert found[MASS].sum(dtype=float) == pytest.approx(102792.77897773683, rel=1e-12)
    sums = [found[name].sum(dtype=float) for name in PLACE]
    assert sums == pytest.approx([249.13083307, 1444.28988445, -1800.39833786], rel=1e-9)
    assert reading.events.bounds["z_nm"] == (-2.042515993118286, -0.020034153014421463)
    if ending != "pos":
        sums = [found[name].sum(dtype=float) for name in DETECTOR]
        assert sums == pytest.approx([-3931.1003240998834, 2450.3783030267805], rel=1e-12)
        assert (int(found[IN_PULSE].sum()), np.unique(found[IN_PULSE]).tolist()) == (2000, [0, 1, 2, 3])
    if ending == "apt":
        assert found["time_of_flight_ns"].sum(dtype=float) == pytest.approx(5239665.74139595, rel=1e-12)


def test_every_column_of_an_epos_comes_out_as_it_went_in(tmp_path):
    given, found = ions(), columns(epos(tmp_path / "a.epos"))
    assert found.keys() == given.keys()
    for name, values in given.items():
        assert np.array_equal(found[name], values)
        assert found[name].dtype == ("uint32" if values.dtype.kind == "i" else "float32")


def test_columns_that_the_export_left_at_zero_are_left_out_and_named():
    reading = read(DATA / "Si_2000.epos")
    left_out = {"time_of_flight_ns", "standing_voltage_V", "pulse_voltage_V", "pulses_since_last_event"}
    assert not left_out & {column.name for column in reading.events.columns}
    assert all(name in reading.warnings[0] for name in left_out)
    assert "did not fill them" in reading.warnings[0]


def test_what_a_file_does_not_say_of_its_run_is_unknown():
    for ending in FORMATS:
        values = read(DATA / f"Si_2000.{ending}").metadata
        assert {value.source for value in values.values()} == {"unknown"}
        assert values["temperature_K"].note


def test_an_apt_tells_its_sections_and_not_the_path_it_was_exported_to(tmp_path):
    extra = {"Voltage": section("Voltage", np.arange(500, dtype="<f4"), "V")}
    reading = read(apt(tmp_path / "a.apt", sections() | extra))
    assert "ada" not in str(reading.original)
    listed = {each["name"]: each["is_read"] for each in reading.original["sections"]}
    assert listed == {**dict.fromkeys(sections(), True), "Voltage": False}
    assert reading.original["written_at"].startswith("2021-03-23T20:31:26")


def test_places_on_the_detector_stand_in_for_each_other(tmp_path):
    parts, given = sections(), ions()
    del parts["XDet_mm"], parts["YDet_mm"]
    both = np.stack([given[name] for name in DETECTOR], axis=1).astype("<f4")
    parts["Detector Coordinates"] = section("Detector Coordinates", both, "mm")
    found = columns(apt(tmp_path / "a.apt", parts))
    assert np.array_equal(found[DETECTOR[1]], given[DETECTOR[1]])


def test_a_long_list_is_read_in_pieces_and_the_ion_that_cannot_be_is_named(tmp_path):
    given = ions(PIECE + 5)
    path = pos(tmp_path / "a.pos", given)
    assert [len(piece[MASS]) for piece in read(path).events.pieces()] == [PIECE, 5]
    given["y_nm"][PIECE + 2] = NAN
    assert f"y_nm of ion {PIECE + 3} is no finite number" in str(refused(pos(path, given)))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("x_nm", NAN, "no finite number"),
        ("z_nm", INFINITE, "no finite number"),
        (MASS, NAN, "no finite number"),
        (MASS, -0.5, "below zero"),
        ("x_nm", 1e30, "larger than any instrument"),
        (MASS, 1e9, "larger than any instrument"),
        ("standing_voltage_V", -5.0, "below zero"),
        ("detector_y_mm", NAN, "no finite number"),
        (IN_PULSE, -1, "below zero"),
    ],
)
def test_an_ion_that_cannot_be_is_named(tmp_path, name, value, words):
    refusal = refused(epos(tmp_path / "a.epos", changed(17, name, value)))
    assert (refusal.code, f"{name} of ion 18" in str(refusal), words in str(refusal)) == ("unreadable-file", True, True)


def test_an_ion_without_mass_is_kept_and_counted(tmp_path):
    path = pos(tmp_path / "a.pos", changed(3, MASS, 0.0))
    assert read(path).warnings[0].startswith("1 ion has a mass-to-charge of 0 Da")
    assert read(path).events.length == 500


def test_a_list_without_any_mass_is_refused(tmp_path):
    given = ions()
    given[MASS][:] = 0
    assert "no ion of the list has a mass-to-charge" in str(refused(pos(tmp_path / "a.pos", given)))


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("kept", [0, 1, 30, 1000, -1])
def test_a_list_that_was_cut_is_refused(tmp_path, ending, kept):
    path = tmp_path / f"a.{ending}"
    path.write_bytes((DATA / f"Si_2000.{ending}").read_bytes()[:kept])
    assert refused(path).code == ("truncated-file" if kept else "empty-file")


def test_numbers_in_the_other_byte_order_are_told_by_that_name(tmp_path):
    refusal = refused(pos(tmp_path / "a.pos", order="<"))
    assert (refusal.code, "little-endian" in str(refusal)) == ("type-mismatch", True)


@pytest.mark.parametrize("content", [b"x,y,z,mass\n1,2,3,4\n5,6,7,8\n", b"\x89PNG\r\n\x1a\n" + bytes(range(8)) * 3])
def test_other_bytes_under_the_name_of_a_list_are_refused(tmp_path, content):
    (tmp_path / "a.pos").write_bytes(content.ljust(32, b"."))
    assert refused(tmp_path / "a.pos").code == "type-mismatch"


def test_a_list_under_another_name_is_no_list(tmp_path):
    assert refused(pos(tmp_path / "a.dat")).code == "unsupported-type"
    assert refused(apt(tmp_path / "a.pos")).code == "type-mismatch"


def test_a_list_of_more_than_the_facility_keeps_is_refused(tmp_path):
    assert refused(pos(tmp_path / "a.pos"), limits=Limits(series_bytes=7999)).code == "too-large"
    assert refused(apt(tmp_path / "a.apt"), limits=Limits(series_bytes=7999)).code == "too-large"


def test_angles_beside_a_list_of_ions_are_refused(tmp_path):
    (tmp_path / "a.tlt").write_text("0\n10\n")
    assert refused(pos(tmp_path / "a.pos"), companions=[tmp_path / "a.tlt"]).code == "bad-companion"


WRONG = {
    "one_mass_too_few": {"Mass": section("Mass", ions()[MASS][1:].astype("<f4"), "Da")},
    "masses_of_another_unit": {"Mass": section("Mass", ions()[MASS].astype("<f4"), "kg")},
    "masses_as_doubles": {"Mass": section("Mass", ions()[MASS].astype("<f8"), "Da")},
    "masses_that_belong_to_nothing": {"Mass": section("Mass", ions()[MASS].astype("<f4"), "Da", relation=3)},
    "no_section_begins_there": {"Mass": b"ZZZ\0" + bytes(200)},
    "the_same_section_twice": {"again": section("Mass", ions()[MASS].astype("<f4"), "Da")},
    "no_places": {"Position": b""},
}


@pytest.mark.parametrize("what", WRONG)
def test_an_apt_whose_sections_contradict_its_header_is_refused(tmp_path, what):
    refusal = refused(apt(tmp_path / "a.apt", sections() | WRONG[what]))
    assert refusal.code == "unreadable-file"
    assert "(" not in str(refusal)  # in words of ours, not those of a parser that stumbled


def test_an_apt_that_promises_no_or_other_ions_is_refused(tmp_path):
    assert refused(apt(tmp_path / "a.apt", count=0)).code == "truncated-file"
    assert refused(apt(tmp_path / "a.apt", count=2**63)).code == "unreadable-file"


def test_inspection_reads_no_ion_and_says_how_many_there_are():
    for ending, format_name in zip(FORMATS, FORMATS, strict=True):
        manifest = inspect(DATA / f"Si_2000.{ending}")
        assert (manifest.format, manifest.arrays[0].shape[0]) == (format_name, 2000)
