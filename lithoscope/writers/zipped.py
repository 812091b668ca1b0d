"""OME-Zarr as one zip file, the same bytes for the same data."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: no member carries the time of packing
_PLAIN_FILE = 0o100644 << 16


def zip_omezarr(folder: Path, file: Path) -> None:
    """
    Pack a Zarr folder.

    Members are stored uncompressed, because their chunks already are compressed and a reader can then seek in them; the
    group's own metadata comes first, as the format asks; order, times and modes are fixed.

    Parameters
    ----------
    folder : Path
        The Zarr group.
    file : Path
        New file, by custom ``.ozx`` or ``.zarr.zip``.
    """
    with zipfile.ZipFile(file, "x", zipfile.ZIP_STORED) as archive:
        for path in _members(folder):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            member.external_attr = _PLAIN_FILE
            member.create_system = 3
            with (
                path.open("rb") as source,
                archive.open(member, "w", force_zip64=path.stat().st_size >= 1 << 31) as target,
            ):
                while block := source.read(1 << 20):
                    target.write(block)


def _members(folder: Path) -> Iterator[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    yield from (path for path in files if path.name == "zarr.json")
    yield from (path for path in files if path.name != "zarr.json")
