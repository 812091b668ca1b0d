"""X-rays: how many there are, what absorbs them, and that spectra give back what was planted."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.absorption import Detector, attenuation_per_voxel, transmission
from lithoscope.numerics.eds.lines import line_family
from lithoscope.numerics.twins import PAPER, XRays, ncm_particle
from lithoscope.numerics.twins.crystal import densities_g_cm3, filled
from lithoscope.numerics.twins.fluorescence import XRayModel
from lithoscope.numerics.twins.particle import NcmParticle
from lithoscope.numerics.twins.view import View

STEP_NM = 9.26
SETTINGS = replace(PAPER, depth_slabs=1, probe=replace(PAPER.probe, step_nm=STEP_NM))
AXIS = EnergyAxis(-200.0, 10.0, 860)
X_RAYS = replace(PAPER.x_rays, axis=AXIS)


def slab(thickness_voxels, size=16, voxel_nm=STEP_NM):
    """Give a layer of LiMO2 that fills the field."""
    occupancy = np.zeros((size, size, size), np.float32)
    occupancy[:thickness_voxels] = 1
    third = np.full((3, 1, 1, 1), 1 / 3, np.float32)
    atoms = filled(np.zeros((1, 1, 1), np.float32), third) * occupancy
    states = np.ones((3, *occupancy.shape), np.float32)
    return NcmParticle(voxel_nm, occupancy, occupancy, 0 * occupancy, atoms, states, states[:2])


def seen(particle, x_rays=X_RAYS, angle=0.0):
    size = particle.occupancy.shape[0]
    model = XRayModel.of(x_rays, SETTINGS.probe, particle=particle, binning=1)
    view = View.at(angle, size=size, voxel_nm=particle.voxel_nm, shift_px=(0.0, 0.0), settings=SETTINGS)
    return model, model.scan(particle, view, angle)


def ball(radius_nm=100.0, voxel_nm=5.0, size=48):
    place = (np.arange(size) - (size - 1) / 2) * voxel_nm
    distance = np.sqrt(sum(axis**2 for axis in np.meshgrid(place, place, place, indexing="ij")))
    occupancy = np.clip((radius_nm - distance) / voxel_nm + 0.5, 0, 1).astype(np.float32)
    third = np.full((3, 1, 1, 1), 1 / 3, np.float32)
    return filled(np.zeros((1, 1, 1), np.float32), third) * occupancy, distance, voxel_nm


@pytest.mark.parametrize(
    ("family", "centre", "surface"), [("O K", 0.88, 0.93), ("Mn L", 0.73, 0.86), ("Ni L", 0.71, 0.84)]
)
def test_a_sphere_of_200_nm_absorbs_as_the_notes_say(family, centre, surface):
    """The notes say .75 of Mn L alpha; beta lies above manganese's own edge and takes two hundredths more."""
    atoms, distance, voxel_nm = ball()
    attenuation = attenuation_per_voxel(densities_g_cm3(atoms), (family,), voxel_nm)
    passing = transmission(attenuation, angle_deg=0.0, detector=Detector(45.0))[0]
    assert passing[distance < 8].mean() == pytest.approx(centre, abs=0.02)
    assert passing[(distance > 92) & (distance < 100)].mean() == pytest.approx(surface, abs=0.02)


def test_150_nm_give_the_counts_of_the_notes():
    """Mn La: 10-20 counts per pixel and tilt."""
    particle = slab(15, voxel_nm=10.0)
    settings = replace(SETTINGS, probe=replace(SETTINGS.probe, step_nm=10.0))
    model = XRayModel.of(X_RAYS, settings.probe, particle=particle, binning=1)
    view = View.at(0.0, size=16, voxel_nm=10.0, shift_px=(0.0, 0.0), settings=settings)
    emitted = model.scan(particle, view, 0.0).emitted[:, 8, 8]
    manganese = emitted[model.families.index("Mn L")]
    assert manganese * line_family("Mn L").shares[0] == pytest.approx(15.0, rel=1e-3)
    assert emitted[model.families.index("O K")] / manganese == pytest.approx(3.0, rel=1e-3)
    assert model.nominal_counts == pytest.approx(emitted.sum(), rel=1e-3)


def test_without_absorption_detectors_share_what_is_emitted():
    model, scan = seen(slab(8), replace(X_RAYS, is_absorbing=False), 40.0)
    share = model.settings.seen(40.0) / 4
    np.testing.assert_allclose(scan.family_counts, share[:, None, None, None] * scan.emitted, rtol=1e-5)


