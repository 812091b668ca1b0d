"""Tables are drawn as their plots say, the same every time, and nothing is drawn that is not there."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure as Canvas

from lithoscope.figures.plots import NothingToDraw, curves, draw_curves, figure_of_table, label
from lithoscope.tables import Line, Plot, Table

DEPTH = [2.3, 6.9, 11.6]
TABLE = Table(
    {"depth_nm": DEPTH, "O": [66.0, None, 65.0], "O_sd": [0.5, None, 0.7]},
    {"depth_nm": "nm", "O": "%", "O_sd": "%"},
    Plot("depth_nm", (Line("O", "O_sd", "Oxygen"),), title="Oxygen by depth", x_title="Depth", y_title="Composition"),
)


def panel(table: Table):
    axes = Canvas().add_subplot()
    drawn = list(curves(table, table.plot))
    draw_curves(axes, drawn)
    label(axes, table, table.plot, drawn)
    return axes


def test_the_same_table_gives_the_same_bytes_without_date_or_program():
    first, second = figure_of_table(TABLE), figure_of_table(TABLE)
    assert first == second
    assert first.png[:4] == b"\x89PNG"
    for word in ("matplotlib v", "dc:date", "Matplotlib"):
        assert word not in first.svg
    assert b"Software" not in first.png


def test_axes_carry_their_units_and_bars_their_length():
    axes = panel(TABLE)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Depth [nm]", "Composition [%]")
    bars = axes.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose(bars[0][:, 1], [65.5, 66.5])


def test_a_missing_value_is_a_gap_and_said_to_be_one():
    axes = panel(TABLE)
    assert np.isnan(axes.containers[0].lines[0].get_ydata()[1])
    assert "Gaps are places without a value" in figure_of_table(TABLE).caption


def test_a_column_parts_the_rows_into_curves():
    table = Table(
        {"iteration": [1, 2, 1, 2], "error": [0.5, 0.25, 0.4, 0.1], "map": ["O", "O", "Mn", "Mn"]},
        {"iteration": "1", "error": "1", "map": "1"},
        Plot("iteration", (Line("error"),), by="map", log_y=True),
    )
    axes = panel(table)
    assert [line.get_label() for line in axes.lines] == ["O", "Mn"]
    assert axes.lines[1].get_ydata().tolist() == [0.4, 0.1]
    assert (axes.get_yscale(), axes.get_ylabel()) == ("log", "Error")


def test_curves_differ_without_colour():
    columns = {"x": [1.0, 2.0]} | {f"y{place}": [1.0 * place, 2.0] for place in range(8)}
    plot = Plot("x", tuple(Line(f"y{place}") for place in range(8)))
    axes = panel(Table(columns, dict.fromkeys(columns, "1"), plot))
    assert len({(line.get_marker(), str(line.get_linestyle())) for line in axes.lines}) == 8


def test_a_table_without_a_plot_or_without_a_number_is_refused():
    with pytest.raises(NothingToDraw, match="plot"):
        figure_of_table(replace(TABLE, plot=None))
    empty = {"depth_nm": DEPTH, "O": [None] * 3, "O_sd": [None] * 3}
    with pytest.raises(NothingToDraw, match="no number"):
        figure_of_table(replace(TABLE, columns=empty))


def test_a_long_title_is_shortened_above_the_plot_and_whole_in_the_caption():
    title = "Oxygen by depth; the outermost shell holds the voxels that touch the vacuum"
    table = replace(TABLE, plot=replace(TABLE.plot, title=title))
    assert panel(table).get_title(loc="left") == "Oxygen by depth"
    assert figure_of_table(table).caption.startswith(f"{title}.")


def test_the_caption_says_what_error_bars_are():
    spread = Plot("depth_nm", (Line("O", error="O_sd", error_words="standard deviation over the voxels"),))
    assert "Error bars: standard deviation over the voxels." in figure_of_table(replace(TABLE, plot=spread)).caption
    without = Plot("depth_nm", (Line("O"),))
    assert "Error bars" not in figure_of_table(replace(TABLE, plot=without)).caption


def test_dollar_signs_are_letters():
    assert figure_of_table(replace(TABLE, plot=replace(TABLE.plot, title="5 $ and 6 $"))).svg
