"""The walk through an HDF5 file that follows nothing before knowing what it is."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from lithoscope.errors import ReaderError
from lithoscope.readers.hdf5_filters import OF_DETECTORS, check_detector_filter
from lithoscope.readers.limits import ArrayEntry, Limits, check_array, check_total, claimed_bytes, is_by_tilt

#: deflate, shuffle, fletcher32, szip, nbit, scale-offset, and lzf, which h5py brings along
_FILTERS = frozenset({1, 2, 3, 4, 5, 6, 32000})

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}\.h5")


@dataclass(frozen=True, slots=True)
class _Place:
    group: Any
    path: str
    depth: int


class Walk:
    """
    Visits each object once.

    Parameters
    ----------
    file : h5py.File
        Open for reading.
    limits : Limits
        What the file may claim.
    beside : collection of str
        Names of files in its folder that links may lead to, because they were judged and hold no link themselves.
    """

    def __init__(self, file: h5py.File, limits: Limits, *, beside: Collection[str] = ()) -> None:
        self._file = file
        self._beside = beside
        self._limits = limits
        self._seen: set[Any] = set()
        self._soft: list[tuple[Any, bytes]] = []
        self._objects = 0

    def entries(self) -> tuple[ArrayEntry, ...]:
        """
        List the datasets.

        Hard links first: they reach every object, so that no soft link is resolved through a link not yet judged.

        Raises
        ------
        ReaderError
            ``external-reference``, ``link-cycle``, ``unsupported-filter``, ``too-large``, ``chunk-too-large`` or
            ``compression-ratio``.
        """
        found: list[ArrayEntry] = []
        sizes: list[int] = []
        by_tilt: list[int] = []
        for path, dataset in self._datasets():
            entry = self._judged(path, dataset)
            if entry is not None:
                found.append(entry)
                size = check_array(entry, dataset.get_type().get_size(), self._limits)
                (by_tilt if is_by_tilt(entry) else sizes).append(size)
        check_total(sizes, self._limits, by_tilt=by_tilt)
        for group, name in self._soft:
            _resolve(group, name)
        return tuple(found)

    def _datasets(self) -> Iterator[tuple[str, Any]]:
        root = h5py.h5o.open(self._file.id, b"/")
        self._is_new(root)
        self._check_attributes(root)
        places = [_Place(root, "", 0)]
        while places:
            place = places.pop()
            for name in list(place.group):
                target = self._followed(place, name)
                if target is None:
                    continue
                path = f"{place.path}/{name.decode('utf-8', 'replace')}"
                if isinstance(target, h5py.h5g.GroupID):
                    places.append(_Place(target, path, place.depth + 1))
                elif isinstance(target, h5py.h5d.DatasetID):
                    yield path, target

    def _followed(self, place: _Place, name: bytes) -> Any:
        """Open what a hard link names, None if it is a soft link or already seen."""
        self._count(1)
        kind = place.group.links.get_info(name).type
        if kind == h5py.h5l.TYPE_SOFT:
            self._soft.append((place.group, name))
            return None
        if kind == h5py.h5l.TYPE_EXTERNAL and self._beside:
            self._check_beside(*place.group.links.get_val(name))
            return None
        if kind != h5py.h5l.TYPE_HARD:
            raise _external("a link to another file")
        if place.depth >= self._limits.depth:
            raise ReaderError(f"groups are nested deeper than {self._limits.depth}", code="too-large")
        target = h5py.h5o.open(place.group, name)
        if not self._is_new(target):
            return None
        self._check_attributes(target)
        return target

    def _check_beside(self, file: bytes, _path: bytes) -> None:
        name = file.decode("utf-8", "replace")
        if name not in self._beside:
            is_plain = _PLAIN_NAME.fullmatch(name) is not None
            raise _external(f"a link to {name if is_plain else 'another file'}, which was not sent with it")

    def _is_new(self, target: Any) -> bool:
        info = h5py.h5o.get_info(target)
        key = (info.fileno, info.addr)
        known = key in self._seen
        self._seen.add(key)
        return not known

    def _count(self, objects: int) -> None:
        self._objects += objects
        if self._objects > self._limits.objects:
            raise ReaderError(f"the file holds more than {self._limits.objects} objects", code="too-large")

    def _check_attributes(self, target: Any) -> None:
        count = h5py.h5a.get_num_attrs(target)
        self._count(count)
        for index in range(count):
            attribute = h5py.h5a.open(target, index=index)
            size = claimed_bytes(attribute.shape or (), attribute.get_type().get_size())
            if size > self._limits.text_bytes:
                raise ReaderError(f"an attribute claims {size} bytes", code="too-large")

    def _judged(self, path: str, dataset: Any) -> ArrayEntry | None:
        layout = dataset.get_create_plist()
        if layout.get_layout() == h5py.h5d.VIRTUAL:
            raise _external("a virtual dataset")
        if layout.get_external_count() > 0:
            raise _external("a dataset stored in another file")
        numbers = [layout.get_filter(index)[0] for index in range(layout.get_nfilters())]
        if OF_DETECTORS.intersection(numbers):
            check_detector_filter(self._file, path, dataset)
        else:
            for number in numbers:
                _check_filter(path, number)
        if dataset.get_space().get_simple_extent_type() != h5py.h5s.SIMPLE:
            return None
        chunks = layout.get_chunk() if layout.get_layout() == h5py.h5d.CHUNKED else None
        return ArrayEntry(path, dataset.shape, _dtype(dataset), chunks, dataset.get_storage_size())


def _dtype(dataset: Any) -> str:
    try:
        return str(np.dtype(dataset.dtype).str)
    except TypeError:  # a type numpy cannot name is listed and never read
        return "other"


def _check_filter(path: str, number: int) -> None:
    if number not in _FILTERS or not h5py.h5z.filter_avail(number):
        raise ReaderError(
            f"dataset {path!r} is compressed by filter {number}: rewrite it with gzip", code="unsupported-filter"
        )


def _external(what: str) -> ReaderError:
    return ReaderError(
        f"the file contains {what}: data must be inside the file, so copy it with its references resolved (h5repack)",
        code="external-reference",
    )


def _resolve(group: Any, name: bytes) -> None:
    """Follow a soft link to its end; one that leads nowhere is harmless, one that leads round in circles is not."""
    try:
        h5py.h5o.open(group, name)
    except (KeyError, OSError, RuntimeError, ValueError) as error:
        if "too many" in str(error).lower():
            raise ReaderError("soft links of the file lead in a circle", code="link-cycle") from error
