"""Finer alignment as a person gets it: shifts that serve every channel, and an axis with what was tried."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography.alignment_report import align_series, mask_series, shift_series
from lithoscope.numerics.tomography.refinement_report import match_series, search_axis
from lithoscope.tables import Table
from tests.lithoscope.numerics.tomography.misaligned import ANGLES_DEG, left_px, shifted_series

MATCH = {
    "engine": "sirt",
    "engine_iterations": 20,
    "coarsest_bin": 2,
    "iterations": 8,
    "largest_step_px": 0.5,
    "tolerance_px": 0.01,
}
SEARCH = {
    "around_deg": 0.0,
    "half_range_deg": 3.0,
    "step_deg": 1.0,
    "around_px": None,
    "half_range_px": 2.0,
    "step_px": 0.5,
    "engine": "sirt",
    "engine_iterations": 10,
}


@pytest.fixture(scope="module")
def blurred():
    """Align a series, then lose part of it."""
    series, planted_px = shifted_series(32, largest_px=2.0)
    masks = mask_series(series, ANGLES_DEG, dilate_px=3.0).masks
    found = align_series(series, ANGLES_DEG, masks=masks)
    noise = np.random.default_rng(1).uniform(-0.6, 0.6, (2, len(ANGLES_DEG)))
    columns = dict(found.shifts.columns)
    for name, off in zip(("shift_y_px", "shift_x_px"), noise, strict=True):
        columns[name] = (np.array(columns[name]) + off).tolist()
    return series, masks, planted_px, Table(columns, found.shifts.units)


def test_matching_brings_images_nearer_and_its_shifts_move_every_channel(blurred):
    series, masks, planted_px, off = blurred
    found = match_series(series, off, ANGLES_DEG, masks=masks, **MATCH)
    before, after = (
        np.hypot(*left_px(planted_px, np.stack([table.columns["shift_y_px"], table.columns["shift_x_px"]], axis=1)))
        for table in (off, found.shifts)
    )
    assert after < 0.5 * before
    np.testing.assert_array_equal(shift_series(series, found.shifts, ANGLES_DEG), found.tilt_series)
    assert not found.clean[found.moved_masks == 0].any()
    residual = found.steps.columns["residual"]
    assert found.residual.value == residual[-1] < residual[0]


def test_an_image_that_moves_far_is_named(blurred):
    series, masks, _, off = blurred
    columns = {**off.columns, "shift_y_px": [*off.columns["shift_y_px"]]}
    columns["shift_y_px"][3] += 3.0
    notes = match_series(series, Table(columns, off.units), ANGLES_DEG, masks=masks, **MATCH).notes
    assert notes[0].startswith("matching: tilt 3 (-40.0 deg) moved by")


def test_levels_that_do_not_halve_are_refused(blurred):
    series, masks, _, off = blurred
    with pytest.raises(ScienceError, match="coarsest_bin"):
        match_series(series, off, ANGLES_DEG, masks=masks, **{**MATCH, "coarsest_bin": 3})


@pytest.mark.parametrize("searched", ["direction", "position", "both"])
def test_only_what_was_searched_is_given(blurred, searched):
    series, masks, _, _ = blurred
    clean = align_series(series, ANGLES_DEG, masks=masks).clean
    found = search_axis(clean, ANGLES_DEG, searched=searched, **SEARCH)
    assert (found.direction is not None) == (found.directions is not None) == (searched != "position")
    assert (found.position is not None) == (found.positions is not None) == (searched != "direction")
    if found.positions is not None:
        assert found.position.value == pytest.approx(15.5, abs=0.3)
        assert found.positions.columns["rotation_axis_px"] == np.arange(13.5, 17.6, 0.5).tolist()
    if found.directions is not None:
        assert found.directions.plot.x == "tilt_axis_deg"


def test_an_axis_that_cannot_be_told_is_said_to_be_unknown(blurred):
    series, masks, _, _ = blurred
    found = search_axis(series, ANGLES_DEG, masks=masks, searched="direction", **{**SEARCH, "around_deg": 20.0})
    assert found.direction.source == "unknown"
    assert found.notes[0].startswith("tilt-axis-unknown: ")
