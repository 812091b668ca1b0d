"""The stage's tilt of DigitalMicrograph and Velox files on the instrument's PC: as the readers say, or unknown."""

import json
import math
import random
import struct
import time
import tracemalloc
import zipfile
from datetime import UTC, datetime
from io import BufferedReader, FileIO
from pathlib import Path

import h5py
import numpy as np
import pytest

from lithoscope.client.collector.live_settings import Live
from lithoscope.client.collector.parts import Position, told_position
from lithoscope.client.collector.tilts import of_digital_micrograph, of_velox
from lithoscope.client.collector.velox_tree import NotUnderstood, headers
from lithoscope.client.simulator.formats import Acquisition, velox
from lithoscope.readers import read

ROOT = Path(__file__).parents[4]
DM = sorted([*(ROOT / "tests/data").glob("*.dm?"), *(ROOT / "examples/data").glob("*.dm?")])
VELOX = sorted((ROOT / "tests/data").glob("velox_emd*.zip"))
SHOT = Acquisition("seed", datetime(2026, 11, 22, tzinfo=UTC), side_px=12, tilt_deg=-6.0)


def told(path: Path) -> float | None:
    return told_position(path, (), Position(1, None), Live()).place


def header_columns(tilts: list[float]) -> np.ndarray:
    columns = np.zeros((60_000, len(tilts)), np.uint8)
    for frame, tilt in enumerate(tilts):
        text = json.dumps({"Stage": {"AlphaTilt": f"{math.radians(tilt):.6f}"}}).encode()
        columns[: len(text), frame] = list(text)
    return columns


def emd(path: Path, images: list[list[float]], bulk_bytes: int = 0) -> Path:
    """Write a Velox file by HDF5's own library: images whose frames are tilted so, behind bulk without room."""
    with h5py.File(path, "w", libver="earliest") as file:
        for number, tilts in enumerate(images):
            image = file.create_group(f"Data/Image/{number:032x}")
            if bulk_bytes and not number:
                image.create_dataset("Data", (bulk_bytes,), "u1")[-1] = 1
            image.create_dataset("Metadata", data=header_columns(tilts), chunks=(60_000, 1))
    return path


class Counted(FileIO):
    """A file that counts what is read of it."""

    bytes_read = 0

    def readinto(self, buffer) -> int:
        count = super().readinto(buffer)
        self.bytes_read += count
        return count


def altered(folder: Path, old: bytes, new: bytes) -> Path:
    raw = DM[0].read_bytes()
    assert old in raw
    (folder / f"a{DM[0].suffix}").write_bytes(raw.replace(old, new))
    return folder / f"a{DM[0].suffix}"


@pytest.mark.parametrize("path", DM, ids=lambda path: path.name)
def test_a_tilt_of_digitalmicrograph_is_the_readers(path):
    assert told(path) == pytest.approx(read(path).metadata["stage_alpha_deg"].value, abs=1e-4)


@pytest.mark.parametrize("path", VELOX, ids=lambda path: path.name)
def test_a_tilt_of_velox_is_that_of_its_header(path, tmp_path):
    with zipfile.ZipFile(path) as archive:
        found = Path(archive.extract(archive.infolist()[0], tmp_path))
    with h5py.File(found) as file:
        image = next(iter(file["Data/Image"].values()))
        header = json.loads(bytes(image["Metadata"][:, 0]).split(b"\0")[0])
    assert told(found) == pytest.approx(math.degrees(float(header["Stage"]["AlphaTilt"])), abs=1e-4)


def test_a_tilt_of_a_single_velox_image_is_told(tmp_path):
    (tmp_path / "a.emd").write_bytes(velox(SHOT))
    assert told(tmp_path / "a.emd") == pytest.approx(-6.0, abs=1e-3)


def test_two_tilts_in_one_file_are_no_tilt(tmp_path):
    assert told(emd(tmp_path / "a.emd", [[-6.0], [-6.0]])) == pytest.approx(-6.0, abs=1e-3)
    assert told(emd(tmp_path / "b.emd", [[-6.0], [12.0]])) is None


def test_a_tilt_is_read_from_a_file_of_gibibytes_with_a_few_looks(tmp_path):
    found = emd(tmp_path / "a.emd", [[-6.0] * 300, *([[-6.0]] * 200)], bulk_bytes=5 << 30)
    assert found.stat().st_size > 5 << 30
    with Counted(found) as raw, BufferedReader(raw) as file:
        assert of_velox(file) == pytest.approx(-6.0, abs=1e-3)
    assert raw.bytes_read < 32 << 20


def test_a_stack_whose_frames_are_tilted_has_no_tilt(tmp_path):
    assert told(emd(tmp_path / "a.emd", [[step - 30.0 for step in range(61)]], bulk_bytes=65 << 20)) is None


