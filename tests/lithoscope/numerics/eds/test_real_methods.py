"""Real X-ray data go through the methods: few counts with honest uncertainties, and what others found in them."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from rsciio.bruker import file_reader

from lithoscope.analysis import perform
from lithoscope.arrays import LabelledArray
from lithoscope.methods import catalogue
from lithoscope.numerics.eds import line_family
from lithoscope.numerics.eds.errors import EmptyTilt
from lithoscope.readers import read

DATA = Path(__file__).parents[3] / "data"
FIT, QUANTIFY = catalogue()["eds_fit"], catalogue()["eds_quantify"]
FEW = {
    "families": "C K, O K, Ti L, Cu L, Si K, Ti K, Fe K, Cu K, Pd L",
    "range_start_eV": 200.0,
    "range_stop_eV": 9500.0,
}


def spectra(values, energies_eV):
    return LabelledArray(values, "yxe", unit="counts", coordinates={"e": energies_eV}, kind="spectra")


def fitted(array, **params):
    return perform(FIT, {"spectra": array}, FIT.params(**params))


@pytest.fixture(scope="module")
def few_counts():
    """Super-X, 64 x 64 pixels with six counts each."""
    found = next(one for one in file_reader(str(DATA / "test_TEM.bcf")) if one["data"].ndim == 3)
    axis = found["axes"][-1]
    return np.asarray(found["data"]), 1e3 * (axis["offset"] + axis["scale"] * np.arange(axis["size"]))


def test_six_counts_a_pixel_give_maps_and_composition_with_uncertainties_that_two_halves_confirm(few_counts):
    values, energies = few_counts
    first = np.random.default_rng(0).binomial(values, 0.5).astype(np.uint8)
    settings = {**FEW, "kept": "O K, Si K, Ti K"}
    one, other = (fitted(spectra(half, energies), **settings).outputs for half in (first, values - first))
    departure = (one["maps"].values - other["maps"].values) ** 2
    told = one["variance"].values + other["variance"].values
    assert (0.6 * told.mean(axis=(1, 2)) < departure.mean(axis=(1, 2))).all()
    assert (departure.mean(axis=(1, 2)) < 1.1 * told.mean(axis=(1, 2))).all()
    factors = {"k_given": "O 1, Si 0.6, Ti 0.7", "sigma_px": 2.0}
    halves = [
        perform(QUANTIFY, {"maps": each["maps"], "variance": each["variance"]}, QUANTIFY.params(**factors)).outputs
        for each in (one, other)
    ]
    means = np.array([half["elements"].columns["mean"] for half in halves])
    sigmas = np.array([half["elements"].columns["by_counting"] for half in halves])
    assert (np.abs(means[0] - means[1]) < 3.5 * np.hypot(*sigmas)).all()
    both = (halves[0]["valid"].values > 0) & (halves[1]["valid"].values > 0)
    pixels = halves[0]["composition"].values[:, both] - halves[1]["composition"].values[:, both]
    claimed = np.hypot(*(half["uncertainty"].values[:, both] for half in halves))
    assert np.sqrt(((pixels / claimed) ** 2).mean(axis=1)) == pytest.approx(np.ones(3), abs=0.15)


@pytest.fixture(scope="module")
def iron_platinum():
    """Nanoparticles of iron and platinum on copper: one Super-X spectrum, with its energies."""
    with h5py.File(DATA / "EDS_TEM_FePt_nanoparticles.hspy") as file:
        counts = file["Experiments/EDS TEM Spectrum/data"][()]
    return counts, 1e3 * (0.169315 + 0.020028 * np.arange(counts.size))


#: By mass, of Fe Ka and Pt La alone; see tests/data/SOURCES.md.
OF_ALPHA = {"Fe": 1.450226, "Pt": 5.075602}


def shown(counts, variance, factors):
    """Quantify maps of one pixel by mass."""
    given = ", ".join(f"{element} {factor:.6f}" for element, factor in factors.items())
    settings = QUANTIFY.params(k_given=given, k_by_mass=True)
    return perform(QUANTIFY, {"maps": counts, "variance": variance}, settings).outputs["elements"].columns


def test_atomic_per_cent_of_iron_in_platinum_is_that_of_the_counts_times_k_over_mass(iron_platinum):
    counts, energies = iron_platinum

    def above_sides(line_eV, half_eV):
        peak, sides = (
            counts[(abs(energies - line_eV) > low) & (abs(energies - line_eV) <= high)].astype(float)
            for low, high in ((-1, half_eV), (half_eV, 2 * half_eV))
        )
        return peak.sum() - peak.size * sides.mean()

    by_hand = {"Fe": above_sides(6404, 150), "Pt": above_sides(9442, 180)}
    atoms = {"Fe": OF_ALPHA["Fe"] * by_hand["Fe"] / 55.845, "Pt": OF_ALPHA["Pt"] * by_hand["Pt"] / 195.084}
    iron = 100 * atoms["Fe"] / sum(atoms.values())
    photons = np.array([by_hand["Fe"], by_hand["Pt"]], np.float32).reshape(2, 1, 1)
    maps = LabelledArray(photons, "cyx", unit="counts", labels={"c": ("Fe K", "Pt L")}, kind="image")
    variance = LabelledArray(photons, "cyx", unit="counts^2", labels={"c": ("Fe K", "Pt L")}, kind="image")
    assert shown(maps, variance, OF_ALPHA)["mean"][0] == pytest.approx(iron, abs=0.01)
    assert iron == pytest.approx(15.4, abs=0.6)


def test_families_find_the_iron_that_windows_found_in_platinum(iron_platinum):
    """15.41 at% in the user guide of exspy, from Fe Ka and Pt La alone: here with those parts of the families."""
    found = fitted(
        spectra(iron_platinum[0][None, None], iron_platinum[1]),
        families="Fe K, Co K, Cu K, Pt L",
        kept="Fe K, Pt L",
        range_start_eV=5800.0,
        range_stop_eV=11800.0,
    ).outputs
    assert 125 < found["fwhm"].value < 135
    alpha = {
        name: sum(share for energy, share in zip(family.energies_eV, family.shares, strict=True) if low < energy < high)
        for name, low, high in (("Fe K", 6300, 6500), ("Pt L", 9300, 9500))
        for family in [line_family(name)]
    }
    factors = {"Fe": OF_ALPHA["Fe"] * alpha["Fe K"], "Pt": OF_ALPHA["Pt"] * alpha["Pt L"]}
    table = shown(found["maps"], found["variance"], factors)
    assert table["mean"][0] == pytest.approx(15.41, abs=0.6)
    assert table["by_counting"][0] == pytest.approx(0.35, abs=0.15)


def test_two_x_rays_beside_a_strobe_peak_give_no_composition():
    found = read(DATA / "velox_EELS_EDS.zip").arrays[0]
    assert found.name == "EDS"
    with pytest.raises(EmptyTilt, match="strobe_eV"):
        fitted(found, families="O K, Fe L, Co L")
