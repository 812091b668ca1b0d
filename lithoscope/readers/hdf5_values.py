"""
Single values out of HDF5, read only after a look at their type.

A damaged type that turns text into nested sequences makes the library follow wild pointers: such values are left alone.
What text can still do to it (tests/data/endless_hdf5.emd) is why readers run in a confined process.
"""

from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ReaderError
from lithoscope.readers.limits import Limits, claimed_bytes

_PLAIN = frozenset({h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING})


def attribute(item: Any, name: str) -> Any:
    """Read an attribute of text or numbers; None if there is none or it is of another type."""
    attributes = getattr(item, "attrs", None)
    if attributes is None or name not in attributes:
        return None
    if attributes.get_id(name).get_type().get_class() not in _PLAIN:
        return None
    return attributes[name]


def attribute_text(item: Any, name: str) -> str:
    """Read an attribute as text; empty if there is none or it is no text."""
    return text(attribute(item, name))


def first_text(dataset: Any) -> str:
    """Read a dataset of one text; empty if it is anything else."""
    if not isinstance(dataset, h5py.Dataset) or dataset.shape not in ((), (1,)):
        return ""
    if dataset.id.get_type().get_class() != h5py.h5t.STRING:
        return ""
    return text(dataset[()])


def whole(dataset: Any, limits: Limits) -> NDArray[Any]:
    """
    Read an array into memory.

    Raises
    ------
    ReaderError
        ``too-large`` if only reading it tilt by tilt was allowed.
    """
    if claimed_bytes(dataset.shape, dataset.dtype.itemsize) > limits.array_bytes:
        raise ReaderError(
            f"array {dataset.name!r} is larger than the {limits.array_bytes} bytes allowed in memory: crop or split it",
            code="too-large",
        )
    return np.asarray(dataset[...])


def text(raw: Any) -> str:
    """Spell a value read from HDF5."""
    if isinstance(raw, bytes):
        return raw.decode("utf-8", "replace")
    if isinstance(raw, np.ndarray) and raw.size == 1:
        return text(raw.item())
    return "" if raw is None else str(raw)