def test_absorption_takes_more_of_nickel_than_of_oxygen_and_hardly_any_k_line():
    particle = ncm_particle(32, voxel_nm=STEP_NM)
    model, scan = seen(particle, replace(X_RAYS, shadow_depth=0.0))
    left = scan.family_counts.sum(axis=(0, 2, 3)) / scan.emitted.sum(axis=(1, 2)) / np.mean(model.settings.gains)
    by_name = dict(zip(model.families, left, strict=True))
    assert by_name["Ni L"] < by_name["Mn L"] < by_name["O K"] < by_name["Ni K"] < 1
    assert 0.85 < by_name["O K"] < 0.93
    assert by_name["Mn K"] > 0.97


def test_finer_voxels_emit_the_same():
    fine = ncm_particle(32, voxel_nm=STEP_NM)
    settings = replace(SETTINGS, probe=replace(SETTINGS.probe, step_nm=2 * STEP_NM))
    sums = []
    for particle, binning in ((fine, 2), (fine.coarser(2), 1)):
        model = XRayModel.of(X_RAYS, settings.probe, particle=particle, binning=binning)
        size = particle.occupancy.shape[0]
        view = View.at(20.0, size=size, voxel_nm=particle.voxel_nm, shift_px=(0.0, 0.0), settings=settings)
        sums.append(model.scan(particle, view, 20.0).family_counts.sum(axis=(2, 3)))
    np.testing.assert_allclose(sums[0], sums[1], rtol=0.01)


def test_clean_spectra_give_back_the_planted_counts():
    model, scan = seen(ncm_particle(32, voxel_nm=STEP_NM), angle=-20.0)
    weights = model.weights(scan, angle_deg=-20.0, film_nm=4.0)
    spectra = model.spectra(weights, np.ones_like(weights[:, 0])) - 4 * model.strobe
    found, *_ = np.linalg.lstsq(model.shapes.T, spectra.T, rcond=None)
    planted = scan.family_counts.sum(axis=0).reshape(len(model.families), -1)
    np.testing.assert_allclose(found[: len(planted)], planted, atol=1e-4 * planted.max())


def test_detectors_kept_apart_add_up_to_their_sum():
    model, scan = seen(slab(8), angle=30.0)
    weights = model.weights(scan, angle_deg=30.0, film_nm=4.0)
    live = model.live_fractions(weights, 0.05)
    apart = replace(model, settings=replace(X_RAYS, is_summed=False)).spectra(weights, live)
    assert apart.shape == (4, 256, AXIS.size)
    np.testing.assert_allclose(apart.sum(axis=0), model.spectra(weights, live), rtol=1e-6, atol=1e-9)
    assert len({round(float(each.sum())) for each in apart}) > 1


def test_lines_stand_above_the_background_at_their_places():
    model, scan = seen(slab(16))
    weights = model.weights(scan, angle_deg=0.0, film_nm=4.0)
    spectrum = model.spectra(weights, np.ones_like(weights[:, 0])).mean(axis=0)
    for energy in (525, 637, 776, 851, 5899, 6930, 7478):
        place = int(np.argmin(abs(AXIS.energies_eV - energy)))
        around = spectrum[place - 3 : place + 4]
        assert around.max() > spectrum[place - 12 : place + 13].min()
        assert abs(int(around.argmax()) - 3) <= 2


def test_each_side_of_the_holder_shadows_at_its_own_tilts():
    x_rays = XRays(gains=(1.0, 1.0, 1.0, 1.0))
    right, left = x_rays.seen(70.0), x_rays.seen(-70.0)
    np.testing.assert_allclose(right, left[[1, 0, 3, 2]])
    assert right.min() < 0.45
    assert right.max() > 0.95
    np.testing.assert_allclose(x_rays.seen(0.0), 1, atol=0.02)


def test_a_busy_detector_is_deaf():
    model, scan = seen(slab(2))
    weights = model.weights(scan, angle_deg=0.0, film_nm=0.0)
    assert (model.live_fractions(0 * weights, 0.05) == 1).all()
    photons = np.tensordot(weights, model.shapes.sum(axis=1), (1, 0))
    np.testing.assert_allclose(model.live_fractions(weights * 1e4 / photons[:, None], 0.05), 0.5, rtol=1e-6)


def test_gains_and_detectors_must_agree():
    with pytest.raises(InvalidSetting):
        XRays(gains=(1.0,))
