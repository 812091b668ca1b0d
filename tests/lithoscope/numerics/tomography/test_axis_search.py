"""The tilt axis: its direction and its place are found with an honest uncertainty, or said to be unknown."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from rsciio.digitalmicrograph import file_reader

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import project, sirt, subtract_background, turn_series
from lithoscope.numerics.tomography.alignment import align
from lithoscope.numerics.tomography.axis_search import find_axis_position, find_tilt_axis, lowest
from lithoscope.numerics.tomography.masks import otsu_masks
from lithoscope.numerics.tomography.shifting import apply_shifts
from tests.lithoscope.numerics.tomography.misaligned import ANGLES_DEG, shifted_series

REAL = Path(__file__).parents[4] / "examples" / "data" / "etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
REAL_ANGLES_DEG = np.arange(-90.0, 91.0, 2.0)
BALLS = (((0, 0, 0), 10), ((8, -12, 5), 7), ((-6, 9, -10), 9), ((3, 2, 11), 5), ((-9, -8, -3), 6))
ENGINE = partial(sirt, iterations=20)


@pytest.fixture(scope="module")
def lumps():
    """Count a lump without any symmetry, each tilt moved."""
    z, y, x = np.mgrid[:48, :48, :48] - 23.5
    volume = np.zeros((48, 48, 48), np.float32)
    for (at_z, at_y, at_x), radius in BALLS:
        away = np.sqrt((z - 0.7 * at_z) ** 2 + (y - 0.7 * at_y) ** 2 + (x - 0.7 * at_x) ** 2)
        volume = np.maximum(volume, np.clip(0.7 * radius + 0.5 - away, 0, 1))
    rng = np.random.default_rng(0)
    series = apply_shifts(project(volume, ANGLES_DEG), rng.uniform(-2, 2, (len(ANGLES_DEG), 2))).clip(0)
    return rng.poisson(series / series.max() * 1e4).astype(np.float32)


@pytest.mark.parametrize("direction_deg", [0.0, 2.3, -3.7])
def test_direction_is_found_before_the_series_is_aligned(lumps, direction_deg):
    taken = turn_series(lumps, ANGLES_DEG, tilt_axis_deg=-direction_deg).tilt_series
    found = find_tilt_axis(taken, ANGLES_DEG, masks=otsu_masks(taken).masks, step_deg=0.5).best
    assert found.value == pytest.approx(direction_deg, abs=0.15)
    assert found.uncertainty < 0.2
    assert found.unit == "deg"


def test_direction_is_the_one_that_turning_takes(lumps):
    """The opposite sign makes the lines agree less."""
    taken = turn_series(lumps, ANGLES_DEG, tilt_axis_deg=-3.0).tilt_series
    masks = otsu_masks(taken).masks
    found = find_tilt_axis(taken, ANGLES_DEG, masks=masks, step_deg=1.0)
    spread = dict(zip(found.tried.tolist(), found.disagreement.tolist(), strict=True))
    assert spread[3.0] < 0.2 * spread[-3.0]


def test_a_quarter_turn_is_found_where_it_is_looked_for(lumps):
    taken = np.rot90(lumps, -1, axes=(1, 2))
    found = find_tilt_axis(taken, ANGLES_DEG, around_deg=88.0, step_deg=0.5)
    assert found.best.value == pytest.approx(90, abs=0.15)


def test_an_axis_out_of_range_is_unknown(lumps):
    found = find_tilt_axis(lumps, ANGLES_DEG, around_deg=9.0, step_deg=1.0)
    assert found.best.value is None
    assert "end of the range" in found.best.note


def test_an_object_that_leaves_the_field_is_said(lumps):
    cut = lumps[:, :, 14:]
    found = find_tilt_axis(cut, ANGLES_DEG, masks=otsu_masks(cut).masks, step_deg=1.0)
    assert found.best.value is None or "edge of the field" in found.best.note


def test_a_round_object_does_not_show_its_axis():
    z, y, x = np.mgrid[:24, :24, :24] - 11.5
    ball = np.clip(7.5 - np.sqrt(z**2 + y**2 + x**2), 0, 1)
    series = np.random.default_rng(0).poisson(100 * project(ball, ANGLES_DEG)).astype(np.float32)
    best = find_tilt_axis(series, ANGLES_DEG, step_deg=0.5).best
    assert best.value is None or best.uncertainty > 0.5


@pytest.mark.parametrize("axis_px", [31.5, 30.2, 33.7])
def test_place_is_found_where_a_volume_explains_most(axis_px):
    series, _ = shifted_series(peak_counts=1e4, background=0.0, largest_px=2.0)
    aligned = align(series, ANGLES_DEG, masks=otsu_masks(series).masks, rotation_axis_px=axis_px)
    found = find_axis_position(apply_shifts(series, aligned.shifts_px), ANGLES_DEG, engine=ENGINE)
    assert found.best.value == pytest.approx(axis_px, abs=0.1)
    assert found.best.unit == "px"


def test_an_early_finish_keeps_what_was_tried(lumps):
    found = find_tilt_axis(lumps, ANGLES_DEG, progress=lambda done, _total, **_values: done < 4)
    assert len(found.tried) == len(found.disagreement) == 4


def test_uncertainty_is_that_of_the_scatter():
    rng, found = np.random.default_rng(0), []
    tried = np.arange(-5.0, 5.1, 0.5)
    for _ in range(200):
        own = 1.0 + rng.normal(0, 0.6, 15)
        found.append(lowest(tried, (tried[:, None] - own) ** 2, unit="deg", note=""))
    values = np.array([best.value for best in found])
    assert values.mean() == pytest.approx(1.0, abs=0.05)
    assert np.mean([best.uncertainty for best in found]) == pytest.approx(values.std(), rel=0.2)


def test_bad_ranges_are_refused(lumps):
    for extra, word in (({"step_deg": 0.0}, "step"), ({"half_range_deg": 0.1}, "step")):
        with pytest.raises(ScienceError, match=word):
            find_tilt_axis(lumps, ANGLES_DEG, **extra)
    with pytest.raises(ScienceError, match="misses the detector"):
        find_axis_position(lumps, ANGLES_DEG, engine=ENGINE, around_px=1.0)
    broken = lumps.copy()
    broken[2] = 0
    with pytest.raises(ScienceError, match="tilt 2"):
        find_tilt_axis(broken, ANGLES_DEG)


@pytest.fixture(scope="module")
def needle():
    series = np.asarray(file_reader(str(REAL))[0]["data"], np.float32)[::3]
    return series, otsu_masks(series, angles_deg=REAL_ANGLES_DEG[::3])


def test_the_real_needle_turns_about_its_own_length(needle):
    """Its dim base leaves the field, so the masks cut it off and say so; the direction still agrees to 4 deg."""
    series, masks = needle
    found = find_tilt_axis(
        series, REAL_ANGLES_DEG[::3], masks=masks.masks, around_deg=-80.0, half_range_deg=8.0, step_deg=1.0
    )
    assert found.best.value == pytest.approx(-79.2, abs=4.0)
    assert "cuts off" in masks.notes[0]


def test_alignment_halves_what_the_real_series_leaves_unexplained(needle):
    series, _ = needle
    angles = REAL_ANGLES_DEG[::3]
    clean = subtract_background(series, angles, level="outside_object").tilt_series
    turned = turn_series(clean, angles, tilt_axis_deg=-79.6)
    masks = otsu_masks(turned.tilt_series).masks
    found = align(turned.tilt_series, angles, masks=masks)
    assert np.ptp(found.shifts_px[:, 0]) > 4  # the specimen crept along the axis

    def unexplained(images, axis_px):
        left = []
        sirt(
            images,
            angles,
            iterations=20,
            rotation_axis_px=axis_px,
            progress=lambda *_, residual: not left.append(residual),
        )
        return left[-1]

    before = unexplained(turned.tilt_series, turned.rotation_axis.value)
    after = unexplained(apply_shifts(turned.tilt_series, found.shifts_px), found.rotation_axis_px)
    assert after < 0.65 * before
