"""Pictures of slices: right proportions, a scale bar of a sensible length, colours all can tell apart."""

import io
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.series import SeriesOfTilts, as_values
from lithoscope.writers.footer import FOOTER_PIXELS
from lithoscope.writers.palette import label_colour
from lithoscope.writers.png import render_slice, write_midslices
from lithoscope.writers.scale_bar import scale_bar
from tests.lithoscope.writers import factories


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize(
    ("width_nm", "length_nm", "text"),
    [
        (1151.0, 200.0, "200 nm"),
        (4000.0, 1000.0, "1 µm"),
        (3999.0, 500.0, "500 nm"),
        (12.0, 2.0, "2 nm"),
        (2.4, 0.5, "5 Å"),
        (8e6, 2e6, "2 mm"),
    ],
)
def test_a_scale_bar_is_the_longest_of_1_2_5_that_takes_a_quarter(width_nm: float, length_nm: float, text: str):
    bar = scale_bar(width_nm)
    assert bar.length_nm == pytest.approx(length_nm)
    assert bar.text == text


@pytest.mark.parametrize("width_nm", np.geomspace(0.5, 1e8, 40))
def test_a_scale_bar_is_between_a_tenth_and_a_quarter_of_the_picture(width_nm: float):
    assert 0.1 <= scale_bar(width_nm).length_nm / width_nm <= 0.25 + 1e-9


def test_a_volume_gives_three_pictures_in_true_proportion(tmp_path: Path):
    files = write_midslices(replace(factories.volume(), values=np.random.default_rng(0).random((30, 40, 50))), tmp_path)
    assert [file.name for file in files] == ["z.png", "y.png", "x.png"]
    picture = opened(files[1].read_bytes())
    drawn_height = picture.height - 44
    assert picture.width / drawn_height == pytest.approx((50 * 1.5) / (30 * 4.0), rel=0.5 / 30)


def test_the_drawn_bar_is_as_long_as_its_text_says():
    array = replace(
        factories.volume(), values=np.zeros((3, 512, 512), np.float32), spacing=dict.fromkeys("zyx", factories.nm(10.0))
    )
    picture = np.array(opened(render_slice(array, "z", 1)))
    row = picture[512 + 22, :200]
    white = np.flatnonzero((row > 240).all(axis=-1))
    bar = white[: int(np.argmax(np.diff(white, append=10_000) > 1)) + 1]
    assert len(bar) * 10.0 == pytest.approx(1000.0, rel=0.02)


def test_the_picture_of_a_tilt_series_is_that_nearest_to_zero_tilt(tmp_path: Path):
    series = factories.tilt_series()
    (file,) = write_midslices(series, tmp_path)
    assert file.name == "t.png"
    assert file.read_bytes() == render_slice(series, "t", 1)


def test_a_single_hot_pixel_does_not_darken_the_picture():
    values = np.random.default_rng(0).random((1, 64, 64)).astype(np.float32)
    values[0, 3, 3] = 1e6
    picture = np.array(opened(render_slice(replace(factories.volume(), values=values), "z", 0)))
    assert picture[:500].mean() > 100


@pytest.mark.parametrize("fill", [0.0, np.nan, np.inf])
def test_a_slice_without_contrast_can_be_drawn(fill: float):
    values = np.full((1, 8, 8), fill, np.float32)
    assert opened(render_slice(replace(factories.volume(), values=values), "z", 0)).size[0] >= 320


def test_labels_keep_their_colours():
    picture = np.array(opened(render_slice(factories.labels(), "y", 5)))
    assert {tuple(colour) for colour in picture[: 8 * 70].reshape(-1, 3)} == {
        (0, 0, 0),
        label_colour(1),
        label_colour(2),
    }


def test_the_first_seven_label_colours_differ_for_the_colour_blind():
    """Deuteranopia keeps the blue-yellow axis and luminance: projected on these, no two colours fall together."""
    projected = [
        np.array([0.299 * r + 0.587 * g + 0.114 * b, b - (r + g) / 2])
        for r, g, b in (label_colour(i) for i in range(1, 8))
    ]
    assert min(np.linalg.norm(a - b) for a, b in combinations(projected, 2)) > 15


def test_spectra_of_a_map_are_drawn_as_their_sum_and_others_not_at_all(tmp_path: Path):
    assert [file.name for file in write_midslices(factories.spectra(), tmp_path)] == ["e.png"]
    line = replace(factories.spectra(), values=factories.spectra().values[0, 0], axes="e")
    assert write_midslices(line, tmp_path) == []


def test_spectra_of_a_series_give_the_sum_of_the_tilt_nearest_to_zero(tmp_path):
    values = np.random.default_rng(0).poisson(3.0, (3, 4, 5, 6)).astype(np.uint16)
    asked = []

    def tilt(index):
        asked.append(index)
        return values[index]

    stored = as_values(SeriesOfTilts(tilt, shape=values.shape, dtype=values.dtype))
    series = LabelledArray(stored, "tyxe", {}, "counts", {"t": np.array([-40.0, 1.0, 40.0])}, "spectra", "x_rays")
    assert [file.name for file in write_midslices(series, tmp_path)] == ["t.png"]
    assert asked == [1]
    image = replace(series, values=values[1].sum(axis=-1, dtype=float), axes="yx", coordinates={}, kind="image")
    pixels, alone = np.array(opened(render_slice(series, "t", 1))), np.array(opened(render_slice(image, "", 0)))
    assert np.array_equal(pixels[:-FOOTER_PIXELS], alone[:-FOOTER_PIXELS])
