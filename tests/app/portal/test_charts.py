"""Charts of tables: what is drawn is what stands in the rows."""

import numpy as np
import pytest

from app.portal.charts import HEIGHT, LEFT, MOST_CURVES, RIGHT, WIDTH, chart_of
from lithoscope.tables import Line, Plot

DEPTH = {"depth_nm": [0.0, 5.0, 10.0], "O": [44.0, 48.0, None], "O_sd": [0.5, 0.4, None]}
UNITS = {"depth_nm": "nm", "O": "at%", "O_sd": "at%"}


def points(text):
    return [tuple(float(part) for part in pair.split(",")) for pair in text.split()]


def test_a_profile_has_its_units_its_error_bars_and_a_gap_where_nothing_is_known():
    chart = chart_of(Plot("depth_nm", (Line("O", "O_sd"),), x_title="Depth", y_title="Oxygen"), DEPTH, UNITS)
    (curve,) = chart.curves
    assert chart.errors == "standard uncertainty"
    assert (chart.x_label, chart.y_label) == ("Depth [nm]", "Oxygen [at%]")
    assert len(curve.bars) == 2
    assert len(points(curve.lines[0])) == 2
    x, up, down = curve.bars[0]
    assert x == LEFT
    assert (up, down) == pytest.approx((chart.y.at(44.5), chart.y.at(43.5)))
    assert up < down < HEIGHT


@pytest.mark.parametrize(
    ("words", "label"), [("Counts", "Counts"), ("Discounts", "Discounts [counts]"), ("", "counts")]
)
def test_an_axis_says_its_unit_once(words: str, label: str):
    columns, units = {"depth_nm": [0.0, 1.0], "mean": [4.0, 5.0]}, {"depth_nm": "nm", "mean": "counts"}
    assert chart_of(Plot("depth_nm", (Line("mean"),), y_title=words), columns, units).y_label == label


def test_a_gap_in_the_middle_parts_the_curve():
    columns = {"x": [0.0, 1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, None, 3.0, 1.0]}
    chart = chart_of(Plot("x", (Line("y"),)), columns, {"x": "1", "y": "1"})
    assert [len(points(line)) for line in chart.curves[0].lines] == [2, 2]


def test_a_long_spectrum_loses_no_peak():
    energies = np.linspace(0, 20480, 8192)
    counts = np.ones(8192)
    counts[4321] = 900.0
    columns = {"energy_eV": energies.tolist(), "counts": counts.tolist()}
    chart = chart_of(Plot("energy_eV", (Line("counts"),)), columns, {"energy_eV": "eV", "counts": "counts"})
    drawn = points(chart.curves[0].lines[0])
    assert len(drawn) < 4 * WIDTH
    assert min(y for _, y in drawn) == pytest.approx(chart.y.at(900.0), abs=0.1)


def test_a_logarithmic_axis_says_what_it_cannot_show():
    columns = {"step": [1.0, 2.0, 3.0, 4.0], "error": [1.0, 0.1, 0.0, 0.001]}
    chart = chart_of(Plot("step", (Line("error"),), log_y=True), columns, {"step": "1", "error": "1"})
    assert chart.left_out == 1
    assert [text for _, text in chart.y.ticks] == ["1 × 10⁻³", "0.01", "0.1", "1"] or len(chart.y.ticks) >= 3
    assert chart.y.at(0.1) - chart.y.at(1.0) == pytest.approx(chart.y.at(0.01) - chart.y.at(0.1))


def test_a_column_parts_the_rows_into_curves():
    columns = {"step": [1, 2, 1, 2], "map": ["O", "O", "Mn", "Mn"], "error": [3.0, 2.0, 5.0, 4.0]}
    chart = chart_of(Plot("step", (Line("error"),), by="map"), columns, dict.fromkeys(columns, "1"))
    assert [curve.name for curve in chart.curves] == ["O", "Mn"]
    assert chart.readout["by"] == "map"


def test_too_many_curves_are_said_not_drawn():
    columns = {"x": list(range(40)) * 1, "part": [str(k % 20) for k in range(40)], "y": [1.0] * 40}
    chart = chart_of(Plot("x", (Line("y"),), by="part"), columns, dict.fromkeys(columns, "1"))
    assert (len(chart.curves), chart.not_shown) == (MOST_CURVES, 20 - MOST_CURVES)


def test_steps_hold_their_value_and_points_have_no_line():
    columns = {"x": [0.0, 1.0, 2.0], "y": [1.0, 3.0, 2.0], "z": [2.0, 2.0, 2.0]}
    plot = Plot("x", (Line("y", kind="step"), Line("z", kind="points")))
    step, dots = chart_of(plot, columns, dict.fromkeys(columns, "1")).curves
    drawn = points(step.lines[0])
    assert drawn[0][1] == drawn[1][1]
    assert drawn[1][0] == drawn[2][0]
    assert (dots.lines, len(dots.marks)) == ((), 3)


@pytest.mark.parametrize("values", [[], [None, None], [float("nan")] * 2])
def test_nothing_known_is_no_chart(values):
    columns = {"x": list(range(len(values))), "y": values}
    assert chart_of(Plot("x", (Line("y"),)), columns, {"x": "1", "y": "1"}) is None


@pytest.mark.parametrize("values", [[5.0], [0.0, 0.0], [-3.0, -3.0], [1e-9, 2e-9], [1e12, -1e12]])
def test_every_point_stands_within_the_frame(values):
    columns = {"x": [float(k) for k in range(len(values))], "y": values}
    chart = chart_of(Plot("x", (Line("y", kind="points"),)), columns, {"x": "1", "y": "1"})
    for x, y in chart.curves[0].marks:
        assert LEFT <= x <= WIDTH - RIGHT
        assert 0 <= y <= HEIGHT
    assert len(chart.y.ticks) >= 2
