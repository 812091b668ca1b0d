"""TIFF images and stacks: plain, ImageJ, OME and Thermo Fisher (FEI) SEM files."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import ArrayEntry, Manifest, Source, check_array, check_total, claimed_bytes
from lithoscope.readers.plain import plain
from lithoscope.readers.tiff_directories import DESCRIPTION, Directories, Page
from lithoscope.readers.tiff_headers import Scales, fei_metadata, ome_layout, scales
from lithoscope.readers.xml_guard import check_xml

if TYPE_CHECKING:
    import tifffile

SUFFIXES = (".tif", ".tiff", ".btf")
SMALLEST_HEADER_BYTES = 8

_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_UNCOMPRESSED, _LZW = 1, 5
_DECODED = {_UNCOMPRESSED, _LZW, 8, 32946, 32773}


@dataclass(frozen=True, slots=True)
class _Pixels:
    values: NDArray[Any]
    axes: str


def recognises(head: bytes) -> bool:
    """Tell TIFF and BigTIFF by byte order and version."""
    return head.startswith(_MARKS)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return any(mark.startswith(head[:4]) for mark in _MARKS)


def inspect(source: Source) -> Manifest:
    """Walk the directories, check each page's claim, and look for entities in every XML text."""
    pages = Directories(source).pages()
    sizes = []
    for page in pages:
        sizes.append(check_array(page.entry, np.dtype(page.entry.dtype).itemsize, source.limits))
        _check_page(page, sizes[-1])
    check_total(sizes, source.limits)
    return Manifest("tiff", _runs(pages), {"pages": len(pages), "compression": pages[0].compression})


def read(source: Source) -> Reading:
    """
    Read the first image series.

    OME files are never followed to their sister files; thumbnails and other sizes than the first page's are left out.
    """
    import tifffile

    with tifffile.TiffFile(source.path, is_ome=False, is_mmstack=False) as file:
        pixels = _pixels(source, file)
        found = scales(file)
        metadata, acquired_at = fei_metadata(file.fei_metadata)
    array = _labelled(pixels, found)
    pixel_size = {"pixel_size_nm": array.spacing["x"]}
    calibration = dict(pixel_size)
    if "z" in array.axes:
        calibration["slice_spacing_nm"] = array.spacing["z"]
    return Reading(
        arrays=(array,),
        metadata={**metadata, **pixel_size},
        calibration=calibration,
        original=plain(found.original),
        acquired_at=acquired_at,
        warnings=found.warnings,
    )


def _runs(pages: list[Page]) -> tuple[ArrayEntry, ...]:
    """List neighbouring pages of one kind as one array."""
    entries: list[ArrayEntry] = []
    for _kind, run in groupby(pages, key=lambda page: (page.entry.shape, page.entry.dtype)):
        alike = [page.entry for page in run]
        if len(alike) == 1:
            entries += alike
            continue
        name = f"{alike[0].name} to {alike[-1].name.removeprefix('page ')}"
        chunks = (1, *alike[0].chunks) if alike[0].chunks else None
        stored = sum(entry.stored_bytes for entry in alike)
        entries.append(ArrayEntry(name, (len(alike), *alike[0].shape), alike[0].dtype, chunks, stored))
    return tuple(entries)


def _check_page(page: Page, size: int) -> None:
    if page.compression not in _DECODED:
        raise ReaderError(
            f"{page.entry.name} uses TIFF compression {page.compression}: save it uncompressed, LZW or Deflate",
            code="unsupported-filter",
        )
    if page.compression == _UNCOMPRESSED and page.entry.stored_bytes < size:
        raise ReaderError(f"{page.entry.name} stores fewer bytes than its size needs", code="truncated-file")
    for text in page.texts.values():
        if text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            check_xml(text.strip(b"\0 \t\r\n"))


def _pixels(source: Source, file: "tifffile.TiffFile") -> _Pixels:
    series = file.series[0]
    claimed = claimed_bytes(series.shape, series.dtype.itemsize)
    if claimed > source.limits.array_bytes:
        raise ReaderError(f"the TIFF's description claims {claimed} bytes", code="too-large")
    if series.keyframe.compression == _UNCOMPRESSED and claimed > source.size:
        raise ReaderError("the TIFF's description claims more images than the file holds", code="truncated-file")
    if series.keyframe.compression == _LZW:
        values, axes = _lzw(source.path, len(series.pages)), "ZYX"
    else:
        values, axes = series.asarray(), series.axes
    layout = ome_layout(file.pages.first.tags.get(DESCRIPTION))
    if layout is not None and values.ndim == 3 and claimed_bytes(layout[0], 1) == values.shape[0]:
        values, axes = values.reshape(*layout[0], *values.shape[1:]), layout[1] + "YX"
    return _squeezed(values, axes)


def _lzw(path: Path, count: int) -> NDArray[Any]:
    """Decode LZW with Pillow, because tifffile needs a library for it that we do not ship."""
    from PIL import Image, ImageSequence

    with Image.open(path) as image:
        pages = [np.array(page) for _, page in zip(range(count), ImageSequence.Iterator(image), strict=False)]
    if len({page.shape for page in pages}) != 1 or pages[0].ndim != 2:
        raise ReaderError("the LZW pages are coloured or of different sizes: save them as plain grey images")
    return np.stack(pages)


def _squeezed(values: NDArray[Any], axes: str) -> _Pixels:
    """Name the axes with our letters: pages, time and unnamed ones are z while z is free, samples and channels c."""
    keep = [i for i, length in enumerate(values.shape) if length > 1 or axes[i] in "YX"]
    kept = "".join(axes[i].lower() if axes[i] in "YXZ" else "c" if axes[i] in "SC" else "z" for i in keep)
    if len(set(kept)) != len(kept):
        raise ReaderError(f"the TIFF has axes {axes}, more than we can name: save one channel or time at a time")
    return _Pixels(values.reshape([values.shape[i] for i in keep]), kept)


def _labelled(pixels: _Pixels, found: Scales) -> LabelledArray:
    kind = "image" if "z" not in pixels.axes else "volume" if found.z.value is not None else "stack"
    spacing = {axis: step for axis, step in (("z", found.z), ("y", found.y), ("x", found.x)) if axis in pixels.axes}
    return LabelledArray(np.ascontiguousarray(pixels.values), pixels.axes, spacing, "counts", {}, kind)