def test_what_is_no_velox_file_of_this_length_is_left_to_the_service(tmp_path):
    with h5py.File(tmp_path / "a.emd", "w", libver="latest") as file:  # another version of the format
        image = file.create_group("Data/Image/a")
        image["Metadata"] = header_columns([-6.0])
        image.create_dataset("Data", (65 << 20,), "u1")[-1] = 1
    assert told(tmp_path / "a.emd") is None
    (tmp_path / "b.emd").write_bytes(b"\x89HDF\r\n\x1a\n")
    assert told(tmp_path / "b.emd") is None


@pytest.mark.parametrize("before", [35, 25, 20, 15])
def test_a_tilt_that_lies_across_two_reads_is_told_once(tmp_path, before):
    (tmp_path / "a.emd").write_bytes(b" " * ((1 << 20) - before) + b'"AlphaTilt": "0.12345678901234"' + b" " * 100)
    with (tmp_path / "a.emd").open("rb") as file:
        assert of_velox(file) == pytest.approx(math.degrees(0.12345678901234), abs=1e-4)


def test_a_header_without_a_tilt_says_nothing(tmp_path):
    assert told(altered(tmp_path, b"Stage Alpha", b"Stage Omega")) is None


def test_no_damage_breaks_the_walk(tmp_path):
    rng = random.Random(5)
    whole = min(DM, key=lambda path: path.stat().st_size).read_bytes()
    for _ in range(60):
        raw = bytearray(whole[: rng.choice([20, 2000, len(whole)])])
        for _ in range(rng.choice([0, 3, 200])):
            raw[rng.randrange(min(len(raw), 20_000))] = rng.randrange(256)
        path = tmp_path / "a.dm4"
        path.write_bytes(raw)
        assert isinstance(told(path), float | None)


def test_more_tags_than_any_file_has_are_not_walked(tmp_path):
    (tmp_path / "a.dm3").write_bytes(struct.pack(">3I2BI", 3, 100, 1, 1, 0, 2**31) + b"\x15" * 100)
    with (tmp_path / "a.dm3").open("rb") as file:
        assert of_digital_micrograph(file) is None


def test_a_long_file_of_the_simulator_is_read_like_one_of_velox(tmp_path):
    with (tmp_path / "a.emd").open("w+b") as file:
        file.write(velox(SHOT))
        file.truncate(65 << 20)
    assert told(tmp_path / "a.emd") == pytest.approx(-6.0, abs=1e-3)


def test_no_damage_breaks_the_way_through_a_velox_file(tmp_path):
    rng = random.Random(7)
    whole = emd(tmp_path / "whole.emd", [[-6.0, -6.0], [-6.0]]).read_bytes()
    for _ in range(100):
        raw = bytearray(whole[: rng.choice([50, 3000, len(whole), len(whole)])])
        for _ in range(rng.choice([1, 5, 200])):
            raw[rng.randrange(min(len(raw), 12_000))] = rng.randrange(256)
        (tmp_path / "a.emd").write_bytes(raw)
        assert isinstance(told(tmp_path / "a.emd"), float | None)


def _lying(path: Path, *, tables: int, names: bytes) -> Path:
    """Write a file whose one tree leads to the same table of names again and again."""
    header, tree, heap, text, table = 200, 300, 1 << 20, (1 << 20) + 100, 3 << 20
    count = 26_000
    with path.open("wb") as file:
        head = b"\x89HDF\r\n\x1a\n" + bytes([0, 0, 0, 0, 0, 8, 8]) + bytes(49) + struct.pack("<Q", header)
        file.write(head.ljust(header, b"\0"))
        file.write(struct.pack("<BxHxxxxIxxxx", 1, 1, 24) + struct.pack("<HH4xQQ", 17, 16, tree, heap))
        file.seek(tree)
        file.write(struct.pack("<4sBBH16x", b"TREE", 0, 0, tables) + struct.pack("<QQ", 0, table) * tables)
        file.seek(heap)
        file.write(struct.pack("<4s4xQ8xQ", b"HEAP", len(names), text))
        file.seek(text)
        file.write(names)
        file.seek(table)
        file.write(struct.pack("<4sxxH", b"SNOD", count))
        file.write(b"".join(struct.pack("<QQ24x", number, header) for number in range(count)))
    return path


@pytest.mark.parametrize("names", [b"a" * (1 << 20), bytes(1 << 20)], ids=["without an end", "of nothing"])
def test_trees_that_lead_in_circles_cost_little_time_and_memory(tmp_path, names):
    found = _lying(tmp_path / "a.emd", tables=20_000, names=names)
    tracemalloc.start()
    since = time.monotonic()
    with Counted(found) as raw, BufferedReader(raw) as file, pytest.raises(NotUnderstood):
        list(headers(file))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (raw.bytes_read < 80 << 20, peak < 64 << 20, time.monotonic() - since < 20) == (True, True, True)
