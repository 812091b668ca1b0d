"""Files that attack their reader: one builder each, with the code that must answer it."""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from tests.lithoscope.readers.hostile_archives import (
    cut_zip,
    lying_zip_bomb,
    nested_zip,
    overlapping_zip,
    zip_bomb,
    zip_duplicates,
    zip_symlink,
    zip_with,
)
from tests.lithoscope.readers.vendors import small_velox

DM3 = Path(__file__).parents[3] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
MRC = Path(__file__).parents[2] / "data/genfire_vesicle.mrc"
BCF = Path(__file__).parents[2] / "data/test_TEM.bcf"
MSA = Path(__file__).parents[2] / "data/NMC_Co_edge_bgsub.msa"


@dataclass(frozen=True)
class Hostile:
    """A bad input: its row in the catalogue of bad inputs, file name, expected code and maker."""

    row: int
    label: str
    name: str
    code: str
    build: Callable[[Path], None]

    def make(self, folder: Path) -> Path:
        """Write the file into a folder."""
        path = folder / self.name
        self.build(path)
        return path


def empty(path: Path) -> None:
    path.touch()


def cut_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["a"] = np.arange(100_000)
    path.write_bytes(path.read_bytes()[:-1000])


def cut(source: Path, keep: float) -> Callable[[Path], None]:
    def build(path: Path) -> None:
        raw = source.read_bytes()
        path.write_bytes(raw[: int(len(raw) * keep)])

    return build


def cut_velox(path: Path) -> None:
    small_velox(path)
    path.write_bytes(path.read_bytes()[:-1000])


def cut_tiff(path: Path) -> None:
    import tifffile

    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.arange(64 * 64 * 4, dtype=np.uint16).reshape(4, 64, 64), photometric="minisblack")
    path.write_bytes(buffer.getvalue()[:-5000])


def cut_npy(path: Path) -> None:
    np.save(path, np.zeros((100, 100)))
    path.write_bytes(path.read_bytes()[:-100])


