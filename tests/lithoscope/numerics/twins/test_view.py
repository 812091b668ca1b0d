"""Nothing is lost on the way from voxels to maps, and the probe is as wide as geometry says."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.tomography import project
from lithoscope.numerics.twins import PAPER
from lithoscope.numerics.twins.view import View, steps_per_voxel

PARALLEL = replace(PAPER, depth_slabs=1)


def looking(angle, size, shift=(0.0, 0.0), settings=PAPER, voxel_nm=4.63):
    return View.at(angle, size=size, voxel_nm=voxel_nm, shift_px=shift, settings=settings)


def blob(size, width=0.35):
    place = np.linspace(-1, 1, size)
    return (sum(axis**2 for axis in np.meshgrid(place, place, place, indexing="ij")) < width).astype(np.float32)


@pytest.mark.parametrize("angle", [-70.0, -35.0, 0.0, 20.0, 70.0])
def test_every_tilt_sees_all_of_it(angle):
    volume = blob(24)
    seen = looking(angle, 24, (0.7, -1.3)).of([volume, 2 * volume])
    assert seen.sum(axis=(1, 2)) / 4.63 == pytest.approx([volume.sum(), 2 * volume.sum()], rel=1e-4)
    assert (seen >= 0).all()


def test_a_parallel_beam_projects():
    volume = np.random.default_rng(0).random((12, 12, 12), dtype=np.float32)
    seen = looking(25.0, 12, settings=PARALLEL).of([volume])[0]
    np.testing.assert_allclose(seen, project(volume, [25.0])[0] * 4.63, rtol=1e-4)


def test_a_shift_moves_the_centre_of_mass_by_itself():
    volume = blob(24, 0.2)
    seen = looking(30.0, 24, (1.25, -0.6)).of([volume])[0]
    y, x = np.indices(seen.shape)
    middle = (24 - 1) / 2
    assert (y * seen).sum() / seen.sum() - middle == pytest.approx(1.25, abs=1e-3)
    assert (x * seen).sum() / seen.sum() - middle == pytest.approx(-0.6, abs=1e-3)


def test_the_probe_is_five_nanometres_wide_100_nm_out_of_focus():
    """A disc of 25.2 mrad x 100 nm has a diameter of 5.04 nm and a standard deviation of 1.26 nm."""
    size, voxel_nm = 257, 1.0
    settings = replace(PAPER, depth_slabs=128, probe=replace(PAPER.probe, step_nm=voxel_nm))
    view = looking(0.0, size, settings=settings, voxel_nm=voxel_nm)
    blurs = {int(rows.min() // size): blur for rows, _, blur in view.slabs}
    assert blurs[28] * voxel_nm == pytest.approx(1.26, rel=0.02)


def test_finer_voxels_are_averaged_into_steps():
    assert steps_per_voxel(64, voxel_nm=2.315, step_nm=4.63) == 2
    volume = blob(24)
    fine = looking(40.0, 24, settings=PARALLEL, voxel_nm=2.315).of([volume])[0]
    assert fine.shape == (12, 12)
    assert fine.sum() * 4 / 2.315 == pytest.approx(volume.sum(), rel=1e-4)


@pytest.mark.parametrize(("size", "voxel_nm"), [(16, 3.0), (16, 10.0), (15, 2.315)])
def test_steps_that_voxels_do_not_divide_are_refused(size, voxel_nm):
    with pytest.raises(InvalidSetting):
        steps_per_voxel(size, voxel_nm=voxel_nm, step_nm=4.63)
