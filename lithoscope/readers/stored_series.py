"""Spectra of an HDF5 file that stay in it: each tilt is read when it is asked for."""

from pathlib import Path

from lithoscope.numerics.common.series import SeriesOfTilts
from lithoscope.readers.hdf5_opening import opened


def stored_series(path: Path, dataset: str) -> SeriesOfTilts:
    """
    Open a dataset (t, ...) of an HDF5 file without reading it.

    The file stays open as long as the series lives; it must not be moved or removed before.

    Parameters
    ----------
    path : Path
        A file that was inspected.
    dataset : str
        Its place in the file.

    Raises
    ------
    ReaderError
        As `opened`.
    """
    file = opened(path)
    stored = file[dataset]
    return SeriesOfTilts(lambda tilt: stored[tilt], shape=stored.shape, dtype=stored.dtype)
