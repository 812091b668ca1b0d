import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import pick_tilts, project, sirt, subtract_background
from lithoscope.numerics.tomography.phantoms import porous_particle

ANGLES_DEG = np.arange(-90.0, 91.0, 2.0)
SERIES = np.arange(91, dtype=np.uint16)[:, None, None] * np.ones((1, 2, 2), np.uint16)
GEOMETRY = {"first_deg": -70.0, "last_deg": 70.0, "step_deg": 10.0, "tolerance_deg": 0.5}


def test_the_published_tilts_are_taken_from_a_finer_series():
    picked = pick_tilts(SERIES, ANGLES_DEG, **GEOMETRY)
    assert picked.coordinates["t"].tolist() == list(range(-70, 71, 10))
    assert picked.values[:, 0, 0].tolist() == list(range(10, 81, 5))
    assert picked.values.dtype == np.uint16


def test_order_of_the_series_does_not_matter():
    order = np.random.default_rng(0).permutation(91)
    picked = pick_tilts(SERIES[order], ANGLES_DEG[order], **GEOMETRY)
    np.testing.assert_array_equal(picked.values, pick_tilts(SERIES, ANGLES_DEG, **GEOMETRY).values)


def test_tilts_keep_the_angle_they_really_have():
    picked = pick_tilts(SERIES, ANGLES_DEG + 0.25, **GEOMETRY)
    assert picked.coordinates["t"][0] == -69.75


def test_a_spoilt_tilt_can_be_left_out():
    spoilt = SERIES.astype(np.float32)
    spoilt[0] = np.nan
    assert np.isfinite(pick_tilts(spoilt, ANGLES_DEG, **GEOMETRY).values).all()


def test_a_tilt_that_was_not_taken_is_named():
    with pytest.raises(ScienceError, match=r"no tilt at 5\.00 deg") as refused:
        pick_tilts(SERIES, ANGLES_DEG, first_deg=0.0, last_deg=10.0, step_deg=5.0, tolerance_deg=0.5)
    assert refused.value.code == "missing-tilt"


@pytest.mark.parametrize("change", [{"last_deg": -80.0}, {"tolerance_deg": 5.0}, {"step_deg": 0.0}])
def test_settings_that_contradict_each_other_are_refused(change):
    with pytest.raises(ScienceError) as refused:
        pick_tilts(SERIES, ANGLES_DEG, **(GEOMETRY | change))
    assert refused.value.code == "invalid-setting"


@pytest.mark.parametrize("level", ["outside_object", "lowest"])
def test_a_dark_level_is_found_and_taken_off(level):
    angles = np.arange(-60.0, 61.0, 15.0)
    clean = 1000 * project(porous_particle(24), angles)
    removed = subtract_background(clean + 513, angles, level=level)
    np.testing.assert_allclose(removed.tilt_series, clean, atol=0.01)
    np.testing.assert_allclose(removed.levels.columns["level_counts"], 513, atol=0.01)


def test_noise_does_not_bias_the_level_outside_the_object():
    angles = np.arange(-60.0, 61.0, 15.0)
    noise = np.random.default_rng(0).normal(0, 20, (9, 24, 24))
    removed = subtract_background(
        1000 * project(porous_particle(24), angles) + 513 + noise, angles, level="outside_object"
    )
    assert np.mean(removed.levels.columns["level_counts"]) == pytest.approx(513, abs=2)


def test_an_empty_tilt_is_all_background():
    removed = subtract_background(np.full((3, 8, 8), 520, np.uint16), np.arange(3.0), level="outside_object")
    assert not removed.tilt_series.any()


def test_a_known_level_is_taken_off_as_given():
    removed = subtract_background(SERIES, ANGLES_DEG, level="value", value_counts=5.0)
    assert removed.tilt_series[0, 0, 0] == -5


def test_a_dark_level_left_in_spoils_the_volume():
    angles = np.arange(-70.0, 71.0, 10.0)
    truth = porous_particle(24)
    offset = project(truth, angles) + 2
    right = sirt(subtract_background(offset, angles, level="outside_object").tilt_series, angles, iterations=30)
    wrong = sirt(offset, angles, iterations=30)
    assert np.mean((right - truth) ** 2) < 0.5 * np.mean((wrong - truth) ** 2)
