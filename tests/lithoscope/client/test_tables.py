"""Tables as xarray: along the axis they are drawn over, with units, and never a place made up."""

import numpy as np
import pytest

from lithoscope.client.tables import open_table

LINE = {"y": "share", "error": "share_error", "title": "Share", "kind": "line", "error_words": "standard uncertainty"}
PROFILE = {"x": "depth_nm", "lines": [LINE], "title": "Profile", "x_title": "Depth", "y_title": "", "by": ""}
UNITS = {"depth_nm": "nm", "share": "1", "share_error": "1", "map": "1"}


def entry(plot: dict | None, *columns: str) -> dict:
    return {"name": "profile", "title": "Profile", "columns": {name: UNITS[name] for name in columns}, "plot": plot}


def test_a_profile_lies_along_its_horizontal_axis_with_units_and_error_bars():
    columns = {"depth_nm": [0.5, 1.5, 2.5], "share": [0.1, None, 0.3], "share_error": [0.01, None, 0.02]}
    table = open_table(entry(PROFILE, *columns), columns)
    assert table["share"].dims == ("depth_nm",)
    assert table["share"].sel(depth_nm=2.5).item() == 0.3
    assert np.isnan(table["share"].sel(depth_nm=1.5).item())
    assert (table["depth_nm"].attrs, table.attrs) == ({"units": "nm", "long_name": "Depth"}, {"long_name": "Profile"})
    share = {"units": "1", "long_name": "Share", "ancillary_variables": "share_error"}
    assert table["share"].attrs == share
    assert table["share_error"].attrs["long_name"] == "standard uncertainty"


def test_curves_of_several_things_have_an_axis_for_these():
    columns = {
        "depth_nm": [0.0, 1.0, 0.0],
        "share": [0.1, 0.2, 0.3],
        "share_error": [0.0, 0.0, 0.0],
        "map": ["Mn", "Mn", "Ni"],
    }
    table = open_table(entry({**PROFILE, "by": "map"}, *columns), columns)
    assert dict(table.sizes) == {"map": 2, "depth_nm": 2}
    assert table["share"].sel(map="Mn", depth_nm=1.0).item() == 0.2
    assert np.isnan(table["share"].sel(map="Ni", depth_nm=1.0).item())
    assert table["depth_nm"].attrs["units"] == "nm"
    assert table["share"].attrs["ancillary_variables"] == "share_error"


@pytest.mark.parametrize("places", [[0.0, 0.0, 1.0], [0.0, None, 1.0]])
def test_rows_are_counted_where_a_place_is_there_twice_or_not_known(places):
    columns = {"depth_nm": places, "share": [1, 2, 3], "share_error": [0, 0, 0]}
    table = open_table(entry(PROFILE, *columns), columns)
    assert (dict(table.sizes), table["row"].values.tolist()) == ({"row": 3}, [0, 1, 2])
    assert "depth_nm" in table.coords


def test_a_table_that_is_not_drawn_has_rows_and_words_stay_words():
    table = open_table(entry(None, "map", "share"), {"map": ["Mn", None], "share": [1.0, 2.0]})
    assert table["map"].values.tolist() == ["Mn", ""]
    assert (table["share"].dims, table["share"].attrs["units"]) == (("row",), "1")


def test_an_empty_table_stays_empty():
    columns = {"depth_nm": [], "share": [], "share_error": []}
    assert open_table(entry(PROFILE, *columns), columns)["share"].size == 0
