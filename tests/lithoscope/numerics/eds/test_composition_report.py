"""Composition of a particle as a method: absorption, level of tilts, k-factors and uncertainty, from maps to at%."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from lithoscope.analysis import perform
from lithoscope.arrays import LabelledArray
from lithoscope.methods import catalogue
from lithoscope.numerics.common import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.eds.errors import ElementMismatch, EmptyTilt, UnknownLine
from lithoscope.numerics.eds.fit_tables import ANGLE
from lithoscope.numerics.eds.k_report import k_table
from lithoscope.numerics.eds.phantoms import FAMILIES, EmittingParticle, emitting_particle, layered_fractions
from lithoscope.numerics.eds.quantification import given_k_factors, k_uncertainty
from lithoscope.numerics.tomography.errors import EmptyProjection
from lithoscope.tables import Table
from lithoscope.units import Quantity

METHOD = catalogue()["eds_composition"]
N = 32
PLACE = np.sqrt(((np.indices((N, N, N)) - (N - 1) / 2) ** 2).sum(axis=0))
SPHERE = np.clip(0.31 * N + 0.5 - PLACE, 0, 1)
SHELLS = ndimage.distance_transform_cdt(SPHERE > 0.5, "taxicab")
DEEPEST = SHELLS.max()


@cache
def sphere() -> EmittingParticle:
    return emitting_particle(N, density=SPHERE)


def inputs(particle: EmittingParticle, maps, names=FAMILIES, **more):
    step = Quantity(particle.voxel_nm, "nm", "header")
    common = {"spacing": {"x": step, "y": step}, "unit": "counts", "kind": "tilt_series"}
    series = LabelledArray(maps, "ctyx", coordinates={"t": particle.angles_deg}, labels={"c": names}, **common)
    given = {
        "maps": series,
        "particle": LabelledArray(particle.inside.astype(np.uint8), "zyx", kind="labels"),
        "dark_field": LabelledArray(particle.density, "zyx", kind="volume"),
    }
    if "variance" in more:
        more["variance"] = replace(series, values=more["variance"], unit="counts^2")
    return given | more


def composed(given, progress=None, **params):
    return perform(METHOD, given, METHOD.params(**params), progress=progress)


def planted_k(uncertainty=0.02) -> Table:
    return k_table(
        given_k_factors(sphere().k_factors, ("O", "Mn", "Co", "Ni"), source="planted", uncertainty=uncertainty)
    )


def gradient(found) -> float:
    oxygen = found.outputs["composition"].values[0]
    return float(oxygen[SHELLS >= DEEPEST - 3].mean() - oxygen[SHELLS == 1].mean())


def test_the_default_takes_away_the_false_gradient_that_the_published_way_leaves():
    given = inputs(sphere(), sphere().expected)
    found, bare = composed(given), composed(given, absorption=False)
    assert abs(gradient(found)) < 0.15
    assert gradient(bare) > 0.8
    assert any(note.startswith("absorption-not-corrected") for note in bare.notes)
    assert found.outputs["last_change"].value < 0.02
    assert bare.outputs["last_change"].value is None
    left = found.outputs["absorption"].columns
    assert max(left["Ni L"]) < min(left["O K"]) < 1
    assert "absorption" not in bare.outputs


@pytest.mark.parametrize(
    ("more", "params", "is_told"),
    [
        ({}, {"cycles": 100}, True),
        ({"k_factors": "planted"}, {"cycles": 100}, False),
        ({}, {"cycles": 100, "reference": "given", "k_given": "O 1, Mn 0.5, Co 0.48, Ni 0.45"}, False),
        ({}, {"cycles": 0}, False),
        ({}, {}, False),
    ],
)
def test_only_a_cycled_particle_that_is_its_own_reference_is_told_to_take_k_factors_of_pristine_ones(
    more, params, is_told
):
    given = inputs(sphere(), sphere().expected, **(more and {"k_factors": planted_k()}))
    notes = composed(given, iterations=1, absorption=False, **params).notes
    told = [note for note in notes if note.startswith("cycled-reference: ")]
    assert [("after 100 cycles" in note and "eds_k_factors" in note) for note in told] == [True] * is_told
    assert any(note.startswith("k-factors: ") for note in notes)


def test_factors_of_a_reference_give_the_planted_composition_with_an_uncertainty_that_holds():
    given = inputs(sphere(), sphere().counted(3), variance=np.maximum(sphere().expected, 0.5), k_factors=planted_k())
    found = composed(given)
    composition, sigma = found.outputs["composition"], found.outputs["uncertainty"]
    assert composition.labels == {"c": ("O", "Mn", "Co", "Ni")}
    assert composition.unit == sigma.unit == "at%"
    valid = found.outputs["valid"].values > 0
    departure = (composition.values[:, valid] - 100 * sphere().fractions[:, valid]) / sigma.values[:, valid]
    assert np.sqrt((departure**2).mean(axis=1)) == pytest.approx(np.ones(4), abs=0.4)
    at_surface = (departure[:, SHELLS[valid] == 1] ** 2).mean()
    assert np.sqrt(at_surface) == pytest.approx(1.0, abs=0.25)
    mean = found.outputs["elements"].columns
    for place, planted in enumerate((600 / 9, 100 / 9, 100 / 9, 100 / 9)):
        assert abs(mean["mean"][place] - planted) < 3 * mean["mean_uncertainty"][place]
        assert mean["mean_uncertainty"][place] == pytest.approx(
            np.hypot(mean["by_counting"][place], mean["by_k_factors"][place])
        )
    assert mean["by_k_factors"][0] == pytest.approx(100 * 6 / 9 / 9 * 0.02 * np.sqrt(3), rel=0.05)
    assert not any(note.startswith("k-uncertainty-unknown") for note in found.notes)


def test_the_mean_scatters_over_counted_series_by_its_uncertainty():
    small = emitting_particle(16, peak_counts=10.0, absorbs=False)
    exact = k_table(given_k_factors(small.k_factors, ("O", "Mn", "Co", "Ni"), source="planted", uncertainty=0.0))
    settings = {"absorption": False, "iterations": 5, "replicates": 0}
    means, stated = [], []
    for seed in range(16):
        maps = small.counted(seed)
        mean = composed(inputs(small, maps, variance=maps, k_factors=exact), **settings).outputs["elements"].columns
        means.append(mean["mean"])
        stated.append(mean["mean_uncertainty"])
    ratio = np.mean(stated, axis=0) / np.std(means, axis=0, ddof=1)
    assert 0.7 < np.sqrt(np.mean(ratio**2)) < 1.4
    assert ((ratio > 0.5) & (ratio < 2.0)).all()


def test_the_mean_is_that_of_all_atoms_though_the_surface_is_spread_beyond_the_particle():
    inside = sphere().inside
    layered = emitting_particle(N, density=SPHERE, fractions=layered_fractions(inside), absorbs=False)
    given = inputs(layered, layered.expected, k_factors=planted_k())
    found = composed(given, absorption=False, replicates=0).outputs["elements"].columns["mean"]
    atoms = (layered.fractions * layered.density).sum(axis=(1, 2, 3))
    assert found == pytest.approx(100 * atoms / atoms.sum(), abs=0.1)


def test_each_voxel_s_uncertainty_holds_that_of_the_factors():
    maps, settings = sphere().counted(3), {"absorption": False, "iterations": 5, "replicates": 2}
    sure, unsure = (
        composed(inputs(sphere(), maps, variance=maps, k_factors=planted_k(each)), **settings).outputs
        for each in (0.0, 0.05)
    )
    percent, valid = sure["composition"].values, sure["valid"].values > 0
    factors = given_k_factors(sphere().k_factors, ("O", "Mn", "Co", "Ni"), source="planted", uncertainty=0.05)
    expected = np.hypot(sure["uncertainty"].values, k_uncertainty(percent, factors))
    np.testing.assert_allclose(unsure["uncertainty"].values[:, valid], expected[:, valid], rtol=1e-3)


def test_an_unknown_uncertainty_of_factors_leaves_that_of_the_mean_unknown():
    maps, settings = sphere().counted(3), {"absorption": False, "iterations": 1, "replicates": 0}
    found = composed(inputs(sphere(), maps, variance=maps, k_factors=planted_k(None)), **settings)
    mean = found.outputs["elements"].columns
    assert mean["by_k_factors"] == mean["mean_uncertainty"] == [None] * 4
    assert all(value > 0 for value in mean["by_counting"])
    assert any(note.startswith("k-uncertainty-unknown") for note in found.notes)


def test_composition_is_empty_outside_and_sums_to_hundred_inside():
    outputs = composed(inputs(sphere(), sphere().expected)).outputs
    valid = outputs["valid"].values > 0
    values = outputs["composition"].values
    assert np.isnan(values[:, ~valid]).all()
    assert values[:, valid].sum(axis=0) == pytest.approx(np.full(valid.sum(), 100.0), abs=1e-3)
    assert not valid[~sphere().inside].any()


def test_a_particle_that_is_its_own_reference_says_that_its_mean_is_assumed():
    found = composed(inputs(sphere(), sphere().expected))
    assert any(note.startswith("own-reference") for note in found.notes)
    assert found.outputs["elements"].columns["mean"] == pytest.approx(np.array([6, 1, 1, 1]) / 0.09, abs=1e-3)
    icp = composed(inputs(sphere(), sphere().expected), reference="icp").outputs["elements"].columns["mean"]
    assert icp == pytest.approx(np.array([101.4, 16.9, 16.8, 17.0]) / 1.521, abs=1e-2)


def test_given_factors_are_those_of_cliff_and_lorimer():
    text = ", ".join(f"{name[:2].strip()} {2 * k:.6f}" for name, k in zip(FAMILIES, sphere().k_factors, strict=True))
    found = composed(inputs(sphere(), sphere().expected), reference="given", k_given=text)
    assert found.outputs["elements"].columns["mean"] == pytest.approx(np.array([6, 1, 1, 1]) / 0.09, abs=0.2)
    assert any(note.startswith("k-uncertainty-unknown") for note in found.notes)


def test_denser_particles_absorb_more_where_the_dark_field_of_a_reference_is_known():
    given = inputs(sphere(), sphere().expected)
    as_dense = composed(given, dark_field_median=1.0).outputs["absorption"].columns["Ni L"]
    denser = composed(given, dark_field_median=0.5).outputs["absorption"].columns["Ni L"]
    assert np.all(np.array(denser) < np.array(as_dense))
    assert as_dense == pytest.approx(composed(given).outputs["absorption"].columns["Ni L"], abs=1e-3)


def test_the_brightness_of_references_comes_with_their_factors():
    table = planted_k()
    table = Table({**table.columns, "dark_field_median": [0.5] * 4}, {**table.units, "dark_field_median": "1"})
    given = inputs(sphere(), sphere().expected, k_factors=table)
    found, told = composed(given), composed(given, dark_field_median=0.5)
    assert found.outputs["absorption"].columns["Ni L"] == pytest.approx(told.outputs["absorption"].columns["Ni L"])
    assert any(note.startswith("density-of-references") for note in found.notes)
    assert not any(note.startswith("density-of-references") for note in told.notes)


def test_without_a_dark_field_the_particle_has_one_density_and_says_so():
    given = inputs(sphere(), sphere().expected)
    del given["dark_field"]
    found = composed(given)
    assert abs(gradient(found)) < 0.25
    assert any(note.startswith("even-density") for note in found.notes)


@pytest.mark.parametrize("engine", ["genfire", "sart", "resire", "fbp"])
def test_every_engine_finds_a_uniform_particle_uniform(engine):
    found = composed(inputs(sphere(), sphere().expected), engine=engine)
    inner = found.outputs["composition"].values[:, SHELLS >= 3]
    assert np.abs(inner.mean(axis=1) - np.array([600, 100, 100, 100]) / 9).max() < 0.5


def test_the_preset_paper_is_what_was_published():
    params = METHOD.params(preset="paper")
    assert (params.engine, params.iterations, params.oversampling_ratio) == ("genfire", 1000, 3.0)
    assert (params.interpolation_radius_px, params.sigma_px, params.absorption) == (0.1, 1.2, False)
    assert (params.reference, params.support_px) == ("nominal", None)


def test_tilts_have_one_level_and_an_excluded_one_takes_no_part():
    maps = sphere().expected.copy()
    maps[:, 4] = 0
    with pytest.raises(EmptyTilt, match=r"tilt 4 \(-30.0 deg\)"):
        composed(inputs(sphere(), maps))
    found = composed(inputs(sphere(), maps), excluded_tilts="4")
    table = found.outputs["tilt_factors"]
    assert table.columns["factor"][4] is None
    level = np.array([factor or np.nan for factor in table.columns["factor"]]) * sphere().shadow
    assert np.nanstd(level) / np.nanmean(level) < 0.02
    assert "tilt_factors" not in composed(inputs(sphere(), sphere().expected), normalise=False).outputs


def test_sums_of_a_fit_set_the_level_and_must_be_of_the_same_series():
    sums = sphere().expected.sum(axis=(2, 3), dtype=np.float64)
    columns = {"tilt": list(range(15)), ANGLE: sphere().angles_deg.tolist()}
    table = Table(
        {**columns, **dict(zip(FAMILIES, sums.tolist(), strict=True))}, dict.fromkeys([*columns, *FAMILIES], "1")
    )
    given = inputs(sphere(), sphere().expected)
    found = composed({**given, "sums": table}).outputs["composition"].values
    assert np.allclose(found, composed(given).outputs["composition"].values, atol=1e-3, equal_nan=True)
    turned = replace(table, columns={**table.columns, ANGLE: columns[ANGLE][::-1]})
    with pytest.raises(ElementMismatch, match="sums"):
        composed({**given, "sums": turned})


def test_an_early_finish_keeps_the_composition_found_so_far():
    found = composed(inputs(sphere(), sphere().expected), progress=lambda done, total, /, **_: False)
    assert np.isfinite(found.outputs["elements"].columns["mean"]).all()
    assert "uncertainty" not in found.outputs


def empty(shape=(N, N, N)):
    return LabelledArray(np.zeros(shape, np.uint8), "zyx", kind="labels")


@pytest.mark.parametrize(
    ("changes", "params", "refusal", "words"),
    [
        ({"particle": empty()}, {}, EmptyMask, "particle"),
        ({"particle": empty((N, N, N - 1))}, {}, WrongShape, "particle"),
        ({}, {"excluded_tilts": "15"}, InvalidSetting, "excluded_tilts"),
        ({}, {"excluded_tilts": "two"}, InvalidSetting, "excluded_tilts"),
        ({}, {"reference": "given"}, ElementMismatch, "k_given: there is no k-factor of O"),
        ({}, {"reference": "given", "k_given": "O 1, Mn 0, Co 1, Ni 1"}, InvalidSetting, "k-factors"),
        ({}, {"unseen": "Qq 1"}, UnknownLine, "element"),
        ({}, {"azimuths_deg": ""}, InvalidSetting, "azimuths_deg"),
        (
            {"k_factors": Table({"element": ["O"], "k": [1.0]}, {"element": "1", "k": "1"})},
            {},
            ElementMismatch,
            "of Mn",
        ),
        ({"k_factors": Table({"k": [1.0]}, {"k": "1"})}, {}, ElementMismatch, "no column element"),
        ({"dark_field": LabelledArray(np.ones((3, 3, 3)), "zyx", kind="volume")}, {}, WrongShape, "mask"),
    ],
    ids=["empty", "shape", "tilt", "word", "no-k", "zero-k", "unseen", "detectors", "k-missing", "k-column", "density"],
)
def test_what_contradicts_itself_is_refused_by_name(changes, params, refusal, words):
    with pytest.raises(refusal, match=words):
        composed({**inputs(sphere(), sphere().expected), **changes}, **params)


@pytest.mark.parametrize(
    ("maps", "names", "refusal", "words"),
    [
        (lambda maps: np.where(np.arange(15)[:, None, None] == 3, np.nan, maps), FAMILIES, NonFiniteValues, "NaN"),
        (lambda maps: maps, ("O K", "Mn L", "Mn K", "Ni L"), ElementMismatch, "one element"),
        (lambda maps: maps, ("a", "b", "c", "d"), UnknownLine, "maps: number 1"),
        (lambda maps: maps * np.array([0, 1, 1, 1])[:, None, None, None], FAMILIES, EmptyProjection, "map 0"),
    ],
    ids=["nan", "twice", "unnamed", "silent"],
)
def test_maps_that_give_no_composition_are_refused_by_name(maps, names, refusal, words):
    with pytest.raises(refusal, match=words):
        composed(inputs(sphere(), maps(sphere().expected), names))
