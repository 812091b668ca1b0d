"""
Arrays of a crate, before they are kept: each held against its record and against the bytes that are there.

What reads stored arrays takes their own metadata at its word, as it may for what was written here. Of a crate the
words are somebody else's: chunks that nobody could hold in memory, packed bytes that unpack without end, shapes beyond
what was sent, or another size than the record says, which decides whether a job is let near them.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.infra.hdf5_claims import Hdf5Refused, hdf5_claims
from app.lab.exchange.archive import parsed
from app.lab.exchange.chunks import check_file
from app.lab.exchange.layouts import MIB, Layout, layout_of
from app.lab.exchange.refusals import BadCrate

ABOUT, SPECTRA = "zarr.json", "/entry/data/data"
MOST_ABOUT_BYTES = 4 * MIB
_OF_ZARR_2 = frozenset({".zarray", ".zgroup", ".zattrs", ".zmetadata"})


def check_arrays(
    folder: Path, files: Mapping[str, str], summaries: Sequence[Mapping[str, Any]], *, where: str, crate_bytes: int
) -> None:
    """
    Refuse a folder whose arrays are not what its records say, or not what anybody should unpack.

    Parameters
    ----------
    folder : Path
        Unpacked.
    files : mapping
        Its files, as its manifest names them.
    summaries : sequence of mapping
        What the records say of its arrays.
    where : str
        Its path in the crate, for the words of a refusal.
    crate_bytes : int
        What was sent in all.
    """
    abouts = {
        name.removesuffix(f"/{ABOUT}"): _read(folder, name, where) for name in files if name.endswith(f"/{ABOUT}")
    }
    if old := [name for name in files if name.rpartition("/")[2] in _OF_ZARR_2]:
        raise BadCrate.at(f"{where}/{old[0]}", "The array is stored as Zarr 2: export the crate again.")
    layouts = {}
    for path, about in abouts.items():
        if about.get("node_type") == "array":
            layouts[path] = layout_of(about, f"{where}/{path}/{ABOUT}", crate_bytes)
        elif about.get("consolidated_metadata") is not None:
            raise BadCrate.at(f"{where}/{path}/{ABOUT}", "It speaks for the arrays below it: export the crate again.")
    for name in files:
        if (found := _array_of(name, layouts)) is not None and not name.endswith(f"/{ABOUT}"):
            check_file(folder / name, name.removeprefix(f"{found}/"), layouts[found], f"{where}/{name}")
    spectra = _spectra(folder, files, where)
    for summary in summaries:
        _check_summary(summary, abouts, layouts, where)
        if summary["kind"] == "spectra" and spectra.get(summary["path"]) != tuple(summary.get("shape") or ()):
            raise _other(f"{where}/{summary['path']}")


def _spectra(folder: Path, files: Mapping[str, str], where: str) -> dict[str, tuple[int, ...]]:
    """Return the shape of the spectra in each HDF5 file; one that leads out of itself is refused."""
    names = sorted(name for name in files if name.endswith(".h5"))
    try:
        claims = hdf5_claims([folder / name for name in names], SPECTRA)
    except Hdf5Refused as error:
        raise BadCrate.at(f"{where}/{error.path.relative_to(folder)}", f"It is refused: {error}.") from error
    return {name: claims.get(folder / name, ()) for name in names}


def _read(folder: Path, name: str, where: str) -> Mapping[str, Any]:
    path = folder / name
    if path.stat().st_size > MOST_ABOUT_BYTES:
        raise BadCrate.at(f"{where}/{name}", f"It has more than {MOST_ABOUT_BYTES // MIB} MiB: export the crate again.")
    about = parsed(path.read_bytes(), f"{where}/{name}")
    if not isinstance(about, Mapping) or about.get("zarr_format") != 3:
        raise BadCrate.at(f"{where}/{name}", "It describes no array of Zarr 3: export the crate again.")
    return about


def _array_of(name: str, layouts: Mapping[str, Layout]) -> str | None:
    """Return the array a file lies in."""
    places = (name[:place] for place, mark in enumerate(name) if mark == "/")
    return next((place for place in places if place in layouts), None)


def _check_summary(
    summary: Mapping[str, Any], abouts: Mapping[str, Mapping[str, Any]], layouts: Mapping[str, Layout], where: str
) -> None:
    path = str(summary["path"])
    if path.endswith(".ome.zarr"):
        shape = tuple(summary.get("shape") or ())
        _check_levels(path, abouts, layouts, shape=shape, data_type=str(summary.get("dtype")), where=where)
        if summary.get("has_display"):
            copy = f"{summary['name']}.display"
            _check_levels(copy, abouts, layouts, shape=shape, data_type="uint16", where=where)
    elif path.endswith(".zarr"):
        for column in summary.get("columns") or ():
            held = layouts.get(f"{path}/{column}")
            if held is None or held.shape != (summary.get("rows"),):
                raise _other(f"{where}/{path}/{column}")
    elif summary.get("axes") and summary["kind"] != "spectra":
        raise _other(f"{where}/{path}")


def _check_levels(
    path: str,
    abouts: Mapping[str, Mapping[str, Any]],
    layouts: Mapping[str, Layout],
    *,
    shape: tuple[int, ...],
    data_type: str,
    where: str,
) -> None:
    """Hold the levels of an image against its record: the first is the array itself, each further one no larger."""
    try:
        named = [str(each["path"]) for each in abouts[path]["attributes"]["ome"]["multiscales"][0]["datasets"]]
        levels = [layouts[f"{path}/{name}"] for name in named]
    except (KeyError, IndexError, TypeError):
        raise _other(f"{where}/{path}") from None
    if named != [str(number) for number in range(len(named))] or not levels:
        raise _other(f"{where}/{path}")
    if levels[0].shape != shape or {level.data_type for level in levels} != {data_type}:
        raise _other(f"{where}/{path}")
    for above, level in pairwise(levels):
        if len(level.shape) != len(shape) or any(map(int.__gt__, level.shape, above.shape)):
            raise _other(f"{where}/{path}")


def _other(entity: str) -> BadCrate:
    return BadCrate.at(entity, "The array has another shape or type than its record says: export the crate again.")
