"""The whole measurement: doses, statistics, repeatability, and maps that say what was planted."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.twins import (
    PAPER,
    Experiment,
    ExperimentSettings,
    Stage,
    experiment,
    small_particle,
    small_settings,
)
from lithoscope.rules.dose import raster_dose

CLEAN = small_settings(is_noisy=False, angles_deg=(-50.0, 0.0, 20.0))
PARTICLE = small_particle()


@pytest.fixture(scope="module")
def clean():
    return list(experiment(PARTICLE, settings=CLEAN))


def test_the_dose_is_that_of_the_paper():
    """0.300 nA for 0.05 s: 9.362e7 electrons; 6.551e5 e/A2 for the series, 7.42e5 with the repeated scans."""
    assert PAPER.probe.electrons == pytest.approx(9.362e7, rel=1e-3)
    scans = PAPER.stage.scans
    assert [len(scans), sum(in_series for _, in_series in scans)] == [17, 15]
    raster = {"beam_current_nA": PAPER.probe.current_nA, "dwell_s": PAPER.probe.dwell_s, "step_nm": PAPER.probe.step_nm}
    assert raster_dose(**raster, frames=15).series_e_per_A2 == pytest.approx(6.551e5, rel=1e-3)
    assert raster_dose(**raster, frames=len(scans)).series_e_per_A2 == pytest.approx(7.42e5, rel=1e-3)
    assert PAPER.probe.electrons / (PAPER.probe.step_nm * 10) ** 2 == pytest.approx(
        raster_dose(**raster).per_frame_e_per_A2, rel=1e-9
    )


def test_the_paper_records_what_it_says():
    assert (PAPER.losses.low_axis.last_eV, PAPER.losses.core_axis.last_eV) == pytest.approx((277.05, 907.05))
    assert PAPER.x_rays.axis.size == 4096
    assert PAPER.stage.scans[0] == (0.0, False)
    assert PAPER.stage.scans[-1] == (0.0, False)


def test_every_tilt_holds_the_same_atoms(clean):
    atoms = np.array([scan.truth.atoms_per_nm2.sum(axis=(1, 2)) for scan in clean])
    planted = PARTICLE.atoms_per_nm3.sum(axis=(1, 2, 3)) * PARTICLE.voxel_nm
    np.testing.assert_allclose(atoms, np.tile(planted, (len(clean), 1)), rtol=1e-3)
    for scan in clean:
        np.testing.assert_allclose(
            scan.truth.states_per_nm2[1:4].sum(axis=0), scan.truth.atoms_per_nm2[2], rtol=1e-3, atol=1e-3
        )
        np.testing.assert_allclose(
            scan.truth.states_per_nm2[4:6].sum(axis=0), scan.truth.atoms_per_nm2[3], rtol=1e-3, atol=1e-3
        )


def test_the_dark_field_grows_with_mass_and_film(clean):
    flat = next(scan for scan in clean if scan.angle_deg == -50.0)
    film = flat.dark_field[0, 0]
    assert film / clean[0].dark_field[0, 0] == pytest.approx(1 / np.cos(np.deg2rad(50)), rel=1e-4)
    signal = (flat.dark_field - film).ravel()
    strength = np.tensordot([z**1.6 for z in (3, 8, 25, 27, 28)], flat.truth.atoms_per_nm2, 1).ravel()
    assert np.corrcoef(signal, strength)[0, 1] > 0.999999


def test_only_the_named_tilts_diffract(clean):
    swing = {scan.angle_deg: float(np.ptp(scan.truth.dark_field_contrast)) for scan in clean}
    assert swing[-50.0] == swing[0.0] == 0
    assert 0.1 < swing[20.0] <= 0.3 + 1e-6


def test_shifts_are_those_of_the_maps(clean):
    unshifted = Experiment(PARTICLE, settings=replace(CLEAN, stage=replace(CLEAN.stage, shift_px=0.0)))
    for scan in clean[1:3]:
        still = unshifted.scan(scan.index)
        moved = np.subtract(centre(scan.truth.atoms_per_nm2[1]), centre(still.truth.atoms_per_nm2[1]))
        np.testing.assert_allclose(moved, scan.truth.shift_px, atol=1e-3)


def centre(image):
    y, x = np.indices(image.shape)
    return (y * image).sum() / image.sum(), (x * image).sum() / image.sum()


def test_counts_are_poisson():
    noisy = Experiment(PARTICLE, settings=replace(CLEAN, is_noisy=True))
    expected = Experiment(PARTICLE, settings=CLEAN).scan(1)
    counted = noisy.scan(1)
    for name in ("dark_field", "x_rays", "low_loss", "core_loss"):
        mean = getattr(expected, name).astype(np.float64)
        draw = getattr(counted, name)
        assert draw.dtype == np.uint32
        seen = mean > 0.5
        assert np.mean((draw[seen] - mean[seen]) ** 2 / mean[seen]) == pytest.approx(1, abs=6 * np.sqrt(3 / seen.sum()))
        assert draw.sum() == pytest.approx(mean.sum(), abs=5 * np.sqrt(mean.sum()))
    assert counted.truth.shift_px == expected.truth.shift_px


def test_a_scan_is_the_same_whenever_it_is_taken():
    settings = small_settings(angles_deg=(-30.0, 10.0))
    alone = Experiment(PARTICLE, settings=settings).scan(2)
    *_, in_order = list(experiment(PARTICLE, settings=settings))[:3]
    for name in ("dark_field", "x_rays", "low_loss", "core_loss"):
        assert (getattr(alone, name) == getattr(in_order, name)).all()
    other = Experiment(PARTICLE, settings=replace(settings, seed=1)).scan(2)
    assert (other.core_loss != alone.core_loss).any()


def test_scans_come_one_by_one_and_stop_when_asked():
    asked = []

    def enough(done, total, **numbers):
        asked.append((done, total, numbers["angle_deg"]))
        return done < 2

    scans = experiment(PARTICLE, settings=small_settings(angles_deg=(-30.0, 10.0)), progress=enough)
    assert next(scans).index == 0
    assert not asked
    assert [scan.index for scan in scans] == [1]
    assert asked == [(1, 4, 0.0), (2, 4, -30.0)]


def test_damage_reduces_manganese_scan_by_scan():
    stage = replace(CLEAN.stage, reduction_per_scan=0.1, shift_px=0.0)
    first, *_, last = experiment(PARTICLE, settings=replace(CLEAN, stage=stage))
    sums = [scan.truth.states_per_nm2[1:4].sum(axis=(1, 2)) for scan in (first, last)]
    assert sums[1][0] == pytest.approx(sums[0][0] * 0.9**last.index, rel=1e-4)
    assert sums[1].sum() == pytest.approx(sums[0].sum(), rel=1e-4)


def test_detectors_listen_nearly_always_and_the_spectra_are_that_much_shorter(clean):
    assert all(((scan.live_fractions > 0.9) & (scan.live_fractions < 1)).all() for scan in clean)
    deaf = replace(CLEAN, x_rays=replace(CLEAN.x_rays, dead_time_us=100.0))
    scan = Experiment(PARTICLE, settings=deaf).scan(0)
    assert scan.live_fractions.max() < clean[0].live_fractions.max()
    assert scan.x_rays.sum() < clean[0].x_rays.sum()


def test_a_finer_particle_is_measured_on_the_same_raster():
    fine = small_particle(32)
    scan = Experiment(fine, settings=CLEAN).scan(0)
    assert scan.dark_field.shape == (16, 16)
    assert scan.core_loss.shape == (16, 16, 512)
    with pytest.raises(InvalidSetting):
        Experiment(small_particle(24), settings=CLEAN)


def test_settings_that_mean_nothing_are_refused():
    with pytest.raises(InvalidSetting):
        Stage(angles_deg=(0.0, 90.0))
    with pytest.raises(InvalidSetting):
        Stage(reduction_per_scan=1.0)
    with pytest.raises(InvalidSetting):
        ExperimentSettings(depth_slabs=0)
    for part, wrong in (
        (PAPER.probe, {"step_nm": 0.0}),
        (PAPER.probe, {"convergence_mrad": -1.0}),
        (PAPER.dark_field, {"share_at_150_nm": 0.9}),
        (PAPER.x_rays, {"mn_la_counts": -1.0}),
        (PAPER.x_rays, {"yields": (("O K", 0.5),)}),
        (PAPER.losses, {"mean_free_path_nm": 0.0}),
    ):
        with pytest.raises(InvalidSetting):
            replace(part, **wrong)
    for index in (-1, 5):
        with pytest.raises(InvalidSetting):
            Experiment(PARTICLE, settings=CLEAN).scan(index)
    assert Stage(repeated_deg=None).scans[0] == (-70.0, True)


def test_detectors_are_kept_apart_when_asked(clean):
    apart = Experiment(PARTICLE, settings=replace(CLEAN, x_rays=replace(CLEAN.x_rays, is_summed=False))).scan(0)
    assert apart.x_rays.shape == (4, *clean[0].x_rays.shape)
    np.testing.assert_allclose(apart.x_rays.sum(axis=0), clean[0].x_rays, rtol=1e-4, atol=1e-5)
