"""Bruker spectrum images: real ones agree with RosettaSciIO count by count; no damaged one leads outside itself."""

import contextlib
import struct
from pathlib import Path

import numpy as np
import pytest
from rsciio.bruker import file_reader

from lithoscope.errors import ReaderError
from lithoscope.readers import Limits, inspect, read
from tests.lithoscope.readers.bcf import HEADER, compressed, pixel, stream, write_bcf

REAL = Path(__file__).parents[2] / "data/test_TEM.bcf"
EMPTY = b"\0\x08"


def small(path: Path, spectra: bytes, header: str = HEADER) -> Path:
    streams = {"HeaderData": compressed(header.encode()), "SpectrumData0": compressed(spectra)}
    return write_bcf(path, streams)


def refused(path: Path, **limits: int) -> ReaderError:
    with pytest.raises(ReaderError) as refusal:
        read(path, limits=Limits(**limits))
    return refusal.value


def test_a_real_map_of_few_counts_is_counted_as_rosettasciio_counts_it():
    reading, theirs = read(REAL), file_reader(str(REAL))
    spectra, image = reading.arrays
    assert np.array_equal(spectra.values, theirs[-1]["data"])
    assert np.array_equal(image.values, theirs[0]["data"])
    assert (spectra.values.sum(), spectra.axes, image.name) == (26005, "yxe", "HAADF")
    assert inspect(REAL).format == "bruker"


def test_its_energies_step_and_conditions_come_in_our_units():
    reading = read(REAL)
    spectra = reading.arrays[0]
    assert spectra.coordinates["e"][[0, 1]] == pytest.approx([-475.44754, -465.44654])
    assert (spectra.spacing["x"].value, spectra.spacing["x"].unit) == (pytest.approx(0.7710, abs=1e-4), "nm")
    assert reading.metadata["beam_energy_kV"].value == 200
    assert reading.metadata["beam_current_nA"].source == "unknown"
    assert reading.metadata["dwell_s"].value == pytest.approx(1e-4)
    assert reading.acquired_at == "2016-08-09T14:48:10"


def test_every_way_of_packing_a_pixel_is_unpacked(tmp_path):
    wide = struct.pack("<BBI2H", 4, 2, 1000, 1, 2) + struct.pack("<BBQ1I", 8, 1, 5, 70_000)
    instructed = bytes([0, 1, 1, 3, 10, 0x21, 0x03]) + struct.pack("<BBHB", 2, 1, 4, 7) + wide
    rows = [
        [pixel(0, 0, struct.pack("<4H", 1, 1, 6, 4095)), pixel(1, 2, instructed, pulses=1, added=b"\x07\0")],
    ]
    array = read(small(tmp_path / "a.bcf", stream(rows, 2))).arrays[0]
    assert array.values.dtype == np.uint32
    assert array.values[0].tolist() == [[0, 2, 0, 0, 0, 0, 1, 0], [0, 11, 12, 13, 11, 1001, 1002, 70_006]]
    assert array.coordinates["e"][:2] == pytest.approx([-100, -90])


@pytest.mark.parametrize(
    ("spectra", "code"),
    [
        (stream([[pixel(2, 0, b"\1\0")]], 2), "unreadable-file"),
        (stream([[pixel(2**32 - 1, 0, b"\1\0")]], 2), "unreadable-file"),
        (stream([[pixel(0, 2, bytes([3, 1, 0, 0, 0, 0, 0]), added=b"")]], 2), "unreadable-file"),
        (stream([[], []], 2), "unreadable-file"),
        (stream([[pixel(0, 0, b"\1\0")]], 2)[:-1], "truncated-file"),
        (
            stream([[pixel(0, 0, b"\1\0") * 1]], 2).replace(struct.pack("<i", 1), struct.pack("<i", 9), 1),
            "unreadable-file",
        ),
        (stream([[pixel(0, 1, b"\1\0\1\0", pulses=900)]], 2), "truncated-file"),
        (stream([[pixel(0, 2, EMPTY, pulses=900, added=b"\1\0")]], 2), "truncated-file"),
        (stream([[pixel(0, 2, bytes([1, 255, 0]), added=b"")]], 2), "truncated-file"),
        (b"", "unreadable-file"),
    ],
)
def test_spectra_that_lead_outside_themselves_are_refused(tmp_path, spectra, code):
    assert refused(small(tmp_path / "a.bcf", spectra)).code == code


def test_a_stream_that_unpacks_without_bound_is_refused(tmp_path):
    bomb = {"HeaderData": compressed(HEADER.encode()), "SpectrumData0": compressed(bytes(64 << 20), block=1 << 24)}
    assert refused(write_bcf(tmp_path / "a.bcf", bomb), ratio=100).code == "compression-ratio"


def test_a_map_larger_than_allowed_is_refused_before_it_is_counted(tmp_path):
    vast = HEADER.replace("<Width>2", "<Width>2000000").replace("<Height>1", "<Height>1000000")
    with pytest.raises(ReaderError) as refusal:
        inspect(small(tmp_path / "a.bcf", stream([[]], 2), vast))
    assert refusal.value.code == "too-large"


def test_entities_in_the_header_are_refused(tmp_path):
    evil = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><TRTBase>&b;</TRTBase>'
    assert refused(small(tmp_path / "a.bcf", stream([[]], 2), evil)).code == "unsafe-xml"


def test_a_header_that_says_too_little_is_refused(tmp_path):
    for gone in ("<ChannelCount>8</ChannelCount>", "<Width>2</Width>", "<ItemSize>2</ItemSize>"):
        assert refused(small(tmp_path / "a.bcf", stream([[]], 2), HEADER.replace(gone, ""))).code == "unreadable-file"
    only = {"HeaderData": compressed(HEADER.encode())}
    assert "no spectrum image" in str(refused(write_bcf(tmp_path / "b.bcf", only)))


@pytest.mark.parametrize("kept", [4, 100, 0x148, 5000, 100_000, 300_000])
def test_a_cut_file_is_refused(tmp_path, kept):
    file = tmp_path / "a.bcf"
    file.write_bytes(REAL.read_bytes()[:kept])
    assert refused(file).code in ("truncated-file", "unreadable-file")


def test_flipped_bytes_end_in_a_reading_or_a_refusal(tmp_path):
    raw, rng, file = REAL.read_bytes(), np.random.default_rng(0), tmp_path / "a.bcf"
    for _ in range(60):
        flipped = bytearray(raw)
        for place in rng.integers(8, len(raw), 3):
            flipped[place] ^= int(rng.integers(1, 256))
        flipped[int(rng.integers(0x124, 0x150))] ^= int(rng.integers(0, 2)) * 255
        file.write_bytes(flipped)
        with contextlib.suppress(ReaderError):
            read(file, limits=Limits(array_bytes=1 << 28))
