"""One array from OME-Zarr to another format; run as a process: SOURCE TARGET FORMAT, attributes on standard input."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from lithoscope.errors import ScienceError

REFUSED = 3


def convert(source: Path, target: Path, format_name: str, attributes: dict[str, Any]) -> None:
    """
    Write one array in another format.

    Parameters
    ----------
    source : Path
        OME-Zarr group.
    target : Path
        New file; a writer may put a companion beside it.
    format_name : {"hdf5", "mrc", "tiff", "ome-zarr-0.4"}
        What to write.
    attributes : dict
        Plain JSON kept inside HDF5.
    """
    if format_name == "ome-zarr-0.4":
        _write_omezarr_v2(source, target)
        return
    from lithoscope.readers.omezarr import read_omezarr

    array = read_omezarr(source)
    if format_name == "hdf5":
        from lithoscope.writers.hdf5 import write_hdf5

        write_hdf5(array, target, attributes=attributes)
    elif format_name == "mrc":
        from lithoscope.writers.mrc import write_mrc

        write_mrc(array, target)
    else:
        from lithoscope.writers.tiff import write_tiff

        write_tiff(array, target)


def _write_omezarr_v2(source: Path, target: Path) -> None:
    from lithoscope.writers.omezarr_v2 import write_omezarr_v2
    from lithoscope.writers.zipped import zip_omezarr

    with tempfile.TemporaryDirectory(dir=target.parent.parent) as room:
        write_omezarr_v2(source, Path(room) / "image")
        zip_omezarr(Path(room) / "image", target)


def main() -> int:
    """Convert as the command line says; 3 and words on stdout when the array does not fit the format."""
    source, target, format_name = sys.argv[1:]
    try:
        convert(Path(source), Path(target), format_name, json.load(sys.stdin))
    except ScienceError as error:
        sys.stdout.write(str(error))
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
