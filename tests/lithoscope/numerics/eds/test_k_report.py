"""K-factors of reference particles come as a table that says how far to trust them, and are read back from it."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.analysis import perform
from lithoscope.arrays import LabelledArray
from lithoscope.methods import catalogue
from lithoscope.numerics.common import EmptyMask, WrongShape
from lithoscope.numerics.eds.errors import ElementMismatch, NoReferenceSignal
from lithoscope.numerics.eds.k_report import k_factors_of, k_table, reference_median
from lithoscope.numerics.eds.quantification import given_k_factors, k_uncertainty, with_surroundings

METHOD = catalogue()["eds_k_factors"]
FAMILIES = ("O K", "Mn L", "Co L", "Ni L")
ELEMENTS = ("O", "Mn", "Co", "Ni")
PLANTED = np.array([1.0, 0.5, 0.48, 0.45])


def particle(size=6):
    inside = np.zeros((12, 12, 12), np.uint8)
    inside[:size, :size, :size] = 1
    return LabelledArray(inside, "zyx", kind="labels")


def intensities(scales=(1, 1, 1, 1), names=FAMILIES):
    values = np.array([6, 1, 1, 1]) / PLANTED * np.array(scales)
    return LabelledArray(
        np.ones((4, 12, 12, 12)) * values[:, None, None, None], "czyx", kind="volume", labels={"c": names}
    )


def found(*pairs, **params):
    volumes, masks = zip(*pairs, strict=True)
    return perform(METHOD, {"intensities": list(volumes), "particles": list(masks)}, METHOD.params(**params))


def test_factors_are_a_ratio_of_sums_so_that_large_particles_weigh_more():
    table = found((intensities((1, 1.1, 1, 1)), particle(10)), (intensities(), particle(2))).outputs["k_factors"]
    large, small = (with_surroundings(particle(size).values > 0).sum() for size in (10, 2))
    expected = PLANTED[1] * (large + small) / (1.1 * large + small)
    assert table.columns["element"] == list(ELEMENTS)
    assert table.columns["k"] == pytest.approx([1, expected, *PLANTED[2:]])
    assert table.columns["k_scatter"][1] == pytest.approx(np.std([PLANTED[1], PLANTED[1] / 1.1], ddof=1))
    assert table.columns["k_scatter"][0] == 0


def test_each_particle_is_shown_alone():
    alone = found((intensities((1, 1.1, 1, 1)), particle()), (intensities(), particle())).outputs["particles_alone"]
    assert alone.columns["Mn"] == pytest.approx([PLANTED[1] / 1.1, PLANTED[1]])
    assert alone.plot.x == "particle"


def test_a_table_is_read_back_with_the_errors_that_metals_share():
    """Oxygen that is 1 % off in one particle moves all factors of metals together, and its at% the more."""
    table = found((intensities((1.01, 1, 1, 1)), particle()), (intensities(), particle())).outputs["k_factors"]
    factors = k_factors_of(table, ELEMENTS)
    assert factors.values == pytest.approx(table.columns["k"])
    assert factors.covariance[1, 2] == pytest.approx(factors.covariance[1, 1], rel=1e-6)
    told = k_uncertainty(np.array([600, 100, 100, 100]) / 9, factors)
    alone = 0.01 / np.sqrt(2) / np.sqrt(2)  # standard deviation of two values over the root of two
    assert told[0] == pytest.approx(100 * 6 / 9 * 3 / 9 * alone, rel=0.02)


def test_errors_of_k_factors_become_those_that_drawn_factors_show():
    shared = np.array([[0, 0, 0, 0], [0, 4, 3, 1], [0, 3, 9, -2], [0, 1, -2, 4]]) * 1e-4
    factors = replace(given_k_factors(PLANTED, ELEMENTS, source="x"), covariance=shared)
    percent = np.array([60.0, 20.0, 15.0, 5.0])
    errors = np.random.default_rng(0).multivariate_normal(np.zeros(4), shared, 20_000)
    atoms = percent * (1 + errors)
    drawn = 100 * atoms / atoms.sum(axis=1, keepdims=True)
    assert k_uncertainty(percent, factors) == pytest.approx(drawn.std(axis=0), rel=0.03)


def test_fewer_elements_or_another_first_one_may_be_read():
    table = k_table(given_k_factors(PLANTED, ELEMENTS, source="planted", uncertainty=0.02))
    factors = k_factors_of(table, ("Mn", "Ni"))
    assert factors.values == pytest.approx([1, 0.9])
    assert np.isfinite(factors.covariance).all()
    assert k_factors_of(k_table(given_k_factors(PLANTED, ELEMENTS, source="x")), ELEMENTS).covariance is None


def test_a_single_particle_tells_no_scatter_and_says_so():
    one = found((intensities(), particle()))
    assert one.outputs["k_factors"].columns["k_scatter"] == [None] * 4
    assert any(note.startswith("one-particle") for note in one.notes)


def test_the_dark_field_of_the_references_goes_with_their_factors():
    pairs = {"intensities": [intensities()] * 2, "particles": [particle()] * 2}
    inside = particle().values > 0
    volumes = [LabelledArray(np.where(inside, level, 1.0), "zyx", kind="volume") for level in (80.0, 100.0)]
    table = perform(METHOD, {**pairs, "dark_fields": volumes}, METHOD.params()).outputs["k_factors"]
    assert reference_median(table) == 90.0
    assert reference_median(perform(METHOD, pairs, METHOD.params()).outputs["k_factors"]) is None
    with pytest.raises(WrongShape, match="dark_fields"):
        perform(METHOD, {**pairs, "dark_fields": volumes[:1]}, METHOD.params())


def test_measured_composition_counts_where_it_is_chosen():
    table = found((intensities(), particle()), reference="icp").outputs["k_factors"]
    assert table.columns["k"][1] == pytest.approx(PLANTED[1] * 6 * 16.9 / 101.4)


@pytest.mark.parametrize(
    ("volumes", "masks", "refusal", "words"),
    [
        ([intensities()], [particle(), particle()], WrongShape, "1 intensities for 2 particles"),
        ([intensities(), intensities(names=("O K", "Mn L", "Ni L", "Co L"))], [particle()] * 2, ElementMismatch, "2"),
        ([intensities((1, 0, 1, 1))], [particle()], NoReferenceSignal, "Mn"),
        ([intensities()], [particle(0)], EmptyMask, "particle"),
        ([intensities(names=("O K", "Fe L", "Ni L", "Co L"))], [particle()], ElementMismatch, "reference composition"),
    ],
    ids=["number", "order", "silent", "empty", "foreign"],
)
def test_references_that_tell_nothing_are_refused_by_name(volumes, masks, refusal, words):
    with pytest.raises(refusal, match=words):
        perform(METHOD, {"intensities": volumes, "particles": masks}, METHOD.params())
