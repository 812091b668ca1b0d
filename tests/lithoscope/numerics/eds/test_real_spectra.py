"""Real X-ray spectrum images of very few counts give maps with honest uncertainties, or say that they are empty."""

from pathlib import Path

import numpy as np
import pytest
from rsciio.bruker import file_reader

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds import FitDesign, fit_families, refined_response, tilt_factors, without_strobe
from lithoscope.numerics.eds.errors import EmptyTilt
from lithoscope.readers import read

DATA = Path(__file__).parents[3] / "data"
FAMILIES = ("C K", "O K", "Ti L", "Cu L", "Si K", "Ti K", "Fe K", "Cu K", "Pd L")
RANGE_EV = (200.0, 9500.0)


@pytest.fixture(scope="module")
def few_counts():
    """Super-X, 64 x 64 pixels with six counts each."""
    found = next(one for one in file_reader(str(DATA / "test_TEM.bcf")) if one["data"].ndim == 3)
    axis = found["axes"][-1]
    return np.asarray(found["data"]), EnergyAxis(1e3 * axis["offset"], 1e3 * axis["scale"], axis["size"])


def fitted(spectra, axis, response, **settings):
    design = FitDesign.of(FAMILIES, axis=axis, response=response, range_eV=RANGE_EV, bremsstrahlung_terms=3)
    return fit_families(spectra[None], axis=axis, design=design, **settings)


def test_six_counts_a_pixel_give_maps_whose_uncertainty_two_halves_confirm(few_counts):
    spectra, axis = few_counts
    response = refined_response(spectra.sum(axis=(0, 1)), axis=axis, families=FAMILIES, range_eV=RANGE_EV)
    assert abs(response.offset_eV) < 10
    assert 125 < response.fwhm_mn_eV < 150
    whole = fitted(spectra, axis, response)
    silicon, titanium = (whole.sums[FAMILIES.index(name), 0] for name in ("Si K", "Ti K"))
    assert silicon == pytest.approx(10_000, rel=0.05)
    assert titanium == pytest.approx(3200, rel=0.05)
    assert (whole.variance > 0).all()
    first = np.random.default_rng(0).binomial(spectra, 0.5).astype(np.uint8)
    one, other = (fitted(half, axis, response, nonnegative=False) for half in (first, spectra - first))
    seen = ((one.counts - other.counts) ** 2).sum(axis=(1, 2, 3))
    told = (one.variance + other.variance).sum(axis=(1, 2, 3))
    assert (seen / told < 1.05).all()  # never too sure
    assert (seen / told > 0.6).all()


def test_a_velox_file_whose_streams_hold_two_x_rays_gives_no_composition():
    """All else is strobe pulses, and its own maps of Fe, Co and O are zero, too."""
    found = read(DATA / "velox_EELS_EDS.zip")
    x_rays, maps = found.arrays[0], [array for array in found.arrays if array.name in {"Fe map", "Co map", "O map"}]
    assert [array.values.any() for array in maps] == [False] * 3
    axis = EnergyAxis.from_energies(x_rays.coordinates["e"])
    assert x_rays.values.sum() == 11093
    assert x_rays.values[..., without_strobe(axis)].sum() == 2
    fit = fit_families(
        x_rays.values[None], axis=axis, design=FitDesign.of(("O K", "Fe L", "Co L"), axis=axis, range_eV=(200, 1200))
    )
    assert fit.counts.sum() < 3
    assert np.isfinite(fit.variance).all()
    with pytest.raises(EmptyTilt, match="tilt 0"):
        tilt_factors(fit.sums, angles_deg=[0.0])


def test_carbon_of_a_velox_spectrum_image_is_found_above_its_strobe_peak(tmp_path):
    from zipfile import ZipFile

    ZipFile(DATA / "velox_emd_version11.zip").extractall(tmp_path)
    file = next(path for path in tmp_path.rglob("*.emd") if "Reduced" not in path.name)
    x_rays = read(file).arrays[0]
    axis = EnergyAxis.from_energies(x_rays.coordinates["e"])
    design = FitDesign.of(("C K", "O K", "Ca K", "Cu K"), axis=axis, range_eV=(200, 9000))
    found = fit_families(x_rays.values[None], axis=axis, design=design)
    window = x_rays.values[..., axis.window(230, 330)].sum()
    assert found.sums[0, 0] == pytest.approx(window, rel=0.25)
    assert found.sums[0, 0] > 5 * np.sqrt(found.variance[0].sum())
