"""A file's own header says whether it is all there; what a format does not tell is said."""

import io
import struct
import zipfile
from pathlib import Path

import h5py
import mrcfile
import numpy as np
import pytest
import tifffile

from lithoscope.client.collector.probes import Unprobed, missing
from tests.lithoscope.readers.edax_files import ipr, spc, spd

DATA = Path(__file__).parents[3] / "data"
REAL = sorted(
    each for each in DATA.iterdir() if each.suffix in {".dm3", ".dm4", ".msa", ".hspy", ".mrc", ".bcf", ".zip"}
)


def ser(elements=2, pixels=4):
    """Return a TIA series of small images, as ES Vision writes it."""
    image = struct.pack("<ddiddi", 0.0, 1e-9, 0, 0.0, 1e-9, 0)
    image += struct.pack("<HII", 2, pixels, pixels) + bytes(2 * pixels * pixels)
    head = struct.pack("<3H4I", 0x4949, 0x0197, 0x0210, 0x4122, 0x4152, elements, elements)
    head += struct.pack("<II", 30, 0)
    first = 30 + 8 * elements
    offsets = [first + index * len(image) for index in range(elements)]
    return head + struct.pack(f"<{elements}I", *offsets) + bytes(4 * elements) + image * elements


EDAX = {".spd": np.zeros((2, 3, 1000), np.uint16), ".spc": np.zeros(4096), ".ipr": None}


def edax(path):
    if path.suffix == ".ipr":
        return ipr(path).read_bytes()
    content = (spd if path.suffix == ".spd" else spc)(path, EDAX[path.suffix]).read_bytes()
    return content[: 3840 + 4 * 4096] if path.suffix == ".spc" else content  # what follows are names


def written(kind):
    buffer = io.BytesIO()
    if kind == ".tif":
        tifffile.imwrite(buffer, np.zeros((3, 64, 64), np.uint16), photometric="minisblack")
    elif kind == ".btf":
        tifffile.imwrite(
            buffer, np.zeros((3, 64, 64), np.uint16), bigtiff=True, tile=(32, 32), photometric="minisblack"
        )
    elif kind == ".npz":
        np.savez(buffer, a=np.zeros(1000))
    elif kind == ".ser":
        buffer.write(ser())
    elif kind == ".emi":
        buffer.write(b"JP" + bytes(400) + b"<ObjectInfo>" + b" " * 400 + b"</ObjectInfo>")
    return buffer.getvalue()


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files_are_whole_and_half_of_one_is_not(path, tmp_path):
    assert missing(path) is None
    half = tmp_path / f"half{path.suffix}"
    half.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert missing(half)


@pytest.mark.parametrize("kind", [".tif", ".btf", ".npz", ".ser", ".emi", ".spd", ".spc", ".ipr"])
@pytest.mark.parametrize("share", [0.99, 0.5, 0.05])
def test_what_an_instrument_has_not_finished_is_seen(kind, share, tmp_path):
    path = tmp_path / f"a{kind}"
    content = edax(path) if kind in EDAX else written(kind)
    path.write_bytes(content)
    assert missing(path) is None
    path.write_bytes(content[: int(len(content) * share)])
    assert missing(path)


def test_an_hdf5_file_that_its_writer_still_has_open_is_not_finished(tmp_path):
    path = tmp_path / "a.emd"
    with h5py.File(path, "w", libver="latest") as file:
        file["data"] = np.zeros(100_000)
        file.flush()
        assert missing(path)
    assert missing(path) is None
    with path.open("r+b") as raw:
        raw.truncate(path.stat().st_size - 1)
    assert "bytes are there" in missing(path)


def test_a_stack_that_promises_more_than_is_there_is_not_finished(tmp_path):
    path = tmp_path / "a.mrc"
    with mrcfile.new(path) as file:
        file.set_data(np.zeros((4, 8, 8), np.float32))
    assert missing(path) is None
    path.write_bytes(path.read_bytes()[:-1])
    assert "bytes are there" in missing(path)


def test_an_archive_with_a_comment_is_whole(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"x" * 1000)
        archive.comment = b"made by an instrument"
    assert missing(path) is None


@pytest.mark.parametrize(
    "kind", [".h5", ".tif", ".dm4", ".mrc", ".ser", ".emi", ".spd", ".ipr", ".msa", ".bcf", ".zip", ".npy"]
)
@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 3000, b"\xff" * 3000], ids=["empty", "one", "zeros", "ones"])
def test_no_content_breaks_a_probe(kind, content, tmp_path):
    path = tmp_path / f"a{kind}"
    path.write_bytes(content)
    assert missing(path)


def test_a_format_nobody_knows_is_said_to_tell_nothing(tmp_path):
    path = tmp_path / "a.xyz"
    path.write_bytes(b"whatever")
    with pytest.raises(Unprobed):
        missing(path)
