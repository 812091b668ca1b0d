"""GOSH files: generalised oscillator strengths in the HDF5 layout of Segger, Guzzinati and Kohl."""

from pathlib import Path

import h5py
import numpy as np

from lithoscope.errors import ReaderError
from lithoscope.numerics.eels.oscillator_strength import OscillatorStrengths


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
        with h5py.File(path, "r") as file:
            edges = file["metadata/edges_info"]
            if subshell not in edges or f"{element}/{edges[subshell].attrs['table']}" not in file:
                raise ReaderError(
                    "the GOSH file does not hold this subshell of this element: choose another subshell or file",
                    code="missing-subshell",
                )
            group = file[f"{element}/{edges[subshell].attrs['table']}"]
            strengths = np.squeeze(np.asarray(group["data"][()], np.float64).T)
            momenta = np.asarray(group["q"][()], np.float64)
            free = np.asarray(group["free_energies"][()], np.float64)
            occupancy = float(edges[subshell].attrs["occupancy_ratio"])
            reference = str(file["metadata/data_ref"].attrs["data_doi"])
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise ReaderError("the file is not a GOSH table of oscillator strengths: give one of that layout") from problem
    source = f"GOSH file, {element} {subshell}, doi:{reference}"
    return OscillatorStrengths(free - free.min(), momenta, strengths, onset_eV, source, occupancy)
