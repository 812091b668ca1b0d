"""An Eiger's master with the files of its frames, packed as the detector does: one stack, and no link leads out."""

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import Limits, inspect, read
from tests.lithoscope.readers.test_detector_frames import eiger

FRAMES = np.random.default_rng(7).poisson(3, (5, 16, 20)).astype("<u4")
PACKED = hdf5plugin.Bitshuffle(cname="lz4")


def frames(path: Path, values: np.ndarray, packing: Mapping[str, Any] = PACKED) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("entry/data/data", data=values, chunks=(1, *values.shape[1:]), **packing)
    return path


def master(folder: Path, *links: str, name: str = "scan_master.h5") -> Path:
    with h5py.File(eiger(folder / name), "a") as file:
        del file["entry/data"]
        for number, link in enumerate(links, 1):
            file[f"entry/data/data_{number:06}"] = h5py.ExternalLink(link, "/entry/data/data")
    return folder / name


def packed(*files: Path) -> Path:
    archive = files[0].parent / "scan.zip"
    with zipfile.ZipFile(archive, "w") as sink:
        for path in files:
            sink.write(path, path.name)
    return archive


def scan(folder: Path, packing: Mapping[str, Any] = PACKED) -> Path:
    names = ("scan_data_000001.h5", "scan_data_000002.h5")
    parts = [frames(folder / name, part, packing) for name, part in zip(names, (FRAMES[:3], FRAMES[3:]), strict=True)]
    return packed(master(folder, *names), *parts)


def refused(path: Path, limits: Limits | None = None) -> ReaderError:
    for act in (inspect, read):
        with pytest.raises(ReaderError) as refusal:
            act(path, limits=limits)
    return refusal.value


@pytest.mark.parametrize(
    "packing", [PACKED, hdf5plugin.LZ4(), hdf5plugin.Bitshuffle(cname="none"), {}, {"compression": "gzip"}]
)
def test_a_master_and_its_frames_are_one_stack_however_they_are_packed(tmp_path: Path, packing: Mapping[str, Any]):
    reading = read(scan(tmp_path, packing))
    assert (reading.format, reading.arrays[0].axes, reading.warnings) == ("hdf5", "zyx", ())
    assert np.array_equal(reading.arrays[0].values, FRAMES)
    assert reading.metadata["photon_energy_keV"].value == 8


def test_packed_frames_inside_one_file_are_read_too(tmp_path: Path):
    with h5py.File(master(tmp_path), "a") as file:
        file.create_dataset("entry/data/data_000001", data=FRAMES, chunks=(1, 16, 20), **PACKED)
    assert np.array_equal(read(tmp_path / "scan_master.h5").arrays[0].values, FRAMES)


def test_a_file_that_the_master_names_and_nobody_sent_is_named(tmp_path: Path):
    part = frames(tmp_path / "scan_data_000001.h5", FRAMES)
    refusal = refused(packed(master(tmp_path, part.name, "scan_data_000002.h5"), part))
    assert (refusal.code, "scan_data_000002.h5" in str(refusal)) == ("external-reference", True)


@pytest.mark.parametrize("link", ["/etc/passwd", "../scan_data_000001.h5", "scan_master.h5"])
def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path, link: str):
    part = frames(tmp_path / "scan_data_000001.h5", FRAMES)
    assert refused(packed(master(tmp_path, link), part)).code == "external-reference"


def test_a_file_of_frames_may_link_to_nothing(tmp_path: Path):
    part = frames(tmp_path / "scan_data_000001.h5", FRAMES)
    with h5py.File(part, "a") as file:
        file["more"] = h5py.ExternalLink("scan_master.h5", "/entry")
    refusal = refused(packed(master(tmp_path, part.name), part))
    assert (refusal.code, part.name in str(refusal)) == ("external-reference", True)


def test_frames_that_the_master_does_not_name_are_told(tmp_path: Path):
    parts = [frames(tmp_path / f"scan_data_00000{number}.h5", FRAMES) for number in (1, 2)]
    warnings = read(packed(master(tmp_path, parts[0].name), *parts)).warnings
    assert warnings == ("The master does not name scan_data_000002.h5, so that its frames are left out.",)


def test_all_files_together_must_be_as_small_as_one(tmp_path: Path):
    assert refused(scan(tmp_path), Limits(total_bytes=5000)).code == "too-large"


@pytest.mark.parametrize("packing", [PACKED, hdf5plugin.LZ4()])
@pytest.mark.parametrize("claim", [2**60, 16 * 20 * 4 - 1])
def test_a_chunk_that_claims_another_length_is_refused_before_it_is_unpacked(
    tmp_path: Path, packing: Mapping[str, Any], claim: int
):
    path = frames(tmp_path / "a.h5", FRAMES, packing)
    with h5py.File(path) as file:
        offset = file["entry/data/data"].id.get_chunk_info(2).byte_offset
    raw = bytearray(path.read_bytes())
    struct.pack_into(">Q", raw, offset, claim)
    path.write_bytes(raw)
    assert refused(path).code == "unreadable-file"


def test_other_filters_stay_refused_where_these_are_read(tmp_path: Path):
    frames(tmp_path / "packed.h5", FRAMES)
    frames(tmp_path / "zstd.h5", FRAMES, hdf5plugin.Zstd())
    with h5py.File(tmp_path / "both.h5", "w") as file:
        file.create_dataset("a", data=FRAMES, chunks=(1, 16, 20), shuffle=True, **PACKED)
    inspect(tmp_path / "packed.h5")
    assert {refused(tmp_path / name).code for name in ("zstd.h5", "both.h5")} == {"unsupported-filter"}


LONG = struct.pack(">QI", 2**33, 2**20) + bytes(16 * 20 * 4 - 12)


@pytest.mark.parametrize(
    ("number", "settings", "mask", "raw"),
    [
        (32004, (), 2, LONG),
        (32008, (0, 2), 2, LONG),
        (32008, (0, 1), 0, struct.pack(">Q", 16 * 20 * 4)),
        (32008, (0,), 0, struct.pack(">Q", 16 * 20 * 4)),
    ],
    ids=["mask of LZ4", "mask of bitshuffle", "packing unknown", "no packing"],
)
def test_a_chunk_whose_filter_is_said_to_be_another_is_refused(
    tmp_path: Path, number: int, settings: tuple[int, ...], mask: int, raw: bytes
):
    assert refused(_with_chunk(tmp_path, number, settings, mask=mask, raw=raw)).code == "unreadable-file"


def test_numbers_that_were_shuffled_and_not_packed_are_read_without_a_setting_that_says_so(tmp_path: Path):
    reading = read(_with_chunk(tmp_path, 32008, (0,), mask=0, raw=bytes(16 * 20 * 4)))
    assert not reading.arrays[0].values.any()


def _with_chunk(folder: Path, number: int, settings: tuple[int, ...], *, mask: int, raw: bytes) -> Path:
    with h5py.File(folder / "a.h5", "w") as file:
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_chunk((16, 20))
        layout.set_filter(number, 0, settings)
        space = h5py.h5s.create_simple((16, 20))
        h5py.h5d.create(file.id, b"a", h5py.h5t.STD_U32LE, space, layout).write_direct_chunk((0, 0), raw, mask)
    return folder / "a.h5"
