"""Repeated frames with their spectra: noise is not taken for damage, a lost line is seen through every drift."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.methods import catalogue
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.series import SeriesOfTilts
from lithoscope.numerics.tomography import project
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.shifting import apply_shifts
from lithoscope.numerics.tomography.stability_report import background_ratio, line_maps, repeated_frames, window_sums

CORE, LOW = EnergyAxis(600.0, 1.0, 260), EnergyAxis(-20.0, 0.5, 120)
SETTINGS = catalogue()["beam_stability"].params().arguments()
DRIFT_PX = ((0.0, 0.0), (0.8, -0.5), (1.2, 0.7))
TRUTH = project(porous_particle(32), [0.0])[0]
TRUTH = TRUTH / TRUTH.max()


def spectrum(manganese=1.0, cobalt=1.0, background=300.0):
    energies = CORE.energies_eV
    lines = manganese * np.exp(-((energies - 643) ** 2) / 12) + cobalt * np.exp(-((energies - 780) ** 2) / 12)
    return background * (600 / energies) ** 3 + 200 * lines


def frames(manganese=(1.0, 1.0, 1.0), *, drift_eV=(0.0, 0.0, 0.0), seed=0):
    """Count three frames of a particle that drifts, and whose spectra drift."""
    rng = np.random.default_rng(seed)
    images = apply_shifts(np.stack([TRUTH] * 3), DRIFT_PX).clip(0)
    rows = [
        np.interp(CORE.energies_eV - e, CORE.energies_eV, spectrum(mn))
        for mn, e in zip(manganese, drift_eV, strict=True)
    ]
    core = rng.poisson(images[..., None] * np.array(rows)[:, None, None])
    peak = [5e3 * np.exp(-((LOW.energies_eV - e) ** 2) / 2) for e in drift_eV]
    low = rng.poisson(np.ones(images.shape)[..., None] * np.array(peak)[:, None, None])
    return rng.poisson(1000 * images + 30).astype(np.float32), core.astype(np.float32), low.astype(np.float32)


def compared(dark, core=None, low=None, **settings):
    spectra = {} if core is None else {"repeat_core_loss": core, "repeat_core_loss_energy": CORE}
    if low is not None:
        spectra |= {"repeat_low_loss": low, "repeat_low_loss_energy": LOW}
    return repeated_frames(dark, **spectra, **{**SETTINGS, **settings})


def test_an_unchanged_specimen_is_stable_with_its_numbers():
    found = compared(*frames())
    assert found.verdict.columns["verdict"] == ["stable"]
    assert found.maps.labels == {"c": ("Mn L3", "Co L3")}
    assert found.maps.values.shape == (2, 3, 32, 32)
    assert found.changes.columns["map"] == ["Mn L3", "Mn L3", "Co L3", "Co L3"]
    assert abs(found.change.value) < 4 * found.change.uncertainty < 0.05
    assert found.correlation.value > 0.98
    np.testing.assert_allclose(found.frames.columns["drift_y_px"], [0, -0.8, -1.2], atol=0.1)
    assert found.frames.columns["beam_over_first"] == pytest.approx([1, 1, 1], abs=0.01)


def test_manganese_lost_by_the_last_frame_is_named():
    found = compared(*frames((1.0, 1.0, 0.8)))
    assert found.verdict.columns["verdict"][0] == "changed"
    assert found.verdict.columns["reason"][0].startswith("Mn L3, frame 2: -")
    assert found.change.value == pytest.approx(-0.2, abs=0.03)
    assert found.notes[0].startswith("beam-stability: changed: Mn L3, frame 2")


def test_a_drift_of_energy_is_taken_off_by_the_low_loss():
    drifted = frames(drift_eV=(0.0, 2.5, 5.0))
    assert compared(*drifted).verdict.columns["verdict"] == ["stable"]
    assert compared(*drifted[:2]).verdict.columns["verdict"][0] != "stable"
    assert any(note.startswith("energy-drift: ") for note in compared(*drifted[:2]).notes)


def test_dark_field_alone_is_undecided():
    found = compared(frames()[0])
    assert found.verdict.columns["verdict"] == ["undecided"]
    assert found.maps is None
    assert found.changes is None
    assert found.change.source == "unknown"


def test_stored_spectra_are_read_frame_by_frame():
    dark, core, low = frames()
    read = []

    def frame(number):
        read.append(number)
        return core[number]

    found = compared(dark, SeriesOfTilts(frame, shape=core.shape, dtype=core.dtype), low)
    np.testing.assert_array_equal(found.maps.values, compared(dark, core, low).maps.values)
    assert read == [0, 1, 2]


def test_a_line_is_mapped_without_its_background_and_with_its_variance():
    window = tuple(SETTINGS[f"mn_{end}_eV"] for end in ("pre_start", "pre_stop", "line_start", "line_stop"))
    ratio = background_ratio(spectrum(), CORE, window)
    counts, _ = line_maps([window_sums(spectrum()[None, None], CORE, window)], ratio)
    inside = (CORE.energies_eV >= window[2]) & (CORE.energies_eV <= window[3])
    assert counts.item() == pytest.approx((spectrum() - spectrum(0.0, 0.0))[inside].sum(), rel=0.02)
    noisy = np.random.default_rng(0).poisson(np.broadcast_to(spectrum(), (60, 60, CORE.size)))
    counts, variance = line_maps([window_sums(noisy, CORE, window)], ratio)
    assert counts.var() == pytest.approx(variance.mean(), rel=0.1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda dark, core, low: (dark[:1], core[:1], low[:1]), "invalid-setting"),
        (lambda dark, core, low: (dark, core[:, :16], low[:, :16]), "wrong-shape"),
        (lambda dark, core, low: (dark, -core, low), "negative-counts"),
        (lambda dark, core, low: (dark, core, 0 * low), "missing-zero-loss"),
        (lambda dark, core, low: (np.where(dark > 1000, np.nan, dark), core, low), "non-finite-values"),
    ],
)
def test_frames_that_cannot_be_compared_are_named_problems(change, code):
    with pytest.raises(ScienceError) as refused:
        compared(*change(*frames()))
    assert refused.value.code == code


def test_a_window_outside_the_spectrum_is_refused():
    with pytest.raises(ScienceError) as refused:
        compared(*frames(), co_line_stop_eV=900.0)
    assert refused.value.code == "window-outside-spectrum"
