"""Figures of a particle and of many say what they show and are the same every time."""

import numpy as np
import pytest

from lithoscope.figures.comparison import figure_of_comparison
from lithoscope.figures.examples import small_particle_maps, small_particle_with_profiles, small_profile
from lithoscope.figures.films import Side, film_per_map
from lithoscope.figures.maps import maps_of
from lithoscope.figures.montage import figure_of_tilts
from lithoscope.figures.particle import particle_figures
from lithoscope.figures.plots import NothingToDraw
from lithoscope.figures.profiles import figure_of_profiles
from lithoscope.figures.slices import figure_of_slices


def test_a_particle_gives_slices_a_rendering_and_its_profiles():
    first = particle_figures(**small_particle_with_profiles())
    assert "O 0 to 80 %" in first.slices.caption
    assert "quarter cut away" in first.rendering.caption
    assert first.profiles is not None
    assert "Error bars: standard deviation." in first.profiles.caption


def test_without_profiles_there_is_no_figure_of_them():
    given = small_particle_maps()
    given["volumes"], given["volumes_names"] = (given["volumes"][1],), (("dark_field",),)
    given["volumes_units"] = ("counts",)
    assert particle_figures(**given).profiles is None


def test_planted_truth_stands_beside_what_was_found():
    given = small_particle_with_profiles()
    particle = given["particle"]
    maps = maps_of(given["volumes"][0], given["volumes_names"][0], "%", particle, limits="paper")
    assert "planted truth" in figure_of_slices(maps, particle, voxel_nm=9.26, truth=maps).caption
    assert "planted truth" in figure_of_profiles({"200": small_profile()}, truth={"200": small_profile()}).caption


def test_a_step_nobody_knows_gives_no_scale_bar():
    given = small_particle_with_profiles()
    maps = maps_of(given["volumes"][1], ("dark field",), "counts", given["particle"], limits="own")
    assert "no scale bar" in figure_of_slices(maps, given["particle"]).caption


def test_every_map_has_a_film_of_its_own_with_all_sides_in_it():
    given = small_particle_with_profiles()
    maps = maps_of(given["volumes"][0], given["volumes_names"][0], "at%", given["particle"], limits="paper")
    sides = [Side(title, maps, given["particle"], 9.26) for title in ("measured", "planted")]
    films = list(film_per_map(sides, frames=2, side_px=64))
    assert [film.caption.partition("Colours: ")[2].split(" ")[0] for film in films] == [f"{m.name}," for m in maps]
    assert all("measured" in film.caption and "planted" in film.caption for film in films)
    assert films == list(film_per_map(sides, frames=2, side_px=64))


def test_a_comparison_counts_its_particles_and_a_single_one_has_no_error_bar():
    figure = figure_of_comparison(
        {"pristine": {"O": [66.0, 66.5, None]}, "200": {"O": [61.0]}}, units={"O": "%"}, truth={"200": {"O": 61.2}}
    )
    assert "a single one has none" in figure.caption
    assert "planted" in figure.caption
    with pytest.raises(NothingToDraw):
        figure_of_comparison({"pristine": {"O": [None]}})


def test_a_tilt_series_is_shown_whole_with_one_scale_for_all():
    series = np.random.default_rng(0).random((9, 6, 8))
    angles = np.linspace(-70, 70, 9)
    assert figure_of_tilts(series, angles, pixel_nm=4.63).caption.startswith("9 projections from −70° to 70°")
    both = figure_of_tilts(np.stack([series, series]), angles, names=("O K", "Mn L"))
    assert "O K 0" in both.caption


def test_scans_of_one_tilt_are_counted_in_the_order_of_time_and_one_scan_has_its_maps_side_by_side():
    series = np.random.default_rng(0).random((2, 3, 6, 8))
    assert figure_of_tilts(series, np.zeros(3), names=("a", "b")).caption.startswith("3 scans at 0° in the order of")
    single = figure_of_tilts(50 * series[:, :1], [0.0], names=("Mn4+", "Mn3+"), unit="%", limits="paper")
    assert "Mn⁴⁺ 0 to 100 %; Mn³⁺ 0 to 50 %" in single.caption
