"""Arrays of the service as xarray: chunks are fetched when they are touched, with the caller's own rights."""

from typing import TYPE_CHECKING, Any

from lithoscope.client.problems import ClientError

if TYPE_CHECKING:
    import xarray

    from lithoscope.client.connection import Connection

#: Of axes along which places are no lengths.
AXIS_UNITS = {"t": "deg", "e": "eV"}
_MISSING = "arrays need xarray, zarr and dask: pip install 'lithoscope[arrays]'"


def open_xarray(connection: "Connection", path: str, *, name: str, unit: str, level: int = 0) -> "xarray.DataArray":
    """
    Open an OME-Zarr 0.5 image of the service lazily.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address of the group, below ``/api/v1``.
    name, unit : str
        Name and unit of the values.
    level : int
        0 is full resolution, each further one half of it.

    Returns
    -------
    array : xarray.DataArray
        Dimensions by name; coordinates of spatial axes in nm.
    """
    try:
        import dask.array
        import xarray
        import zarr

        from lithoscope.client.chunk_store import ChunkStore
        from lithoscope.client.chunked import lazily
    except ImportError:
        raise ClientError(_MISSING) from None
    group = zarr.open_group(ChunkStore(connection, path), mode="r", zarr_format=3)
    image: Any = group.attrs["ome"]["multiscales"][0]  # type: ignore[index,call-overload]
    levels = image["datasets"]
    if not 0 <= level < len(levels):
        raise ClientError(f"{name} has levels 0 to {len(levels) - 1}: choose one of them")
    stored: Any = group[levels[level]["path"]]
    dims = [axis["name"] for axis in image["axes"]]
    read = lazily(connection, f"{path}/{levels[level]['path']}", stored)
    values = dask.array.from_array(read, chunks=stored.chunks, name=False, fancy=False)  # type: ignore[no-untyped-call]
    array = xarray.DataArray(values, dims=dims, name=name, attrs={"units": unit})
    steps = _transforms(levels[level]["coordinateTransformations"], len(dims))
    for dim, axis, (step, start) in zip(dims, image["axes"], steps, strict=True):
        if axis.get("type") == "space":
            array = array.assign_coords({dim: (dim, [start + step * i for i in range(array.sizes[dim])])})
            array[dim].attrs["units"] = {"nanometer": "nm"}.get(axis.get("unit", ""), axis.get("unit", "px"))
    return array


def _transforms(transforms: list[dict[str, Any]], count: int) -> list[tuple[float, float]]:
    steps, starts = [1.0] * count, [0.0] * count
    for transform in transforms:
        if transform["type"] == "scale":
            steps = transform["scale"]
        elif transform["type"] == "translation":
            starts = transform["translation"]
    return list(zip(steps, starts, strict=True))
