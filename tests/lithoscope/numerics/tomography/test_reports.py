"""What methods give beside their arrays: tables and figures that agree with them, notes that name what is doubtful."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.common.series import SeriesOfTilts
from lithoscope.numerics.tomography import genfire, project
from lithoscope.numerics.tomography.alignment_report import align_series, mask_series, shift_series
from lithoscope.numerics.tomography.genfire_report import genfire_report
from lithoscope.numerics.tomography.phantoms import porous_particle, small_shifts
from lithoscope.tables import Table
from tests.lithoscope.numerics.tomography.misaligned import ANGLES_DEG, left_px, shifted_series


@pytest.fixture(scope="module")
def clean():
    return project(porous_particle(24), ANGLES_DEG)


def test_the_report_is_of_the_iteration_the_volume_is_from(clean):
    settings = {"iterations": 20, "interpolation_radius_px": 0.25}
    report, plain = genfire_report(clean, ANGLES_DEG, **settings), genfire(clean, ANGLES_DEG, **settings)
    np.testing.assert_array_equal(report.volume, plain.volume)
    best = int(report.best_iteration.value) - 1
    assert report.errors.columns["error_k"][best] == report.error_k.value == min(report.errors.columns["error_k"])
    assert report.errors.columns["r_free"][best] == report.r_free.value
    assert report.filled_fraction.value == plain.filled_fraction
    assert report.shells.columns["frequency_over_nyquist"][-1] <= 1
    assert report.notes == ()


def test_nothing_withheld_leaves_r_free_unknown(clean):
    report = genfire_report(clean, ANGLES_DEG, iterations=3, withheld_fraction=0.0)
    assert report.r_free.source == "unknown"
    assert "r_free" not in report.errors.columns


def test_a_background_left_in_the_series_is_told(clean):
    uneven = clean + np.linspace(0, 2, len(ANGLES_DEG))[:, None, None]
    notes = genfire_report(uneven, ANGLES_DEG, iterations=3).notes
    assert notes[0].startswith("uneven-projections: ")


def test_masks_come_with_what_they_cut_off():
    series, _ = shifted_series()
    bare, grown = (mask_series(series, ANGLES_DEG, dilate_px=dilate_px) for dilate_px in (0.0, 5.0))
    assert bare.masked_off.value == max(bare.tilts.columns["masked_off_fraction"]) > 0.01 > grown.masked_off.value
    assert bare.notes[0].startswith("mask: ")
    assert grown.notes == ()


def test_an_aligned_series_lies_where_its_shifts_say():
    series, planted_px = shifted_series()
    found = align_series(series, ANGLES_DEG)
    shifts = np.stack([found.shifts.columns["shift_y_px"], found.shifts.columns["shift_x_px"]], axis=1)
    assert max(left_px(planted_px, shifts)) < 0.05
    np.testing.assert_array_equal(shift_series(series, found.shifts, ANGLES_DEG), found.tilt_series)
    assert found.rotation_axis.value == 31.5


def test_given_masks_count_before_otsus():
    series, _ = shifted_series()
    masks = mask_series(series, ANGLES_DEG, dilate_px=3.0).masks
    given, own = align_series(series, ANGLES_DEG, masks=masks), align_series(series, ANGLES_DEG, dilate_px=3.0)
    assert given.shifts == own.shifts


def test_spectra_are_moved_channel_by_channel():
    example = small_shifts()
    spectra = np.stack([example["series"], 2 * example["series"]], axis=-1)
    moved = shift_series(spectra, example["shifts"], example["angles_deg"])
    alone = shift_series(example["series"], example["shifts"], example["angles_deg"])
    np.testing.assert_allclose(moved[..., 0], alone, rtol=1e-4)
    np.testing.assert_allclose(moved[..., 1], 2 * alone, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda table: Table({"tilt": [1]}, {"tilt": "1"}), "no column shift_y_px"),
        (lambda table: Table({**table.columns, "angle_deg": table.columns["angle_deg"][::-1]}, table.units), "order"),
        (lambda table: Table({name: column[1:] for name, column in table.columns.items()}, table.units), "8 tilts"),
        (lambda table: Table({**table.columns, "shift_x_px": [None] * 9}, table.units), "empty"),
    ],
)
def test_shifts_of_other_tilts_move_nothing(change, named):
    example = small_shifts()
    with pytest.raises(ScienceError, match=named) as refused:
        shift_series(example["series"], change(example["shifts"]), example["angles_deg"])
    assert refused.value.code == "wrong-shift-table"


def test_every_map_is_moved_as_it_would_be_alone():
    example = small_shifts()
    maps = np.stack([example["series"], example["series"] ** 2 / 1000, example["series"][:, ::-1]])
    moved = shift_series(maps, example["shifts"], example["angles_deg"], series_names=("O K", "Mn L", "Co L"))
    for each, one in zip(moved, maps, strict=True):
        alone = shift_series(one, example["shifts"], example["angles_deg"])
        np.testing.assert_array_equal(each, alone)


def test_as_many_maps_as_tilts_are_still_maps():
    example = small_shifts()
    maps = np.stack([example["series"]] * 9)
    moved = shift_series(maps, example["shifts"], example["angles_deg"], series_names=tuple("abcdefghi"))
    np.testing.assert_array_equal(moved[4], shift_series(example["series"], example["shifts"], example["angles_deg"]))


def test_stored_spectra_are_moved_one_tilt_at_a_time():
    example, read = small_shifts(), []
    spectra = np.stack([example["series"], 2 * example["series"]], axis=-1).astype(np.float32)

    def tilt(number):
        read.append(number)
        return spectra[number]

    stored = SeriesOfTilts(tilt, shape=spectra.shape, dtype=np.float32)
    moved = shift_series(stored, example["shifts"], example["angles_deg"])
    assert read == []
    np.testing.assert_array_equal(moved[3], shift_series(spectra, example["shifts"], example["angles_deg"])[3])
    assert read == [3]


def test_an_aligned_series_is_also_given_ready_for_reconstruction():
    series, _ = shifted_series()
    found = align_series(series + 50, ANGLES_DEG)
    inside = found.moved_masks.astype(bool)
    assert not found.clean[~inside].any()
    levels = np.array(found.shifts.columns["background_counts"])[:, None, None]
    np.testing.assert_allclose(found.clean[inside], (found.tilt_series - levels)[inside], atol=1e-2)
    sums = found.clean.sum(axis=(1, 2))
    assert sums.std() < 0.01 * sums.mean()


def test_without_masks_nothing_is_taken_off():
    series, _ = shifted_series()
    found = align_series(series, ANGLES_DEG, masking="whole_field")
    assert found.moved_masks is None
    np.testing.assert_array_equal(found.clean, found.tilt_series)


def test_variances_of_maps_go_with_the_squares_of_the_weights():
    example = small_shifts()
    flat = np.full((2, *example["series"].shape), 4.0)
    moved = shift_series(flat, example["shifts"], example["angles_deg"], variances=True, series_names=("a", "b"))
    half = np.abs(np.array(example["shifts"].columns["shift_y_px"])) == 0.5
    assert moved.min() > 0
    assert moved[:, half, 8, 8] == pytest.approx(4, rel=0.1)


def test_variances_of_several_maps_are_moved_as_those_of_one():
    example = small_shifts()
    given = (example["shifts"], example["angles_deg"])
    maps = np.random.default_rng(0).poisson(4.0, (2, *example["series"].shape))
    together = shift_series(maps, *given, variances=True, series_names=("a", "b"))
    alone = [shift_series(each, *given, variances=True) for each in maps]
    np.testing.assert_array_equal(together, alone)
    assert not np.array_equal(together, shift_series(maps, *given, series_names=("a", "b")))


def test_error_curves_are_drawn(clean):
    report = genfire_report(clean, ANGLES_DEG, iterations=3)
    assert [line.y for line in report.errors.plot.lines] == ["error_k", "r_free"]
    assert report.shells.plot.x == "frequency_over_nyquist"
    bare = genfire_report(clean, ANGLES_DEG, iterations=3, withheld_fraction=0.0)
    assert [line.y for line in bare.errors.plot.lines] == ["error_k"]
