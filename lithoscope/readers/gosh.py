"""GOSH files: generalised oscillator strengths in the HDF5 layout of Segger, Guzzinati and Kohl."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.numerics.eels.oscillator_strength import OscillatorStrengths
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5_opening import opened
from lithoscope.readers.hdf5_values import attribute, attribute_text, whole
from lithoscope.readers.header_units import number
from lithoscope.readers.limits import Limits
from lithoscope.readers.plain import plain

if TYPE_CHECKING:
    import h5py

PER_NM = 1e-9
#: Momenta between these are in 1/m, the unit of the layout; others are not [1/m].
PLAUSIBLE_PER_M = (1e5, 1e15)
_EDGES, _SOURCE = "metadata/edges_info", "metadata/data_ref"


def recognises(file: "h5py.File") -> bool:
    """Tell the layout by its list of subshells."""
    return _EDGES in file and _SOURCE in file


def read(file: "h5py.File", limits: Limits, *, name: str) -> Reading:
    """
    Read an open file that the walk has passed: one array a subshell, momentum by loss.

    An array is called ``Mn L3``. Its strengths [1/eV] are those of this subshell alone, its coordinates the momentum
    transfer along c [1/nm] and the loss above the edge along e [eV].

    Raises
    ------
    ReaderError
        ``unreadable-file`` if a table is not of this layout or the file holds none.
    """
    reference = _reference(file)
    arrays = tuple(_array(table, limits, source=f"{name}, {reference}") for table in _tables(file))
    if not arrays:
        raise ReaderError("the file lists subshells and holds a table of none: give a complete GOSH file")
    original = plain({"data_ref": {key: attribute_text(file[_SOURCE], key) for key in file[_SOURCE].attrs}})
    return Reading(arrays=arrays, original=original)


def read_gosh(path: Path, *, element: str, subshell: str, onset_eV: float) -> OscillatorStrengths:
    """
    Read one subshell from a local file; nothing is fetched from anywhere.

    Parameters
    ----------
    path : Path
        The file.
    element, subshell : str
        Such as ``Mn`` and ``L3``.
    onset_eV : float
        Edge that the tabulated free energies are counted from [eV].

    Raises
    ------
    ReaderError
        ``unreadable-file`` if it is not of this layout, ``missing-subshell`` if it does not hold the subshell.

    References
    ----------
    Segger, Guzzinati and Kohl, Zenodo (2023), doi:10.5281/zenodo.7645765.
    """
    try:
        with opened(path) as file:
            if not recognises(file):
                raise ReaderError("the file is not a GOSH table of oscillator strengths: give one of that layout")
            for table in _tables(file):
                if table[:2] == (element, subshell):
                    found = _array(table, Limits(), source=f"GOSH file, {_reference(file)}")
                    return OscillatorStrengths.of(found, onset_eV=onset_eV)
    except OSError as problem:
        raise ReaderError("the file is not a GOSH table of oscillator strengths: give one of that layout") from problem
    raise ReaderError(
        "the GOSH file does not hold this subshell of this element: choose another subshell or file",
        code="missing-subshell",
    )


_Found = tuple[str, str, Any, float]


def _tables(file: "h5py.File") -> Iterator[_Found]:
    """Give element, subshell, group and the part of the table's electrons that the subshell holds."""
    edges = file[_EDGES]
    for element in file:
        for subshell in edges:
            table = attribute_text(edges[subshell], "table")
            if element == "metadata" or not table or f"{element}/{table}" not in file:
                continue
            share = number(attribute(edges[subshell], "occupancy_ratio"))
            if share is None or not 0 < share <= 1:
                raise ReaderError(f"the GOSH file gives no share of electrons for {subshell}: take a complete one")
            yield element, subshell, file[f"{element}/{table}"], share


def _array(table: _Found, limits: Limits, *, source: str) -> LabelledArray:
    element, subshell, group, share = table
    data, momenta, losses = (_numbers(group, key, limits) for key in ("data", "q", "free_energies"))
    strengths = np.squeeze(data)
    if momenta.ndim != 1 or losses.ndim != 1 or strengths.shape != (momenta.size, losses.size):
        raise ReaderError(f"the table of {element} {subshell} has no strength for each momentum and loss: repair it")
    if not PLAUSIBLE_PER_M[0] < np.median(momenta) < PLAUSIBLE_PER_M[1]:
        raise ReaderError(f"the momenta of {element} {subshell} are not in 1/m: give a file of the GOSH layout")
    return LabelledArray(
        share * strengths,
        "ce",
        unit="eV^-1",
        coordinates={"c": momenta * PER_NM, "e": losses - losses.min()},
        kind="spectra",
        name=f"{element} {subshell}",
        source=source,
    )


def _numbers(group: Any, key: str, limits: Limits) -> NDArray[np.float64]:
    stored: Any = group.get(key) if hasattr(group, "get") else None
    if stored is None or getattr(getattr(stored, "dtype", None), "kind", "") not in ("i", "u", "f") or not stored.size:
        raise ReaderError(f"the GOSH file lacks numbers {key!r} of a table: give one of that layout")
    return np.asarray(whole(stored, limits), np.float64)


def _reference(file: "h5py.File") -> str:
    doi = attribute_text(file[_SOURCE], "data_doi")
    return f"doi:{doi}" if doi else "without a reference of its own"
