"""Which part of a series a file is, told by its side-car, its name, the text beside it or its header."""

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lithoscope.client.collector import Settings
from lithoscope.client.collector.live_settings import Live
from lithoscope.client.collector.parts import Position, is_read_here, named_position, told_position
from lithoscope.client.collector.placing import Placer
from lithoscope.client.simulator.formats import Acquisition, mdoc, mrc, tiff

TILTS, SLICES = Live(), Live(kind="slices", slice_nm=10.0)
SHOT = Acquisition("seed", datetime(2026, 11, 22, tzinfo=UTC), side_px=12, tilt_deg=-6.0)
UNKNOWN = Position(None, None)


def told(path: Path, *beside: Path, named: Position = UNKNOWN, live: Live = TILTS) -> Position:
    return told_position(path, beside, named, live)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("path", "values", "position"),
    [
        ("s/t/tilt_000123_004.tif", {}, Position(4, None)),
        ("s/t/a.tif", {"number": "007", "tilt": "-12.5"}, Position(7, -12.5)),
        ("s/t/TS_03_-12.0.mrc", {"tilt": "-12.0"}, Position(3, -12.0)),
        ("s/t/a.tif", {"number": "x", "tilt": "12,5"}, Position(None, 12.5)),
        ("s/t/overview.tif", {"tilt": "left"}, UNKNOWN),
    ],
)
def test_a_name_tells_number_and_tilt(path, values, position):
    assert named_position(path, values, TILTS) == position


def test_a_slice_is_told_by_its_number_and_lies_by_the_distance_of_slices(tmp_path):
    named = named_position("s/t/slice_0012.tif", {}, SLICES)
    assert told(tmp_path / "slice_0012.tif", named=named, live=SLICES) == Position(12, 110.0)
    assert named_position("s/t/slice_0012.tif", {"z": "35.5"}, SLICES) == Position(12, 35.5)


def test_a_header_tells_the_tilt_of_tiff_and_mrc(tmp_path):
    assert told(written(tmp_path / "a.tif", tiff(SHOT))).place == pytest.approx(-6.0, abs=1e-3)
    record = bytearray(768)
    struct.pack_into("<d", record, 100, 13.5)
    image = mrc(SHOT)
    header = bytearray(image[:1024])
    struct.pack_into("<i", header, 92, 768)
    header[104:108] = b"FEI1"
    assert told(written(tmp_path / "a.mrc", bytes(header + record) + image[1024:])).place == 13.5
    header[104:108] = b"SERI"
    struct.pack_into("<2h", header, 128, 2, 1)
    struct.pack_into("<i", header, 92, 2)
    serial = bytes(header) + struct.pack("<h", -4500) + image[1024:]
    assert told(written(tmp_path / "b.mrc", serial)).place == -45.0


def test_a_tilt_of_nought_is_a_tilt(tmp_path):
    flat = Acquisition("seed", SHOT.begun_at, side_px=12, tilt_deg=0.0)
    assert told(written(tmp_path / "a.tif", tiff(flat))).place == 0.0
    beside = written(tmp_path / "a.mrc.mdoc", mdoc(flat, stack="a.mrc"))
    assert told(written(tmp_path / "a.mrc", mrc(flat)), beside).place == 0.0


def test_a_side_car_goes_before_the_name_and_the_name_before_the_header(tmp_path):
    main = written(tmp_path / "a.tif", tiff(SHOT))
    named = Position(3, 12.0)
    assert told(main, named=named) == named
    said = written(tmp_path / "a.tif.lithoscope.json", b'{"number": 9, "tilt_deg": 30}')
    assert told(main, said, named=named) == Position(9, 30.0)


def test_what_says_nothing_or_nonsense_is_unknown(tmp_path):
    assert told(written(tmp_path / "a.mrc", mrc(SHOT))).place is None
    assert told(written(tmp_path / "b.tif", tiff(SHOT)[:300])).place is None
    assert told(written(tmp_path / "c.tif", b"II")).place is None
    bad = written(tmp_path / "a.mrc.lithoscope.toml", b"tilt_deg = ")
    assert told(tmp_path / "a.mrc", bad).place is None
    several = Acquisition("seed", SHOT.begun_at, side_px=12, frames=3)
    beside = written(tmp_path / "a.mrc.mdoc", mdoc(several, stack="a.mrc"))
    assert told(tmp_path / "a.mrc", beside).place is None


def test_formats_whose_header_is_left_to_the_service_are_known():
    assert is_read_here(Path("a.TIF"))
    assert not is_read_here(Path("a.dm4"))


RULES = """
url = "https://m.example.org"
[[folders]]
path = "/data"
[[rules]]
match = "{sample}/{run}/TS_{number}_{tilt}.tif"
sample = "{sample}"
live = { every = 5, method = "tomogram_sirt", marker = "finished.txt", parameters = { iterations = 10 } }
[[rules]]
match = "{sample}/stems/*"
sample = "{sample}"
group = "stem"
[rules.live]
kind = "slices"
[[rules]]
match = "{sample}/**"
sample = "{sample}"
"""


def test_rules_say_which_files_are_parts_of_which_series(tmp_path):
    (tmp_path / "watch.toml").write_text(RULES)
    settings = Settings.read(tmp_path / "watch.toml")
    placer = Placer(settings)
    placed = placer.place("LS-1/run 2/TS_004_-12.0.tif")
    assert (placed.series, placed.grouping, placed.key) == ("LS-1/run 2", "part", "LS-1/run 2/TS_004_-12.0.tif")
    assert placer.place("LS-1/run 2/TS_004_-12.0.tif.lithoscope.json").key == placed.key
    assert placer.place("LS-1/run 2/log.txt").series == ""
    assert placer.place("LS-1/run 2/finished.txt").is_ignored
    assert placer.place("LS-1/stems/left_0012.tif").series == "LS-1/stems/left.tif"
    assert settings.quiet_of(1, "a.tif") == 10.0
    assert settings.quiet_of(1, "a.raw") == settings.quiet_of(3, "a.tif") == 60.0
    assert settings.live_of(1).action == {"method": "tomogram_sirt", "parameters": {"iterations": 10}}
