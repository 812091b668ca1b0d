"""Figures and films as a notebook and a terminal take them."""

import subprocess
import sys

import pytest

from lithoscope.client import ClientError


@pytest.fixture(scope="module")
def drawn(service, example):
    """Give the jobs of a film and of figures of the real tilt series' tomogram."""
    with service.client() as client:
        subset = client.run("tilt_series_subset", next(iter(example.arrays.values())), step_deg=20.0).wait()
        volume = client.run("tomogram_fbp", subset.outputs["tilt_series"]).wait().outputs["volume"]
        labels = client.run("segment_threshold", volume, resamples=50).wait().outputs["labels"]
        film = client.run("particle_film", labels, volumes=[volume], frames=2, side_px=64, view="mean").wait()
        figures = client.run("particle_figure", labels, volumes=[volume]).wait()
        yield film, figures


def test_a_film_is_bytes_a_file_and_a_caption(drawn, tmp_path):
    film = drawn[0].outputs["film"]
    assert film.picture()[:6] == b"GIF89a"
    assert film.picture("png")[:4] == b"\x89PNG"
    assert film.caption.startswith("The particle turning once")
    saved = film.save(tmp_path / "film.gif")
    assert saved.read_bytes() == film.picture()
    with pytest.raises(ClientError, match="exists already"):
        film.save(tmp_path / "film.gif")


def test_a_figure_is_saved_in_the_form_of_its_ending(drawn, tmp_path):
    slices = drawn[1].outputs["slices"]
    assert slices.save(tmp_path / "slices.svg").read_text().startswith("<?xml")
    assert slices.save(tmp_path / "slices.png").read_bytes()[:4] == b"\x89PNG"
    assert slices.save(tmp_path / "slices", format="svg").read_text().startswith("<?xml")


def test_only_pictures_are_pictures_but_any_array_is_saved(example, tmp_path):
    series = next(iter(example.arrays.values()))
    with pytest.raises(ClientError, match="not a figure"):
        series.picture()
    assert series.save(tmp_path / "series.tif").read_bytes()[:2] in {b"II", b"MM"}


def test_a_result_tells_how_it_was_made(drawn):
    told = drawn[1].result.paragraph()
    assert "particle_figure, version 1" in told
    assert "Lithoscope 0.1.0" in told


def test_a_terminal_gets_a_film_as_gif_and_a_figure_as_png(drawn, service, tmp_path, monkeypatch):
    monkeypatch.setenv("LITHOSCOPE_URL", service.url)
    monkeypatch.setenv("LITHOSCOPE_TOKEN", service.token)
    for job, ending in zip(drawn, (".gif", ".png"), strict=True):
        command = [sys.executable, "-m", "lithoscope.client.cli", "get", job.id]
        said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
        assert said.stdout.strip().endswith(ending)
        assert (tmp_path / said.stdout.strip()).stat().st_size > 0
