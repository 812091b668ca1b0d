"""Composition of one image: Cliff and Lorimer's ratio, a foil's absorption, and an uncertainty that holds."""

import numpy as np
import pytest

from lithoscope.analysis import perform
from lithoscope.arrays import LabelledArray
from lithoscope.methods import catalogue
from lithoscope.numerics.common import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.eds import line_family, mass_absorption_cm2_g
from lithoscope.numerics.eds.absorption import foil_transmission
from lithoscope.numerics.eds.errors import ElementMismatch, UnknownLine

METHOD = catalogue()["eds_quantify"]
FAMILIES = ("O K", "Ni L")
COUNTS = np.array([400.0, 100.0])
K = {"reference": "given", "k_given": "O 1, Ni 2"}
PLANTED = np.array([400.0, 200.0]) / 6


def image(values, kind="image"):
    return LabelledArray(np.asarray(values, np.float32), "cyx", unit="counts", kind=kind, labels={"c": FAMILIES})


def flat(counts=COUNTS, side=24):
    return np.ones((2, side, side)) * np.asarray(counts)[:, None, None]


def quantified(maps, inputs=None, **params):
    return perform(METHOD, {"maps": image(maps), **(inputs or {})}, METHOD.params(**{**K, **params}))


def test_given_factors_turn_photons_into_atoms():
    found = quantified(flat()).outputs
    assert found["composition"].values.mean(axis=(1, 2)) == pytest.approx(PLANTED)
    assert found["composition"].labels == {"c": ("O", "Ni")}
    assert found["elements"].columns["mean"] == pytest.approx(PLANTED)
    assert found["elements"].columns["photons"] == pytest.approx(COUNTS * 576)


def test_the_uncertainty_is_the_scatter_of_counted_images():
    counts = np.random.default_rng(0).poisson(flat())
    found = quantified(counts, {"variance": image(counts)}).outputs
    scatter = found["composition"].values.std(axis=(1, 2))
    assert found["uncertainty"].values.mean(axis=(1, 2)) == pytest.approx(scatter, rel=0.08)
    mean = found["elements"].columns
    assert mean["by_counting"][0] == pytest.approx(scatter[0] / 24, rel=0.1)


def test_the_uncertainty_of_a_foil_is_the_scatter_of_counted_images():
    """What was absorbed is given back to the counts, and twice to their variance."""
    foil = {"absorption": "foil", "thickness_nm": 400.0, "density_g_cm3": 6.67, "elevation_deg": 10.0}
    counts = np.random.default_rng(0).poisson(flat())
    found = quantified(counts, {"variance": image(counts)}, **foil).outputs
    assert min(found["elements"].columns["part_that_left"]) < 0.7
    scatter = found["composition"].values.std(axis=(1, 2))
    assert found["uncertainty"].values.mean(axis=(1, 2)) == pytest.approx(scatter, rel=0.08)


def test_the_uncertainty_of_factors_is_common_to_all_pixels():
    found = quantified(flat(), {"variance": image(1e-9 * flat())}, k_uncertainty_percent=3.0).outputs
    assert found["uncertainty"].values == pytest.approx(np.full((2, 24, 24), 100 * 2 / 9 * 0.03), rel=1e-3)


def test_a_foil_gives_back_what_it_absorbed():
    foil = {"thickness_nm": 150.0, "density_g_cm3": 6.67, "elevation_deg": 18.0}
    passed = foil_transmission(FAMILIES, PLANTED / 100, unseen={}, **foil)
    assert (passed < 0.95).all()
    found = quantified(flat(COUNTS * passed), absorption="foil", **foil).outputs
    assert found["elements"].columns["mean"] == pytest.approx(PLANTED, abs=0.05)
    assert found["elements"].columns["part_that_left"] == pytest.approx(passed, rel=1e-3)
    bare = quantified(flat(COUNTS * passed))
    assert abs(bare.outputs["elements"].columns["mean"][0] - PLANTED[0]) > 0.5
    assert any(note.startswith("absorption-not-corrected") for note in bare.notes)


def test_a_thin_foil_loses_half_its_absorption_length():
    """(1 - exp(-x)) / x is 1 - x / 2: each ray crosses half the foil on average."""
    masses = np.array([15.999, 58.693])
    mu = mass_absorption_cm2_g("O K", ("O", "Ni")) @ (masses / masses.sum())
    found = foil_transmission(FAMILIES, (0.5, 0.5), thickness_nm=1.0, density_g_cm3=6.67, unseen={}, elevation_deg=90.0)
    assert line_family("O K").element == "O"
    assert 1 - found[0] == pytest.approx(mu * 6.67e-7 / 2, rel=1e-3)


def test_smoothing_lowers_the_uncertainty_and_the_scatter_alike():
    counts = np.random.default_rng(0).poisson(flat(side=48))
    found = quantified(counts, {"variance": image(counts)}, sigma_px=1.5).outputs
    inner = (slice(None), slice(8, -8), slice(8, -8))
    scatter = found["composition"].values[inner].std(axis=(1, 2))
    assert found["uncertainty"].values[inner].mean(axis=(1, 2)) == pytest.approx(scatter, rel=0.2)


def test_pixels_outside_the_mask_or_without_atoms_have_no_composition():
    maps, mask = flat(), np.ones((24, 24), np.uint8)
    maps[:, 0], mask[:, 0] = 0, 0
    found = quantified(maps, {"mask": LabelledArray(mask, "yx", kind="labels")})
    valid = found.outputs["valid"].values > 0
    assert not valid[0].any()
    assert not valid[:, 0].any()
    assert valid[1:, 1:].all()
    assert np.isnan(found.outputs["composition"].values[:, ~valid]).all()
    assert any(note.startswith("pixels-without-composition: 23 ") for note in found.notes)


def mask_of(shape, value):
    return {"mask": LabelledArray(np.full(shape, value, np.uint8), "yx", kind="labels")}


@pytest.mark.parametrize(
    ("maps", "inputs", "params", "refusal", "words"),
    [
        (flat(), {}, {"k_given": ""}, ElementMismatch, "k_given: there is no k-factor of O"),
        (flat(), {}, {"k_given": "O 1, Ni x"}, InvalidSetting, "k_given: number 2"),
        (flat(), {}, {"absorption": "foil"}, InvalidSetting, "thickness_nm"),
        (np.full((2, 4, 4), np.nan), {}, {}, NonFiniteValues, "maps"),
        (np.zeros((2, 4, 4)), {}, {}, EmptyMask, "no photons"),
        (flat(), mask_of((24, 24), 0), {}, EmptyMask, "mask"),
        (flat(), mask_of((3, 3), 1), {}, WrongShape, "mask"),
        (flat(), {"variance": image(flat(side=3))}, {}, WrongShape, "variance"),
        (
            flat(),
            {},
            {"absorption": "foil", "thickness_nm": 9.0, "density_g_cm3": 5.0, "unseen": "Qq 1"},
            UnknownLine,
            "element",
        ),
    ],
    ids=["no-k", "word", "foil", "nan", "dark", "nothing", "mask", "variance", "unseen"],
)
def test_what_gives_no_composition_is_refused_by_name(maps, inputs, params, refusal, words):
    with pytest.raises(refusal, match=words):
        quantified(maps, inputs, **params)
