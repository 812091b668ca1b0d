"""The mask of a particle tells its volume with an interval, and what making it changed."""

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.particles.examples import ball
from lithoscope.numerics.particles.mask_report import mask_volume


def test_the_volume_of_a_ball_lies_in_its_interval():
    found = mask_volume(10.0 * ball(), (4.0, 4.0, 4.0))
    low, high = found.volume_nm3.interval
    assert low < 4 / 3 * np.pi * 42**1.5 * 64 < high
    assert found.volume_nm3.value == found.voxels.value * 64
    assert (found.labels == ball()).all()


def test_the_interval_is_half_a_voxel_of_the_surface_inward_and_outward():
    cube = np.zeros((13, 13, 13))
    cube[2:11, 2:11, 2:11] = 1.0
    found = mask_volume(cube, (1.0, 2.0, 3.0)).volume_nm3
    assert found.value == 6 * 9**3
    assert found.interval == (6 * (9**3 - (9**3 - 7**3) / 2), 6 * (9**3 + 6 * 9**2 / 2))


def test_a_second_body_and_a_cut_particle_are_said():
    volume = 10.0 * ball()
    volume[:3, :3, :3] = 10.0
    notes = mask_volume(volume, (1.0, 1.0, 1.0)).notes
    assert any(note.startswith("more-than-one-body:") for note in notes)
    half = mask_volume(10.0 * ball()[8:], (1.0, 1.0, 1.0)).notes
    assert any(note.startswith("particle-at-border:") for note in half)


def test_smoothing_finds_the_particle_under_noise_that_breaks_it():
    rng = np.random.default_rng(0)
    volume = 10.0 * ball() + rng.normal(0, 5, (17, 17, 17))
    smooth = mask_volume(volume, (1.0, 1.0, 1.0), smoothing_px=1.0)
    assert (smooth.labels != ball()).mean() < (mask_volume(volume, (1.0, 1.0, 1.0)).labels != ball()).mean()


def test_negative_smoothing_is_refused():
    with pytest.raises(InvalidSetting, match="smoothing_px"):
        mask_volume(10.0 * ball(), (1.0, 1.0, 1.0), smoothing_px=-1)
