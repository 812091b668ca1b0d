"""One array, table, number, figure or film of a dataset or result, as a notebook uses it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lithoscope.client.arrays import AXIS_UNITS
from lithoscope.client.connection import Connection
from lithoscope.client.facts import Provenance
from lithoscope.client.named import quantity_of
from lithoscope.client.problems import ClientError
from lithoscope.client.saving import fresh, save
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import dask.array
    import pandas as pd
    import xarray

POINTS, TABLE, SPECTRA = "points", "table", "spectra"
#: Kinds without axes, and how each is read instead.
NOT_AXES = {
    "scalar": ".quantity",
    "figure": ".picture() or .save()",
    "film": ".picture() or .save()",
    POINTS: ".to_columns() or .to_pandas()",
    "exposure": ".summary",
}
PICTURES = frozenset({"png", "svg", "gif"})
#: Formats by the endings of files, where they differ.
ENDINGS = {"h5": "hdf5", "nxs": "hdf5", "tif": "tiff", "zip": "ome-zarr"}
OF_KIND = {TABLE: "csv", "scalar": "csv", SPECTRA: "hdf5", POINTS: "zarr"}


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
        return {axis: quantity_of(record) for axis, record in (self.summary.get("spacing") or {}).items()}

    @property
    def quantity(self) -> Quantity:
        """Return a scalar with unit, uncertainty and source."""
        if self.summary.get("quantity") is None:
            raise ClientError(f"{self.name} is not a number but of kind {self.summary.get('kind')}")
        return quantity_of(self.summary["quantity"])

    def to_xarray(self, level: int = 0) -> "xarray.DataArray | xarray.Dataset":
        """
        Open it with coordinates and units: images, volumes and spectra lazily, a table at once.

        Parameters
        ----------
        level : int
            Of images and volumes: 0 is full resolution, 1, 2 ... are coarser.

        Returns
        -------
        array : xarray.DataArray or xarray.Dataset
            Dimensions by letter, places in nm, tilts in degrees, energies in eV, maps by their names. Of a table a
            Dataset of its columns along the axis they are drawn over.
        """
        if self.summary.get("kind") == TABLE:
            from lithoscope.client.tables import open_table

            return open_table(self.summary, self.table())
        return self._axes(level)

    def spectrum(
        self,
        *,
        t: int | None = None,
        y: int | slice | None = None,
        x: int | slice | None = None,
    ) -> "xarray.DataArray":
        """
        Return the spectrum of a pixel, or the mean of a region or of all pixels; nothing else is fetched.

        Parameters
        ----------
        t : int, optional
            Index of the tilt; the one nearest to zero when left out.
        y, x : int or slice, optional
            Row and column of a pixel, or ``slice(first, stop)`` of a region; both or neither.

        Returns
        -------
        spectrum : xarray.DataArray
            Along ``e`` [eV], in the unit of the spectra; ``attrs["pixels"]`` is over how many it is a mean.
        """
        if self.summary.get("kind") != SPECTRA:
            raise ClientError(f"{self.name} holds no spectra but is of kind {self.summary.get('kind')}")
        from lithoscope.client.spectra import one_spectrum, place_of

        lengths = dict(zip(str(self.summary["axes"]), self.shape, strict=True))
        place = place_of(lengths, t=t, y=y, x=x)
        answer = self._connection.get(f"{self._owner}/{self._folder}/{self.name}/spectrum", **place)
        return one_spectrum(answer, self.name)

    def _axes(self, level: int = 0) -> "xarray.DataArray":
        """Open what has axes lazily."""
        kind = self.summary.get("kind")
        if kind == TABLE or kind in NOT_AXES:
            raise ClientError(
                f"{self.name} is of kind {kind}: use {NOT_AXES.get(str(kind), '.table() or .to_pandas()')}"
            )
        if kind == SPECTRA:
            from lithoscope.client.spectra import open_spectra

            path, params = self._download("hdf5")
            return open_spectra(self._connection, path, params, self.summary)
        from lithoscope.client.arrays import open_xarray

        unit = str(self.summary.get("unit") or "1")
        array = open_xarray(self._connection, self._zarr, name=self.name, unit=unit, level=level)
        own = {**(self.summary.get("labels") or {}), **(self.summary.get("coordinates") or {})}
        for dim in map(str, array.dims):  # such as the tilt of each projection, the element of each map
            if len(own.get(dim, ())) == array.sizes[dim]:
                attributes = {"units": AXIS_UNITS[dim]} if dim in AXIS_UNITS else {}
                array = array.assign_coords({dim: (dim, own[dim], attributes)})
        return array

    def to_dask(self, level: int = 0) -> "dask.array.Array":
        """Return its values as a dask array, whose chunks are fetched when they are computed."""
        values: dask.array.Array = self._axes(level).data
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

        array = self._axes(level)
        letters = "".join(map(str, array.dims))
        signal = signal_axes(letters)
        letters = "".join(dim for dim in letters if dim not in signal) + signal
        array = array.transpose(*letters)
        places = {dim: array[dim].values.tolist() for dim in letters if "units" in array[dim].attrs}
        units = {dim: str(array[dim].attrs["units"]) for dim in places}
        axes = axes_of(letters, array.shape, places, units, signal=signal)
        kind = hs.signals.Signal1D if len(signal) == 1 else hs.signals.Signal2D
        return kind(array.data, axes=axes, metadata=metadata_of(self.name, quantities or {})).as_lazy()

    def to_napari(self, level: int = 0) -> tuple[Any, dict[str, Any], str]:
        """Return napari's layer triple: data, keywords with scale, units and contrast limits, kind."""
        array = self._axes(level)
        measured = {dim for dim in array.dims if dim in array.coords and "units" in array[dim].attrs}
        scale = [
            float(array[dim][1] - array[dim][0]) if dim in measured and array.sizes[dim] > 1 else 1.0
            for dim in array.dims
        ]
        units = [array[dim].attrs["units"] if dim in measured else "pixel" for dim in array.dims]
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
        Save it in a format under a new name.

        Parameters
        ----------
        target : path
            A new file.
        format : str, optional
            ``ome-zarr``, ``hdf5``, ``mrc``, ``tiff``, ``csv``, ``zarr``, ``png``, ``svg`` or ``gif``, as far as it
            fits; the ending of `target` says it where it is left out.
        """
        ending = Path(target).suffix.removeprefix(".").lower()
        offered = list(self.summary.get("formats") or [])
        named = ENDINGS.get(ending, ending)
        usual = offered[0] if offered else OF_KIND.get(str(self.summary.get("kind")), "ome-zarr")
        known = offered or {*ENDINGS.values(), *OF_KIND.values(), "mrc", *PICTURES}
        path, params = self._download(format or (named if named in known else usual))
        return save(self._connection, path, fresh(target), **params)

    def _download(self, format: str) -> tuple[str, dict[str, str]]:  # noqa: A002 - the API's word
        """Return address and query of a copy in a format."""
        if self._folder == "outputs":
            return f"{self._owner}/download", {"output": self.name, "format": format}
        return f"{self._owner}/arrays/{self.name}/download", {"format": format}

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
