"""K-factors of reference particles turn intensities into atomic per cent."""

import numpy as np
import pytest

from lithoscope.numerics.common import EmptyMask, InvalidSetting, WrongShape
from lithoscope.numerics.eds import (
    atomic_percent,
    given_k_factors,
    particle_sums,
    reference_compositions,
    reference_k_factors,
)
from lithoscope.numerics.eds.errors import ElementMismatch, NoReferenceSignal

ELEMENTS = ("O", "Mn", "Co", "Ni")
PER_ATOM = np.array([0.5, 0.8, 0.95, 1.1])
NOMINAL = reference_compositions()["nominal"]


def test_both_reference_compositions_have_a_source_and_their_published_ratios():
    assert NOMINAL.atoms == {"O": 6, "Mn": 1, "Co": 1, "Ni": 1}
    measured = reference_compositions()["icp"]
    assert [measured.atoms[metal] for metal in ELEMENTS[1:]] == [16.9, 16.8, 17.0]
    assert "ICP" in measured.source
    assert measured.unseen["Li"] == 49.3


def test_k_factors_return_the_reference_composition_exactly():
    intensity = np.array([6, 1, 1, 1]) * PER_ATOM
    k = reference_k_factors(intensity, ELEMENTS, NOMINAL)
    assert k.values == pytest.approx(PER_ATOM[0] / PER_ATOM)
    assert np.isnan(k.scatter).all()
    found = atomic_percent(intensity[:, None, None, None], k)
    assert found.percent.ravel() == pytest.approx([200 / 3, 100 / 9, 100 / 9, 100 / 9])


def test_particles_average_as_a_ratio_of_sums_and_tell_their_scatter():
    large, small = 1000 * np.array([6, 1, 1, 1]), 10 * np.array([6, 2, 1, 1])
    k = reference_k_factors([large, small], ELEMENTS, NOMINAL)
    assert k.values[1] == pytest.approx(6060 / 6 / 1020)
    assert k.particles[:, 1] == pytest.approx([1.0, 0.5])
    assert k.scatter[1] == pytest.approx(np.std([1.0, 0.5], ddof=1) / k.values[1])
    assert k.scatter[2] == pytest.approx(0, abs=1e-12)


def test_the_measured_composition_gives_other_factors_than_the_nominal_one():
    sums = np.array([6.0, 1, 1, 1])
    nominal, measured = (reference_k_factors(sums, ELEMENTS, one).values for one in reference_compositions().values())
    assert measured[1] / nominal[1] == pytest.approx(16.9 / 50.7 * 3, rel=1e-6)
    assert measured[3] > nominal[3] > measured[2]


def test_given_factors_by_mass_follow_cliff_and_lorimer():
    k = given_k_factors([1.0, 1.2], ("O", "Mn"), by_mass=True, source="a table")
    assert k.values == pytest.approx([1.0, 1.2 * 15.9994 / 54.938], rel=1e-3)
    mass_ratio = 1.2 * 50 / 100
    percent = atomic_percent(np.array([100.0, 50.0]), k).percent
    assert percent[1] / percent[0] == pytest.approx(mass_ratio * 15.9994 / 54.938, rel=1e-3)
    assert given_k_factors([3.0, 6.0], ("O", "Mn"), source="").values.tolist() == [1.0, 2.0]


def test_voxels_with_few_atoms_or_outside_the_mask_have_no_composition():
    values = np.ones((4, 3, 3, 3))
    values[:, 0, 0, 0] = 0.01
    values[0, 2, 2, 2] = -5
    mask = np.ones((3, 3, 3), bool)
    mask[1, 1, 1] = False
    k = given_k_factors(np.ones(4), ELEMENTS, source="")
    found = atomic_percent(values, k, mask=mask)
    assert np.argwhere(~found.valid).tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    assert np.isnan(found.percent[:, ~found.valid]).all()
    assert found.percent[:, found.valid].sum(axis=0) == pytest.approx(np.full(24, 100.0))


def test_the_uncertainty_is_the_scatter_of_repeated_counts():
    counts = np.random.default_rng(0).poisson(np.array([600.0, 200, 200, 200])[:, None], (4, 20000))
    k = given_k_factors([1, 0.6, 0.5, 0.45], ELEMENTS, source="")
    found = atomic_percent(counts, k, variance=counts)
    assert found.uncertainty.mean(axis=1) == pytest.approx(found.percent.std(axis=1), rel=0.03)


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(ElementMismatch):
        reference_k_factors(np.ones((1, 2)), ("O", "Fe"), NOMINAL)
    with pytest.raises(NoReferenceSignal, match="Co"):
        reference_k_factors([6, 1, 0, 1], ELEMENTS, NOMINAL)
    with pytest.raises(WrongShape):
        reference_k_factors([6, 1, 1], ELEMENTS, NOMINAL)
    with pytest.raises(InvalidSetting):
        given_k_factors([1, -1], ("O", "Mn"), source="")
    with pytest.raises(ElementMismatch):
        atomic_percent(np.ones((3, 2)), given_k_factors([1, 1], ("O", "Mn"), source=""))
    with pytest.raises(EmptyMask):
        particle_sums(np.ones((4, 2, 2, 2)), np.zeros((2, 2, 2), bool))
