"""Tables as xarray: curves, profiles, histograms and convergence along the axis they are drawn over, with units."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lithoscope.client.problems import ClientError

if TYPE_CHECKING:
    import xarray

ROW = "row"
_MISSING = "tables as xarray need xarray: pip install 'lithoscope[arrays]'"


def open_table(summary: Mapping[str, Any], columns: Mapping[str, Sequence[Any]]) -> "xarray.Dataset":
    """
    Make a table a Dataset.

    Parameters
    ----------
    summary : mapping
        The table's entry: unit of each column, how it is drawn.
    columns : mapping of str to sequence
        Its columns; what is not known is None.

    Returns
    -------
    table : xarray.Dataset
        One variable a column, ``units`` and ``long_name`` in its attributes; a variable with error bars names theirs in
        ``ancillary_variables``. One that is drawn lies along its horizontal axis, and along what parts it into curves
        before that; where a place is there twice, and in a table that is not drawn, rows are counted from 0.
    """
    try:
        import numpy as np
        import xarray
    except ImportError:
        raise ClientError(_MISSING) from None
    plot = summary.get("plot") or {}
    keys = [name for name in (plot.get("by"), plot.get("x")) if name]
    variables = {
        name: (ROW, _values(np, given), {"units": summary["columns"][name]}) for name, given in columns.items()
    }
    table = xarray.Dataset(variables, attrs={"long_name": plot.get("title") or summary.get("title") or summary["name"]})
    _name_lines(table, plot)
    table = table.set_coords(keys)
    places = list(zip(*(columns[name] for name in keys), strict=True))
    if not keys or None in {each for place in places for each in place} or len(set(places)) < len(places):
        return table.assign_coords({ROW: np.arange(table.sizes.get(ROW, 0))})
    if len(keys) == 1:
        return table.swap_dims({ROW: keys[0]})
    return _parted(table, keys)


def _values(np: Any, given: Sequence[Any]) -> Any:
    """Return a column as an array: numbers with NaN where nothing is known, words as they are."""
    if any(isinstance(each, str) for each in given):
        return np.array(["" if each is None else str(each) for each in given])
    if any(each is None for each in given):
        return np.array([np.nan if each is None else each for each in given], np.float64)
    return np.array(list(given))


def _name_lines(table: "xarray.Dataset", plot: Mapping[str, Any]) -> None:
    """Say what the drawn columns are called and which hold their error bars."""
    if plot.get("x"):
        table[plot["x"]].attrs["long_name"] = plot.get("x_title") or plot["x"]
    for line in plot.get("lines") or ():
        table[line["y"]].attrs["long_name"] = line.get("title") or plot.get("y_title") or line["y"]
        if line.get("error"):
            table[line["y"]].attrs["ancillary_variables"] = line["error"]
            table[line["error"]].attrs["long_name"] = line.get("error_words") or line["error"]


def _parted(table: "xarray.Dataset", keys: list[str]) -> "xarray.Dataset":
    """Part the rows into curves: one dimension for each, a place that a curve lacks is missing."""
    attributes = {name: dict(table[name].attrs) for name in table.variables}
    parted = table.set_index(row=keys).unstack(ROW)
    for name in parted.variables:
        parted[name].attrs.update(attributes[str(name)])
    return parted
