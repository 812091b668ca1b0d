"""The one way an HDF5 file is opened."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lithoscope.errors import ReaderError

if TYPE_CHECKING:
    import h5py


def opened(path: Path) -> "h5py.File":
    """
    Open for reading, with no plug-in folder, no folder of linked files and no lock.

    Raises
    ------
    ReaderError
        ``truncated-file`` or ``unreadable-file``.
    """
    for name in ("HDF5_PLUGIN_PATH", "HDF5_EXT_PREFIX"):
        os.environ.pop(name, None)
    import h5py

    for _ in range(h5py.h5pl.size()):
        h5py.h5pl.remove(0)
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        if "truncated" in str(error) or "eof" in str(error):
            raise ReaderError("the HDF5 file is shorter than it says: copy it again", code="truncated-file") from error
        raise ReaderError("the HDF5 file cannot be opened: it is damaged or was not closed") from error
