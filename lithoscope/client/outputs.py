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
    import pandas as pd
    import xarray

NOT_ZARR = frozenset({"scalar", "table", "spectra", "exposure", "figure", "film", "points"})
POINTS = "points"
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
            others = ".to_columns() or .to_pandas()" if self.summary.get("kind") == POINTS else ".quantity or .table()"
            raise ClientError(f"{self.name} is of kind {self.summary.get('kind')}: use {others}")
        from lithoscope.client.arrays import open_xarray

        unit = str(self.summary.get("unit") or "1")
        array = open_xarray(self._connection, self._zarr, name=self.name, unit=unit, level=level)
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

    def to_columns(self) -> "xarray.Dataset":
        """Open a list of events lazily: one variable for each column along ``ion``, units in their attributes."""
        self._check_points()
        from lithoscope.client.columns import open_columns

        return open_columns(self._connection, self._zarr, self.summary["columns"])

    def to_pandas(self, columns: Sequence[str] | None = None, rows: slice = slice(None)) -> "pd.DataFrame":
        """
        Return a table, or the columns of a list of events; units stand in the names.

        Parameters
        ----------
        columns : sequence of str, optional
            Those wanted; all when left out. Of a list of events nothing else is fetched.
        rows : slice
            Those wanted, such as ``slice(0, 1_000_000)`` for the first million ions.
        """
        known = list(self.summary.get("columns") or {})
        names = list(known if columns is None else columns)
        if unknown := sorted(set(names) - set(known)):
            raise ClientError(f"{self.name} has the columns {known} and not {unknown}: name some of them")
        if self.summary.get("kind") == POINTS:
            from lithoscope.client.columns import read_columns

            return read_columns(self._connection, self._zarr, names, rows)
        table = self.table()
        try:
            import pandas as pd
        except ImportError:
            raise ClientError("tables need pandas: pip install 'lithoscope[tables]'") from None
        return pd.DataFrame({name: table[name] for name in names}).iloc[rows]

    def _check_points(self) -> None:
        if self.summary.get("kind") != POINTS:
            raise ClientError(f"{self.name} is no list of events but of kind {self.summary.get('kind')}")

    @property
    def _zarr(self) -> str:
        return f"{self._owner}/{self._folder}/{self.name}/zarr"

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
