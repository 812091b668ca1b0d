import json

import pytest

from lithoscope.tables import Line, Plot, Table


def test_columns_and_units_belong_together():
    with pytest.raises(ValueError, match="unit"):
        Table({"a": [1]}, {})


def test_columns_have_one_length():
    with pytest.raises(ValueError, match="length"):
        Table({"a": [1], "b": [1, 2]}, {"a": "1", "b": "1"})


def test_a_plot_survives_its_way_through_json():
    plot = Plot("depth_nm", (Line("O_at_percent", error="O_sd"),), title="Oxygen", log_y=True, by="particle")
    assert Plot.from_json(json.loads(json.dumps(plot.to_json()))) == plot


def test_a_plot_of_a_column_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="O_sd"):
        Table({"depth_nm": [0.0], "O": [60.0]}, {"depth_nm": "nm", "O": "%"}, Plot("depth_nm", (Line("O", "O_sd"),)))


def test_error_bars_are_told_apart_where_they_differ():
    scatter = Line("O", error="O_sd", error_words="standard deviation over the voxels")
    assert Plot("depth_nm", (scatter, Line("Mn"))).errors_in_words() == "standard deviation over the voxels"
    both = Plot("depth_nm", (scatter, Line("capacity_lost", error="u"))).errors_in_words()
    assert both == "standard deviation over the voxels (O); standard uncertainty (capacity lost)"
    assert not Plot("depth_nm", (Line("O"),)).errors_in_words()
