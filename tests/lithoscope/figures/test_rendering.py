"""A particle is drawn where it is, in the colours of its values, from any side."""

import io

import numpy as np
import pytest
from PIL import Image

from lithoscope.figures.films import film_of
from lithoscope.figures.maps import Map, colours_of, maps_of
from lithoscope.figures.rendering import NoParticle, body_of, coloured, projected, values_at, viewed
from lithoscope.numerics.common import WrongShape

GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def ball(size: int = 24, radius: float = 8.0) -> np.ndarray:
    places = np.indices((size, size, size)) - (size - 1) / 2
    return (places**2).sum(axis=0) < radius**2


def drawn(picture: np.ndarray) -> np.ndarray:
    return (picture != 255).any(axis=2)


@pytest.mark.parametrize("angle", [0.0, 30.0, 135.0, 300.0])
def test_a_ball_covers_the_disc_it_casts_from_every_side(angle):
    mask = ball()
    body = body_of(mask, side_px=120, is_cut=False)
    picture = coloured(viewed(body, angle), np.ones(len(body.places), np.float32), (0, 1), GREYS)
    covered = drawn(picture)
    assert covered.sum() * body.voxels_per_px**2 == pytest.approx(np.pi * 8.0**2, rel=0.05)
    row, column = np.argwhere(covered).mean(axis=0)
    assert (row, column) == pytest.approx((59.5, 59.5), abs=1.5)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 4, 4), (2, 1, 3)])
def test_a_particle_of_few_voxels_is_still_seen(shape):
    mask = np.pad(np.ones(shape), 3)
    body = body_of(mask, side_px=64)
    picture = coloured(viewed(body, 30.0), values_at(mask, mask, body.voxels), (0, 1), GREYS)
    assert drawn(picture).sum() > 50


def test_there_is_no_hole_in_a_whole_surface():
    body = body_of(ball(), side_px=160, is_cut=False)
    covered = drawn(coloured(viewed(body, 20.0), np.zeros(len(body.places), np.float32), (0, 1), GREYS + 0))
    rows = [np.flatnonzero(row) for row in covered if row.any()]
    assert all(len(row) == row[-1] - row[0] + 1 for row in rows)


def test_the_cut_shows_the_inside_in_the_colour_of_its_value():
    mask = ball()
    core = ball(radius=4.0)
    volume = np.where(core, 1.0, 0.0)
    body = body_of(mask, side_px=120)
    values = values_at(volume, mask, body.voxels)
    view = viewed(body, 45.0, elevation_deg=0.0)
    picture = coloured(view, values, (0, 1), GREYS)
    assert picture[60, 55:65].min() > 200
    whole = body_of(mask, side_px=120, is_cut=False)
    outside = coloured(viewed(whole, 45.0, elevation_deg=0.0), values_at(volume, mask, whole.voxels), (0, 1), GREYS)
    assert outside[60, 55:65].max() < 40


def test_a_value_between_voxels_is_linear_and_never_mixed_with_the_outside():
    mask = ball()
    z, _, _ = np.indices(mask.shape)
    volume = np.where(mask, z.astype(float), -1000.0)
    places = np.array([[10.25, 12.0, 12.0], [11.5, 11.5, 11.5]], np.float32)
    np.testing.assert_allclose(values_at(volume, mask, places), [10.25, 11.5], atol=1e-4)
    body = body_of(mask, side_px=80)
    assert np.nanmin(values_at(volume, mask, body.voxels)) >= z[mask].min()
    assert np.isnan(values_at(volume, mask, np.array([[0.0, 0.0, 0.0]], np.float32)))[0]


def test_finer_volumes_are_drawn_at_the_same_place_and_scale():
    coarse, fine = body_of(ball(), side_px=100), body_of(np.kron(ball(), np.ones((6, 6, 6))), side_px=100)
    assert fine.voxels_per_px == pytest.approx(6 * coarse.voxels_per_px, rel=0.02)
    np.testing.assert_allclose(fine.voxels.mean(axis=0), [71.5] * 3, atol=12)


def test_the_mean_along_the_line_of_sight_counts_the_particle_alone():
    mask = ball()
    image = projected(np.where(mask, 3.0, 99.0), mask, 33.0)
    assert np.nanmin(image) == np.nanmax(image) == 3.0
    spot = np.where(mask, 0.0, 0.0)
    spot[12, 12, 12] = 7.0
    assert np.nanmax(projected(spot, mask, 0.0, how="maximum")) == 7.0


def test_an_empty_mask_and_maps_of_another_shape_are_refused():
    with pytest.raises(NoParticle):
        body_of(np.zeros((4, 4, 4)))
    with pytest.raises(WrongShape):
        maps_of(np.zeros((2, 3, 3, 3)), ("a", "b"), "1", np.ones((4, 4, 4)), limits="own")


def test_a_film_turns_once_with_one_picture_a_frame_and_the_same_bytes():
    mask = ball()
    maps = [Map("O", np.where(mask, 66.0, 0.0), "%", (0.0, 80.0)), Map("Mn", mask * 11.0, "%", (0.0, 16.7))]
    first, second = (film_of(maps, mask, voxel_nm=5.0, frames=4, side_px=64) for _ in "12")
    assert first == second
    film = Image.open(io.BytesIO(first.gif))
    assert (film.n_frames, film.info["loop"], film.info["duration"]) == (4, 0, 90)
    still = Image.open(io.BytesIO(first.still))
    assert film.size == still.size
    assert "O 0 to 80 %; Mn 0 to 16.7 %" in first.caption
    assert "scale bar" in film_of(maps, mask, frames=2, side_px=64, how="mean").caption


def test_progress_is_told_after_each_frame():
    told = []
    mask = ball()
    film_of(
        [Map("O", mask * 1.0, "1", (0.0, 1.0))],
        mask,
        frames=3,
        side_px=64,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_colours_grow_lighter_with_the_value():
    lightness = colours_of("viridis").astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > -1).all()
    assert lightness[-1] > 4 * lightness[0]


def test_parts_of_one_are_shown_in_percent_and_unfilled_voxels_as_nothing():
    particle = np.ones((2, 2, 2))
    volume = np.full((2, 2, 2, 2), 0.5)
    volume[:, 0, 0, 0] = 0.0
    first, second = maps_of(volume, ("Mn4+", "Mn3+"), "1", particle, limits="paper")
    assert (first.unit, first.limits, second.limits) == ("%", (0.0, 100.0), (0.0, 50.0))
    assert first.values[1, 1, 1] == 50.0
    assert np.isnan(first.values[0, 0, 0])