def hdf5_called_tiff(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["a"] = 1


def text_called_dm3(path: Path) -> None:
    path.write_text("this is no micrograph\n" * 100)


def two_to_the_40(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("a", shape=(1 << 40,), dtype="f8", chunks=(1 << 10,))


def vast_series(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("a", (1 << 16, 1 << 10, 1 << 10, 1 << 10), "u1", chunks=(1, 64, 64, 64))


def product_overflow(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("a", shape=(1 << 31, 1 << 31, 4), dtype="f8", chunks=(16, 16, 4))


def vast_attribute(path: Path) -> None:
    """An attribute of more than a header may hold; HDF5 refuses to write one of 2^40."""
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs.create("a", np.zeros((65 << 20,), np.uint8))


def gzip_bomb(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "a", shape=(64 << 20,), dtype="u1", chunks=(64 << 20,), compression="gzip", compression_opts=9
        )
        file["a"].id.write_direct_chunk((0,), _deflated(64 << 20))


def double_gzip_bomb(path: Path) -> None:
    """Deflate twice: no single pass can claim more than about 1030 to 1."""
    import zlib

    with h5py.File(path, "w") as file:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((128 << 20,))
        plan.set_deflate(9)
        plan.set_deflate(9)
        space = h5py.h5s.create_simple((128 << 20,))
        made = h5py.h5d.create(file.id, b"a", h5py.h5t.NATIVE_UINT8, space, plan)
        made.write_direct_chunk((0,), zlib.compress(_deflated(128 << 20), 9))


def _deflated(size: int) -> bytes:
    import zlib

    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def vast_chunk(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("a", shape=(512 << 20,), dtype="u1", chunks=(512 << 20,), compression="gzip")


def external_storage(path: Path) -> None:
    other = path.with_suffix(".secret")
    other.write_bytes(b"secret" * 100)
    with h5py.File(path, "w") as file:
        file.create_dataset("a", shape=(512,), dtype="u1", external=[(str(other), 0, 512)])


def external_link(path: Path) -> None:
    other = path.with_name("other.h5")
    with h5py.File(other, "w") as file:
        file["secret"] = 1
    with h5py.File(path, "w") as file:
        file["a"] = h5py.ExternalLink(str(other), "/secret")


def soft_link_through_external(path: Path) -> None:
    external_link(path)
    with h5py.File(path, "a") as file:
        file["0"] = h5py.SoftLink("/a/b")


def virtual_dataset(path: Path) -> None:
    other = path.with_name("other.h5")
    with h5py.File(other, "w") as file:
        file["secret"] = np.arange(10)
    with h5py.File(path, "w") as file:
        layout = h5py.VirtualLayout(shape=(10,), dtype="i8")
        layout[:] = h5py.VirtualSource(str(other), "secret", shape=(10,))
        file.create_virtual_dataset("a", layout)


def soft_link_loop(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["a"], file["b"] = h5py.SoftLink("/b"), h5py.SoftLink("/a")


def unknown_filter(path: Path) -> None:
    with h5py.File(path, "w") as file:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((10,))
        plan.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
        h5py.h5d.create(file.id, b"a", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((10,)), plan)


def deep_groups(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_group("/".join(["g"] * 70))


def pickled_npy(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def vast_npy(path: Path) -> None:
    with path.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)})


def a_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps({"a": 1}))


def a_torch_file(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/data/0", b"0" * 100)


def matlab_73(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        file["a"] = np.arange(5)
    raw = bytearray(path.read_bytes())
    raw[:24] = b"MATLAB 7.3 MAT-file, Pla"
    path.write_bytes(raw)


def joblib_zlib(path: Path) -> None:
    import zlib

    path.write_bytes(zlib.compress(pickle.dumps({"a": 1})))


def _tiff(tags: list[tuple[int, int, int, int]], *, next_offset: int = 0, tail: bytes = b"") -> bytes:
    body = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(tags))
    body += b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return body + struct.pack("<I", next_offset) + tail


_SMALL = [(256, 4, 1, 4), (257, 4, 1, 4), (258, 3, 1, 8), (259, 3, 1, 1), (273, 4, 1, 0), (279, 4, 1, 16)]


def vast_tiff(path: Path) -> None:
    tags = [(256, 4, 1, (1 << 31) - 1), (257, 4, 1, (1 << 31) - 1), *_SMALL[2:]]
    path.write_bytes(_tiff(tags, tail=bytes(64)))


def tiff_page_loop(path: Path) -> None:
    path.write_bytes(_tiff(_SMALL, next_offset=8, tail=bytes(64)))


def pixel_flood(path: Path) -> None:
    """Deflate claims far more pixels than its bytes can hold."""
    tags = [(256, 4, 1, 40_000), (257, 4, 1, 40_000), (258, 3, 1, 8), (259, 3, 1, 8), *_SMALL[4:], (278, 4, 1, 16)]
    path.write_bytes(_tiff(tags, tail=bytes(64)))


def vast_strip(path: Path) -> None:
    tags = [(256, 4, 1, 20_000), (257, 4, 1, 20_000), (258, 3, 1, 8), (259, 3, 1, 8), *_SMALL[4:]]
    path.write_bytes(_tiff(tags, tail=bytes(64)))


def tiff_of_unknown_compression(path: Path) -> None:
    tags = [*_SMALL[:3], (259, 3, 1, 34887), *_SMALL[4:]]
    path.write_bytes(_tiff(tags, tail=bytes(64)))


_BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><OME>&d;</OME>"""
_EXTERNAL_ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><OME>&x;</OME>'


def tiff_with_xml(xml: bytes) -> Callable[[Path], None]:
    def build(path: Path) -> None:
        import tifffile

        tifffile.imwrite(path, np.zeros((8, 8), np.uint8), description=xml, metadata=None)

    return build


def bare_xml(path: Path) -> None:
    path.write_bytes(_BILLION_LAUGHS)


def deep_dm3(path: Path) -> None:
    """Tag groups nested far deeper than any program writes."""
    group = struct.pack(">BBi", 0, 0, 1) + struct.pack(">BH", 20, 0)
    path.write_bytes(struct.pack(">iii", 3, 0, 1) + group * 5000 + struct.pack(">BBi", 0, 0, 0))


def vast_dm3(path: Path) -> None:
    """Give the last image three lengths of 2^30; each stands 12 bytes behind its value marker."""
    raw = bytearray(DM3.read_bytes())
    marker = raw.rindex(b"Dimensions")
    for _ in range(3):
        marker = raw.index(b"%%%%", marker + 1)
        raw[marker + 12 : marker + 16] = struct.pack("<I", 1 << 30)
    path.write_bytes(raw)


def vast_mrc(path: Path) -> None:
    raw = bytearray(MRC.read_bytes())
    raw[:12] = struct.pack("<3i", 1 << 19, 1 << 19, 1 << 19)
    path.write_bytes(raw)


def json_bomb_velox(path: Path) -> None:
    """Metadata nested a hundred thousand deep."""
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    with h5py.File(path, "w") as file:
        file["Version"] = [json.dumps({"format": "Velox", "version": "11"})]
        image = file.create_group("Data/Image/0")
        image["Data"] = np.zeros((4, 4, 1), np.uint16)
        image["Metadata"] = np.frombuffer(deep, np.uint8)[:, None]


CATALOGUE = (
    Hostile(1, "zero bytes", "a.dm3", "empty-file", empty),
    Hostile(2, "cut HDF5", "a.h5", "truncated-file", cut_hdf5),
    Hostile(2, "cut DM3", "a.dm3", "truncated-file", cut(DM3, 0.5)),
    Hostile(2, "DM3 cut in its header", "a.dm3", "truncated-file", cut(DM3, 1e-5)),
    Hostile(2, "cut MRC", "a.mrc", "truncated-file", cut(MRC, 0.5)),
    Hostile(2, "MRC cut in its header", "a.mrc", "truncated-file", cut(MRC, 5e-4)),
    Hostile(2, "cut Velox", "a.emd", "truncated-file", cut_velox),
    Hostile(2, "cut TIFF", "a.tif", "truncated-file", cut_tiff),
    Hostile(2, "cut npy", "a.npy", "truncated-file", cut_npy),
    Hostile(2, "cut Bruker map", "a.bcf", "truncated-file", cut(BCF, 0.5)),
    Hostile(2, "cut EMSA spectrum", "a.msa", "truncated-file", cut(MSA, 0.5)),
    Hostile(2, "cut zip", "a.zip", "truncated-file", cut_zip),
    Hostile(3, "HDF5 called TIFF", "a.tif", "type-mismatch", hdf5_called_tiff),
    Hostile(3, "text called DM3", "a.dm3", "type-mismatch", text_called_dm3),
    Hostile(5, "2^40 numbers of which none is stored", "a.h5", "too-large", two_to_the_40),
    Hostile(5, "2^46 numbers stored tilt by tilt, none of them there", "a.h5", "compression-ratio", vast_series),
    Hostile(5, "vast attribute", "a.h5", "too-large", vast_attribute),
    Hostile(5, "DM3 of 2^30 by 2^30", "a.dm3", "too-large", vast_dm3),
    Hostile(5, "MRC of 2^57 voxels", "a.mrc", "too-large", vast_mrc),
    Hostile(6, "shape whose product overflows", "a.h5", "too-large", product_overflow),
    Hostile(7, "gzip bomb", "a.h5", "compression-ratio", gzip_bomb),
    Hostile(7, "gzip bomb inside a gzip bomb", "a.h5", "compression-ratio", double_gzip_bomb),
    Hostile(8, "chunk of 512 MiB", "a.h5", "chunk-too-large", vast_chunk),
    Hostile(8, "TIFF strip of 400 MB", "a.tif", "chunk-too-large", vast_strip),
    Hostile(9, "external storage", "a.h5", "external-reference", external_storage),
    Hostile(10, "external link", "a.h5", "external-reference", external_link),
    Hostile(10, "soft link through an external link", "a.h5", "external-reference", soft_link_through_external),
    Hostile(11, "virtual dataset", "a.h5", "external-reference", virtual_dataset),
    Hostile(12, "soft-link loop", "a.h5", "link-cycle", soft_link_loop),
    Hostile(13, "groups nested 70 deep", "a.h5", "too-large", deep_groups),
    Hostile(13, "tags nested 5000 deep", "a.dm3", "too-large", deep_dm3),
    Hostile(14, "unknown filter", "a.h5", "unsupported-filter", unknown_filter),
    Hostile(14, "TIFF of unknown compression", "a.tif", "unsupported-filter", tiff_of_unknown_compression),
    Hostile(16, "npy of pickled objects", "a.npy", "pickled-content", pickled_npy),
    Hostile(17, "npy claiming 8 TiB", "a.npy", "too-large", vast_npy),
    Hostile(18, "pickle", "a.pkl", "unsupported-type", a_pickle),
    Hostile(18, "PyTorch file", "a.pt", "unsupported-type", a_torch_file),
    Hostile(18, "MATLAB 7.3 file", "a.mat", "unsupported-type", matlab_73),
    Hostile(18, "joblib file", "a.joblib", "unsupported-type", joblib_zlib),
    Hostile(19, "zip with ..", "a.zip", "unsafe-archive", zip_with("../a.mrc")),
    Hostile(19, "zip with absolute name", "a.zip", "unsafe-archive", zip_with("/a.mrc")),
    Hostile(19, "zip with drive letter", "a.zip", "unsafe-archive", zip_with("C:/a.mrc")),
    Hostile(19, "zip with backslash", "a.zip", "unsafe-archive", zip_with("..\\a.mrc")),
    Hostile(19, "zip with device name", "a.zip", "unsafe-archive", zip_with("nul.mrc")),
    Hostile(19, "zip with symlink", "a.zip", "unsafe-archive", zip_symlink),
    Hostile(19, "zip with twins", "a.zip", "unsafe-archive", zip_duplicates),
    Hostile(20, "zip bomb", "a.zip", "compression-ratio", zip_bomb),
    Hostile(20, "zip bomb that lies about its size", "a.zip", "unreadable-file", lying_zip_bomb),
    Hostile(20, "zip of overlapping members", "a.zip", "compression-ratio", overlapping_zip),
    Hostile(20, "zip in a zip", "a.zip", "unsafe-archive", nested_zip),
    Hostile(21, "TIFF of 2^31 by 2^31", "a.tif", "too-large", vast_tiff),
    Hostile(21, "TIFF page loop", "a.tif", "link-cycle", tiff_page_loop),
    Hostile(21, "TIFF pixel flood", "a.tif", "compression-ratio", pixel_flood),
    Hostile(22, "TIFF with entity bomb", "a.tif", "unsafe-xml", tiff_with_xml(_BILLION_LAUGHS)),
    Hostile(22, "TIFF with external entity", "a.tif", "unsafe-xml", tiff_with_xml(_EXTERNAL_ENTITY)),
    Hostile(22, "bare XML with entities", "a.xml", "unsafe-xml", bare_xml),
)
