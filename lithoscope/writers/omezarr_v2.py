"""
OME-Zarr 0.4 (Zarr v2) from an OME-Zarr 0.5 of ours, for desktop readers that know no Zarr v3.

Values, chunks and scales stay; shards are opened, since v2 has none. Chunks are copied slab by slab.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import zarr

VERSION = "0.4"
_LEVEL = 1


def write_omezarr_v2(source: Path, folder: Path) -> None:
    """
    Write an image again as OME-Zarr 0.4.

    Parameters
    ----------
    source : Path
        OME-Zarr 0.5 group of ours.
    folder : Path
        New folder that becomes the Zarr v2 group.
    """
    import zarr

    given = zarr.open_group(source, mode="r")
    group = zarr.create_group(folder, zarr_format=2, overwrite=False)
    stated: dict[str, Any] = given.attrs.asdict()
    ome = stated["ome"]
    multiscales = [{**each, "version": VERSION} for each in ome["multiscales"]]
    labels = {"image-label": {**ome["image-label"], "version": VERSION}} if "image-label" in ome else {}
    group.attrs.update({"multiscales": multiscales, **labels, "lithoscope": stated.get("lithoscope", {})})
    for dataset in ome["multiscales"][0]["datasets"]:
        level = given[dataset["path"]]
        _copy(level, group, dataset["path"])  # type: ignore[arg-type]  # our groups hold their levels as arrays


def _copy(level: "zarr.Array[Any]", group: "zarr.Group", name: str) -> None:
    from numcodecs import Zlib

    target = group.create_array(
        name,
        shape=level.shape,
        dtype=level.dtype,
        chunks=level.chunks,
        compressors=Zlib(level=_LEVEL),
        fill_value=0,
        chunk_key_encoding={"name": "v2", "separator": "/"},
    )
    step = level.chunks[0]
    for start in range(0, level.shape[0], step):
        target[start : start + step] = level[start : start + step]
