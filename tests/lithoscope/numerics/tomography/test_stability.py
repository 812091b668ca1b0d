"""Beam stability: noise is not taken for damage, damage is seen, and what cannot be told is said."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import project
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.shifting import apply_shifts
from lithoscope.numerics.tomography.stability import beam_stability, confidence

TRUTH = project(porous_particle(48), [0.0])[0]
TRUTH = TRUTH / TRUTH.max()
MASK = TRUTH > 0.1


def frames(peak_counts, *, seed=0, drift=((0, 0), (1.3, -0.7)), change=0.0, layer=None):
    """Count two frames, the later one shifted and changed."""
    images = np.stack([TRUTH, TRUTH * (1 - change) if layer is None else TRUTH * layer])
    return np.random.default_rng(seed).poisson(peak_counts * apply_shifts(images, drift).clip(0))


@pytest.mark.parametrize("peak_counts", [50, 500])
def test_two_frames_of_an_unchanged_specimen_are_stable(peak_counts):
    found = beam_stability(
        frames(1000), {"Mn": frames(peak_counts, seed=1), "Co": frames(peak_counts, seed=2)}, mask=MASK
    )
    assert found.verdict == "stable"
    np.testing.assert_allclose(found.shifts_px[1], (-1.3, 0.7), atol=0.05)
    assert found.correlation[1] > 0.98
    for change in found.changes:
        assert abs(change.change.value) < 3.5 * change.change.uncertainty
        assert change.difference_rms_counts == pytest.approx(change.expected_rms_counts, rel=0.06)


def test_the_poisson_expectation_holds_on_average():
    changes = [
        beam_stability(frames(1000), {"Mn": frames(20, seed=seed)}, mask=MASK).changes[0] for seed in range(10, 40)
    ]
    pulls = np.array([item.change.value / item.change.uncertainty for item in changes])
    assert pulls.std() == pytest.approx(1, abs=0.35)
    assert np.mean([item.chi_square for item in changes]) == pytest.approx(1, abs=0.05)


def test_loss_of_an_element_is_seen_and_named():
    found = beam_stability(frames(1000), {"Mn": frames(50, change=0.15, seed=1), "Co": frames(50, seed=2)}, mask=MASK)
    assert found.verdict == "changed"
    assert [reason.split(",")[0] for reason in found.reasons] == ["Mn"]
    assert found.changes[0].change.value == pytest.approx(-0.15, abs=3 * found.changes[0].change.uncertainty)


def test_counts_that_change_places_are_seen_though_their_sum_is_kept():
    rows = np.linspace(-1, 1, 48)[:, None]
    layer = 1 + 0.4 * rows
    layer = layer * TRUTH.sum() / (TRUTH * layer).sum()
    found = beam_stability(frames(1000), {"Mn": frames(200, layer=layer, seed=1)}, mask=MASK)
    assert abs(found.changes[0].change.value) < 0.03
    assert found.verdict == "changed"
    assert "its sum is kept" in found.reasons[0]


def test_few_counts_leave_it_undecided():
    found = beam_stability(frames(1000), {"Mn": frames(1, seed=3)}, mask=MASK)
    assert found.verdict == "undecided"
    assert "not excluded" in found.reasons[0]
    empty = beam_stability(frames(1000), {"Mn": np.zeros((2, 48, 48))}, mask=MASK)
    assert empty.verdict == "undecided"
    assert empty.changes[0].change.value is None
    assert beam_stability(frames(1000), {}, mask=MASK).verdict == "undecided"


def test_another_shape_is_a_change():
    hole = frames(1000)
    hole[1, 18:30, 18:30] = 0
    found = beam_stability(hole, {"Mn": frames(500, seed=1)}, mask=MASK)
    assert found.verdict == "changed"
    assert "structure of frame 1" in found.reasons[0]


def test_every_later_frame_is_compared_with_the_first():
    three = np.concatenate([frames(1000), frames(1000, seed=5)[:1]])
    found = beam_stability(three, {"Mn": np.concatenate([frames(200, seed=1), frames(200, seed=6)[:1]])}, mask=MASK)
    assert [(item.name, item.frame) for item in found.changes] == [("Mn", 1), ("Mn", 2)]
    assert found.verdict == "stable"


def test_variances_stand_for_maps_without_background():
    raw, background = frames(100, seed=1), np.random.default_rng(9).poisson(40, (2, 48, 48))
    net = raw + background - 40.0
    found = beam_stability(frames(1000), {"Mn": net}, mask=MASK, variances={"Mn": raw + background})
    assert found.changes[0].chi_square == pytest.approx(1, abs=0.15)
    assert found.changes[0].change.uncertainty > np.sqrt(2 / raw[0][MASK].sum())


def test_bad_input_is_refused():
    adf, good = frames(100), frames(10)
    for structure, maps, extra, word in (
        (adf[:1], {}, {}, "two or more"),
        (adf[0], {}, {}, "frame, y, x"),
        (adf * np.nan, {}, {}, "NaN"),
        (adf, {"Mn": good[:, :20]}, {}, "same frames"),
        (adf, {"Mn": good - 5}, {}, "below zero"),
        (adf, {"Mn": good}, {"variances": {}}, "variances"),
        (adf, {"Mn": good}, {"mask": MASK[:10]}, "mask"),
        (adf, {"Mn": good}, {"mask": ~MASK & MASK}, "no pixel"),
        (adf, {"Mn": good}, {"largest_change": 0.0}, "largest_change"),
    ):
        with pytest.raises(ScienceError, match=word):
            beam_stability(structure, maps, **{"mask": MASK, **extra})


def test_edges_that_pixels_do_not_resolve_are_not_taken_for_damage():
    """Shifts of a coarse image leave differences at its rim, in the structure and in every map alike."""
    place = np.arange(48)
    coarse = (np.add.outer(abs(place - 23.5), abs(place - 23.5)) < 18) * (0.1 + place / 48)
    fine = np.stack([np.kron(coarse, np.ones((4, 4)))] * 3)
    moved = apply_shifts(fine, ((0, 0), (1.6, -2.2), (5.4, 3.0))).clip(0)
    images = moved.reshape(3, 48, 4, 48, 4).mean(axis=(2, 4))
    rng = np.random.default_rng(0)
    maps = {name: rng.poisson(2000 * images) for name in ("Mn", "Co")}
    found = beam_stability(rng.poisson(1e4 * images), maps, mask=coarse > 0, lowest_correlation=0.5)
    assert max(item.difference_rms_counts / item.expected_rms_counts for item in found.changes) > 2
    assert found.verdict == "stable"


def test_as_many_comparisons_as_there_are_widen_what_is_called_chance():
    assert confidence(1) == pytest.approx(2, abs=1e-3)
    assert confidence(4) == pytest.approx(2.53, abs=0.01)
