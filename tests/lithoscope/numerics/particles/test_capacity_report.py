"""Capacity retention as a table that is drawn, from a cycler's columns."""

import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.particles.capacity_report import retention_curve
from lithoscope.numerics.particles.comparison_reading import lost_by_cycle
from lithoscope.numerics.particles.examples import cycling
from lithoscope.tables import Table


def test_the_published_losses_come_out_and_are_drawn():
    found = retention_curve(**cycling())
    assert found.retention.columns["lost"] == pytest.approx([0.0, 0.343, 0.522])
    assert found.retention.plot.x == "cycle"
    assert found.lost.value == pytest.approx(0.522)
    assert found.lost.uncertainty is None
    assert found.notes[0].startswith("uncertainty-unknown:")
    assert lost_by_cycle(found.retention)[100][0] == pytest.approx(0.522)


def test_an_uncertainty_that_was_stated_is_kept():
    found = retention_curve(**cycling(), uncertainty_mAh_per_g=0.5)
    assert found.lost.uncertainty == pytest.approx(0.5 * (1 + 0.478**2) ** 0.5 / 150)
    assert found.notes == ()


def test_rows_without_a_capacity_are_left_out_and_words_are_refused():
    columns = {"cycle": [1, 2, 3], "discharge_capacity_mAh_g": [150.0, None, 140.0]}
    units = dict.fromkeys(columns, "1")
    assert retention_curve(Table(columns, units)).retention.columns["cycle"] == [1, 3]
    with pytest.raises(InvalidSetting, match="holds numbers"):
        retention_curve(Table({**columns, "cycle": ["a", "b", "c"]}, units))
