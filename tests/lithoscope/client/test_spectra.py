"""Spectra and named maps in a notebook, and what is found by its element."""

import json

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.client import ClientError, Invalid
from lithoscope.client.spectra import place_of
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5

COUNTS = np.random.default_rng(5).poisson(4.0, (4, 5, 32)).astype(np.uint16)
ENERGIES = 500.0 + 5.0 * np.arange(32)
STEPS = dict.fromkeys("yx", Quantity(2.0, "nm", "header"))


def sent(client, service, folder, array):
    path = folder / f"{array.name}.nxs"
    write_hdf5(array, path)
    return client.upload(path, project=service.project_id).wait()


@pytest.fixture(scope="module")
def spectra(service, tmp_path_factory):
    array = LabelledArray(COUNTS, "yxe", STEPS, "counts", {"e": ENERGIES}, "spectra", "core_loss")
    with service.client() as client:
        yield sent(client, service, tmp_path_factory.mktemp("spectra"), array).array()


@pytest.fixture(scope="module")
def maps(service, tmp_path_factory):
    values = np.stack([COUNTS[..., 0], COUNTS[..., 1]])
    array = LabelledArray(values, "cyx", STEPS, "counts", kind="image", name="maps", labels={"c": ("Rh L", "Pd L")})
    with service.client() as client:
        yield sent(client, service, tmp_path_factory.mktemp("maps"), array)


def test_spectra_open_lazily_with_energies_and_places(spectra):
    array = spectra.to_xarray()
    assert (array.dims, array.attrs["units"], array.chunks is not None) == (("y", "x", "e"), "counts", True)
    assert np.array_equal(array.sel(e=505.0).values, COUNTS[..., 1])
    assert (array["e"].attrs["units"], array["x"].values[1], array["x"].attrs["units"]) == ("eV", 2.0, "nm")
    assert np.array_equal(array.values, COUNTS)


def test_one_spectrum_is_that_of_a_pixel_a_region_or_all(spectra):
    pixel = spectra.spectrum(y=1, x=-1)
    assert np.array_equal(pixel.values, COUNTS[1, 4])
    assert (pixel.attrs, pixel["e"].attrs["units"]) == ({"units": "counts", "pixels": 1}, "eV")
    region = spectra.spectrum(y=slice(1, 3), x=2)
    assert region.attrs["pixels"] == 2
    np.testing.assert_allclose(region.values, COUNTS[1:3, 2].mean(axis=0))
    np.testing.assert_allclose(spectra.spectrum().values, COUNTS.mean(axis=(0, 1)))
    assert pixel.to_pandas().index[0] == 500.0


@pytest.mark.parametrize(
    ("place", "query"),
    [
        ({"y": 1, "x": -1}, {"y": 1, "x": 4}),
        ({"y": slice(0, 2), "x": slice(1, None)}, {"y": 0, "y_to": 1, "x": 1, "x_to": 4}),
        ({"y": 3, "x": slice(1, 2)}, {"y": 3, "y_to": 3, "x": 1, "x_to": 1}),
        ({}, {}),
    ],
)
def test_places_are_counted_from_nought_and_regions_end_with_their_last(place, query):
    assert place_of({"y": 4, "x": 5, "e": 32}, **place) == query


@pytest.mark.parametrize("place", [{"t": 1}, {"y": slice(2, 2)}, {"x": slice(0, 4, 2)}])
def test_a_place_the_spectra_do_not_have_is_refused(place):
    with pytest.raises(ClientError):
        place_of({"y": 4, "x": 5, "e": 32}, **place)


def test_a_pixel_outside_and_what_holds_no_spectra_are_refused(spectra, maps):
    with pytest.raises(Invalid):
        spectra.spectrum(y=99, x=0)
    with pytest.raises(ClientError, match="holds no spectra"):
        maps.array().spectrum()


def test_maps_are_taken_by_the_names_of_their_elements(maps):
    array = maps.to_xarray()
    assert array["c"].values.tolist() == ["Rh L", "Pd L"]
    assert np.array_equal(array.sel(c="Pd L").values, COUNTS[..., 1])
    _, keywords, _ = maps.array().to_napari()
    assert (keywords["scale"], keywords["units"]) == ([1.0, 2.0, 2.0], ["pixel", "nm", "nm"])


def test_an_array_of_a_dataset_is_saved_in_the_format_its_ending_says(maps, tmp_path):
    path = maps.array().save(tmp_path / "maps.h5")
    assert path.read_bytes().startswith(b"\x89HDF")


def test_datasets_are_found_by_the_elements_their_maps_are_named_by(client, maps, lithoscope):
    for element in ("Rh", "rh"):
        assert [each.id for each in client.search(element=element)] == [maps.id]
    assert client.search(element="Os").first() is None
    assert client.results(element="Rh").first() is None
    with pytest.raises(Invalid, match="element"):
        client.search(element="Xx").first()
    told = lithoscope("search", "--element", "Rh", "--json")
    assert [each["id"] for each in json.loads(told.stdout)] == [maps.id], told.stderr
    refused = lithoscope("search", "--element", "Rh", "--material", "nmc")
    assert (refused.returncode, "find samples" in refused.stderr) == (1, True)
