"""The fused cross-check as a person gets it: agreement by element, composition beside composition, doubts in words."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.methods import catalogue
from lithoscope.numerics.common.elements import atomic_number_of
from lithoscope.numerics.tomography import project, sirt
from lithoscope.numerics.tomography.fused_report import fused_tomography
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.tables import Table

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
NAMES = ("O K", "Mn L", "Ni L")
Z = np.array([8, 25, 28])
SETTINGS = {**catalogue()["fused_tomography"].params(iterations=20).arguments()}


@pytest.fixture(scope="module")
def series():
    """Count maps of three elements with planted gradients, and the dark field of the same composition."""
    body = porous_particle(24)
    x = np.linspace(-1, 1, 24)
    truth = np.stack([0.6 * body, body * (0.2 + 0.1 * x), body * (0.2 - 0.1 * x)])
    maps = np.stack([project(each, ANGLES_DEG) for each in truth])
    dark = project(((Z / Z.sum())[:, None, None, None] * truth**1.6).sum(axis=0), ANGLES_DEG)
    rng = np.random.default_rng(0)
    counts = rng.poisson(maps * 400 / maps.max()).astype(np.float32)
    return rng.poisson(1e4 * dark / dark.max()).astype(np.float32), counts, body > 0.5


@pytest.fixture(scope="module")
def direct(series):
    return np.stack([sirt(each, ANGLES_DEG, iterations=60) for each in series[1]])


def fused(dark, maps, **more):
    return fused_tomography(dark, maps, ANGLES_DEG, maps_names=NAMES, **{**SETTINGS, **more})


def test_both_routes_agree_element_by_element(series, direct):
    dark, maps, particle = series
    found = fused(dark, maps, direct=direct, particle=particle)
    assert found.agreement.columns["element"] == list(NAMES)
    assert min(found.agreement.columns["correlation"]) == found.correlation.value > 0.95
    assert found.cost.columns["cost"][-1] < found.cost.columns["cost"][0]
    assert found.clipped.value == 0
    assert [note.partition(":")[0] for note in found.notes] == ["fused-model", "fused-maps"]


def test_k_factors_put_composition_beside_composition(series, direct):
    dark, maps, particle = series
    table = Table({"element": ["O", "Mn", "Ni"], "k": [1.0, 1.0, 1.0]}, {"element": "1", "k": "1"})
    found = fused(dark, maps, direct=direct, particle=particle, k_factors=table)
    for column in ("direct_at_percent", "fused_at_percent"):
        assert found.agreement.columns[column] == pytest.approx([60, 20, 20], abs=1.0)
        assert found.agreement.units[column] == "at%"
    assert max(found.agreement.columns["voxels_apart_at_percent"]) < 6


def test_an_element_that_gives_more_photons_for_each_atom_is_not_more_of_the_particle(series, direct):
    dark, maps, particle = series
    brighter = np.array([1.0, 2.0, 1.0], np.float32)[:, None, None, None]
    table = Table({"element": ["O", "Mn", "Ni"], "k": [1.0, 0.5, 1.0]}, {"element": "1", "k": "1"})
    found = fused(dark, brighter * maps, direct=brighter * direct, particle=particle, k_factors=table)
    for column in ("direct_at_percent", "fused_at_percent"):
        assert found.agreement.columns[column] == pytest.approx([60, 20, 20], abs=1.5)


def test_shaded_tilts_are_brought_to_one_level(series):
    dark, maps, _ = series
    shaded = maps * np.linspace(1.0, 0.6, len(ANGLES_DEG), dtype=np.float32)[:, None, None]
    clear, level, bare = (
        fused(dark, each, normalise=normalise, iterations=5).volumes
        for each, normalise in ((maps, True), (shaded, True), (shaded, False))
    )
    scale = clear.sum() / level.sum()
    assert np.abs(scale * level - clear).mean() < 0.25 * np.abs(bare * clear.sum() / bare.sum() - clear).mean()


def test_a_route_that_says_otherwise_is_told(series, direct):
    dark, maps, particle = series
    found = fused(dark, maps, direct=direct[[0, 1, 1]] * (1 + np.arange(24) % 2), particle=particle)
    assert any(note.startswith("routes-disagree: ") for note in found.notes)


def test_without_a_direct_route_nothing_is_compared(series):
    found = fused(*series[:2], iterations=2)
    assert found.agreement is None
    assert found.correlation.source == "unknown"
    assert found.volumes.shape == (3, 24, 24, 24)


def test_counts_below_zero_are_cut_and_told(series):
    dark, maps, _ = series
    found = fused(dark, maps - 2, iterations=2)
    assert found.clipped.value > 0.01
    assert found.notes[-1].startswith("clipped-counts: ")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"direct": np.zeros((2, 24, 24, 24))}, "wrong-shape"),
        ({"maps_names": ("O K", "Mn L")}, "invalid-setting"),
        ({"maps_names": ("O K", "Mn L", "something")}, "invalid-setting"),
        ({"particle": np.zeros((24, 24, 24), bool)}, "empty-mask"),
    ],
)
def test_what_does_not_belong_together_is_a_named_problem(series, change, code):
    with pytest.raises(ScienceError) as refused:
        fused_tomography(*series[:2], ANGLES_DEG, **{"maps_names": NAMES, **SETTINGS, **change})
    assert refused.value.code == code


def test_elements_are_known_by_their_maps():
    assert [atomic_number_of(name) for name in ("H", "O K", "Mn L", "Co", "Pu")] == [1, 8, 25, 27, 94]
