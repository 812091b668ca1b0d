"""Real core loss of an NMC oxide: oxygen, manganese, cobalt and nickel from one file, its drift taken off."""

from pathlib import Path

import numpy as np
import pytest

from lithoscope.analysis import perform
from lithoscope.methods import catalogue
from lithoscope.readers import read

DATA = Path(__file__).parents[2] / "data"
FIELDS = (
    "pre_start_eV", "pre_end_eV", "post_start_eV", "post_end_eV", "region_start_eV", "region_stop_eV",
    "map_start_eV", "map_stop_eV",
)  # fmt: skip
#: The file's dispersion is some three percent off: its edges lie 7 (O) to 16 eV (Ni) low, and so do these windows.
WINDOWS = {
    "o": (470.0, 518.0, 565.0, 615.0, 462.0, 622.0, 518.0, 553.0),
    "mn": (606.0, 626.0, 690.0, 750.0, 603.0, 755.0, 627.0, 657.0),
    "co": (722.0, 759.0, 793.0, 830.0, 718.0, 832.0, 760.0, 792.0),
    "ni": (795.0, 832.0, 880.0, 935.0, 792.0, 940.0, 833.0, 868.0),
}
TOPS_EV = {"o": 532.6, "mn": 633.5, "co": 767.3, "ni": 837.5}


def ran(method, inputs, **params):
    declared = catalogue()[method]
    return perform(declared, inputs, declared.params(least_counts=-100.0, **params)).outputs


@pytest.fixture(scope="module")
def spectra():
    low = read(DATA / "NMC_lowloss_SI_-60-554eV.dm3").arrays[0]
    core = read(DATA / "NMC_coreloss_SI_440-1054eV.dm3").arrays[0]
    found = ran("eels_zero_loss", {"low_loss": low})
    return {"core_loss": core, "low_loss": low, "position": found["position"]}, found


def test_the_drift_is_three_electron_volts(spectra):
    found = spectra[1]
    assert found["drift"].value == pytest.approx(-3.1, abs=0.15)
    assert found["scatter"].value == pytest.approx(0.15, abs=0.05)
    assert found["rejected"].value == 0


def test_thickness_with_the_map_of_positions_is_that_without(spectra):
    low = {name: spectra[0][name] for name in ("low_loss", "position")}
    with_map, without = ran("eels_thickness", low), ran("eels_thickness", {"low_loss": low["low_loss"]})
    np.testing.assert_allclose(with_map["t_over_lambda"].values, without["t_over_lambda"].values, atol=1e-5)


def test_all_four_edges_stand_on_nothing_and_their_maps_follow_one_thickness(spectra):
    maps = []
    for preset, windows in WINDOWS.items():
        given = dict(zip(FIELDS, windows, strict=True))
        found = ran(
            "eels_edge", spectra[0], preset=preset, convergence_mrad=0.0, window_play_eV=4.0, window_steps=2,
            largest_pre_slope_per_eV=0.1, **given,
        )  # fmt: skip
        energies, edge = (np.array(found["mean"].columns[name]) for name in ("energy_eV", "edge"))
        assert energies[np.argmax(edge)] == pytest.approx(TOPS_EV[preset], abs=1.0)
        before = edge[(energies > windows[0]) & (energies < windows[1])]
        assert np.sqrt((before**2).mean()) < 0.1 * edge.max()
        assert found["rejected"].value < 42 / 10
        maps.append(found["intensity"].values)
    kept = np.isfinite(maps).all(axis=0)
    agreement = np.corrcoef([each[kept] for each in maps])
    assert agreement[0, 1] > 0.95
    assert agreement.min() > 0.55
