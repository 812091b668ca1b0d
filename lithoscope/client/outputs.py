"""One array, table, number, figure or film of a dataset or result, as a notebook uses it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lithoscope.client.connection import Connection
from lithoscope.client.facts import Provenance
from lithoscope.client.problems import ClientError
from lithoscope.client.saving import fresh, save
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import dask.array
    import xarray

NOT_ZARR = frozenset({"scalar", "table", "spectra", "exposure", "figure", "film"})
PICTURES = frozenset({"png", "svg", "gif"})


class Array:
    """
    One array, table or number of a dataset or result.

    Parameters
    ----------
    connection : Connection
        To the service.
    owner : str
        Address of the dataset or result.
    folder : {"arrays", "outputs"}
        Where the owner keeps it.
    summary : dict
        Name, kind, axes, shape, unit, spacing, statistics.
    """

    def __init__(self, connection: Connection, owner: str, folder: str, summary: dict[str, Any]) -> None:
        self._connection = connection
        self._owner = owner
        self._folder = folder
        self.summary = summary

    @property
    def name(self) -> str:
        """Return the name within its owner."""
        return str(self.summary["name"])

    @property
    def reference(self) -> str:
        """Return the words that name it as a job's input."""
        return f"{self._owner.rpartition('/')[2]}/{self.name}"

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape; empty for tables and numbers."""
        return tuple(self.summary.get("shape") or ())

    @property
    def spacing(self) -> dict[str, Quantity]:
        """Return the step of each calibrated axis."""
        return {axis: Quantity.from_json(record) for axis, record in (self.summary.get("spacing") or {}).items()}

    @property
    def quantity(self) -> Quantity:
        """Return a scalar with unit, uncertainty and source."""
        if self.summary.get("quantity") is None:
            raise ClientError(f"{self.name} is not a number but of kind {self.summary.get('kind')}")
        return Quantity.from_json(self.summary["quantity"])

    def to_xarray(self, level: int = 0) -> "xarray.DataArray":
        """Open it lazily: dimensions by name, spatial coordinates in nm; ``level`` 1, 2 ... are coarser."""
        if self.summary.get("kind") in NOT_ZARR:
            raise ClientError(f"{self.name} is of kind {self.summary.get('kind')}: use .quantity or .table()")
        from lithoscope.client.arrays import open_xarray

        path = f"{self._owner}/{self._folder}/{self.name}/zarr"
        unit = str(self.summary.get("unit") or "1")
        array = open_xarray(self._connection, path, name=self.name, unit=unit, level=level)
        own = self.summary.get("coordinates") or {}  # such as the tilt of each projection
        return array.assign_coords({dim: own[dim] for dim in array.dims if len(own.get(dim, ())) == array.sizes[dim]})

    def to_dask(self, level: int = 0) -> "dask.array.Array":
        """Return its values as a dask array, whose chunks are fetched when they are computed."""
        values: dask.array.Array = self.to_xarray(level).data
        return values

    def to_hyperspy(self, level: int = 0, *, quantities: Mapping[str, Quantity] | None = None) -> Any:
        """
        Return it as a lazy HyperSpy signal: axes with name, scale, offset and unit, the signal's axes last.

        Parameters
        ----------
        level : int
            0 is full resolution.
        quantities : mapping of str to Quantity, optional
            Of the acquisition; those HyperSpy has a place for go to its metadata, unknown ones are left out.
        """
        try:
            import hyperspy.api as hs
        except ImportError:
            raise ClientError("signals need HyperSpy: pip install 'lithoscope[hyperspy]'") from None
        from lithoscope.client.hyperspy_terms import axes_of, metadata_of, signal_axes

        array = self.to_xarray(level)
        letters = "".join(map(str, array.dims))
        signal = signal_axes(letters)
        letters = "".join(dim for dim in letters if dim not in signal) + signal
        array = array.transpose(*letters)
        places = {dim: array[dim].values.tolist() for dim in letters if dim in array.coords}
        units = {dim: str(array[dim].attrs["units"]) for dim in places if "units" in array[dim].attrs}
        axes = axes_of(letters, array.shape, places, units, signal=signal)
        kind = hs.signals.Signal1D if len(signal) == 1 else hs.signals.Signal2D
        return kind(array.data, axes=axes, metadata=metadata_of(self.name, quantities or {})).as_lazy()

    def to_napari(self, level: int = 0) -> tuple[Any, dict[str, Any], str]:
        """Return napari's layer triple: data, keywords with scale, units and contrast limits, kind."""
        array = self.to_xarray(level)
        scale = [
            float(array[dim][1] - array[dim][0]) if dim in array.coords and array.sizes[dim] > 1 else 1.0
            for dim in array.dims
        ]
        units = [array[dim].attrs["units"] if dim in array.coords else "pixel" for dim in array.dims]
        keywords: dict[str, Any] = {"name": self.name, "scale": scale, "units": units}
        if self.summary.get("kind") == "labels":
            return array.data, keywords, "labels"
        if statistics := self.summary.get("statistics"):
            keywords["contrast_limits"] = (statistics["min"], statistics["max"])
        return array.data, keywords, "image"

    def table(self) -> dict[str, list[Any]]:
        """Return a table's columns by name, units in the names."""
        if self.summary.get("kind") != "table":
            raise ClientError(f"{self.name} is not a table but of kind {self.summary.get('kind')}")
        return dict(self._connection.get(f"{self._owner}/{self._folder}/{self.name}/table")["columns"])

    def save(self, target: Path | str, format: str | None = None) -> Path:  # noqa: A002 - the API's word
        """
        Save it under a new name; outputs of results only.

        Parameters
        ----------
        target : path
            A new file.
        format : str, optional
            One of its ``formats``; the ending of `target` says it where it is left out (``.png``, ``.svg``, ``.gif``).
        """
        if self._folder != "outputs":
            raise ClientError(f"{self.name} is part of a dataset: save the dataset, which is the file as it came")
        offered = list(self.summary.get("formats") or [])
        ending = Path(target).suffix.removeprefix(".")
        chosen = format or (ending if ending in offered else offered[0] if offered else "")
        return save(self._connection, f"{self._owner}/download", fresh(target), output=self.name, format=chosen)

    def picture(self, format: str = "") -> bytes:  # noqa: A002 - the API's word
        """Return a figure as ``png`` or ``svg``, a film as ``gif`` or its first frame as ``png``."""
        offered = [each for each in self.summary.get("formats") or [] if each in PICTURES]
        if not offered:
            raise ClientError(f"{self.name} is not a figure but of kind {self.summary.get('kind')}")
        path = f"{self._owner}/{self._folder}/{self.name}/picture.{format or offered[0]}"
        return bytes(self._connection.send("GET", path).content)

    @property
    def caption(self) -> str:
        """Return the words below a figure or film; empty for anything else."""
        return str(self.summary.get("caption") or "")

    def provenance(self, *, voxel: Sequence[int] | None = None, label: int | None = None) -> Provenance:
        """
        Return where a voxel, a label or this number comes from, back to the cell; outputs of results only.

        Parameters
        ----------
        voxel : sequence of int, optional
            Index along each axis, such as (z, y, x).
        label : int, optional
            A label of a segmentation.
        """
        if self._folder != "outputs":
            raise ClientError(
                f"{self.name} is part of a dataset: its provenance is the dataset's own record and lineage"
            )
        place = None if voxel is None else ",".join(str(int(index)) for index in voxel)
        return Provenance(
            self._connection.get(f"{self._owner}/{self._folder}/{self.name}/provenance", voxel=place, label=label)
        )

    def __repr__(self) -> str:
        """Show name, kind and shape."""
        return f"<Array {self.reference} {self.summary.get('kind')} {self.shape or ''}>"
