"""Maps of families as a method: from counted spectra to photons, tilt by tilt, with all that judges them."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.analysis import call, perform
from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.methods import catalogue
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import NegativeCounts, NonFiniteValues, ReversedEnergyAxis, WrongShape
from lithoscope.numerics.common.series import SeriesOfTilts
from lithoscope.numerics.eds.errors import DetectorSaturated, EmptyTilt, LineOutsideSpectrum
from lithoscope.numerics.eds.phantoms import spectra_of
from lithoscope.numerics.eds.response import Response

METHOD = catalogue()["eds_fit"]
AXIS = EnergyAxis(-200.0, 10.0, 140)
ANGLES = np.array([-30.0, 0.0, 40.0])
PLANTED = np.array([60.0, 20.0, 15.0, 25.0])
FAMILIES = ("O K", "Mn L", "Co L", "Ni L")
STROBE = 4.0


def counted(seed=0, *, response=Response(), side=16):
    maps = np.ones((4, len(ANGLES), side, side)) * PLANTED[:, None, None, None]
    expected = spectra_of(maps, AXIS, background=0.5, response=response)
    expected[..., :20] += STROBE / 20
    return np.random.default_rng(seed).poisson(expected).astype(np.uint16)


def series(values, **changes):
    given = {"coordinates": {"t": ANGLES, "e": AXIS.energies_eV}, "kind": "spectra", "name": "x_rays"} | changes
    return LabelledArray(values, "tyxe", unit="counts", **given)


def fitted(array, live=None, progress=None, **params):
    inputs = {"spectra": array} | ({} if live is None else {"live_fraction": live})
    return perform(METHOD, inputs, METHOD.params(**params), progress=progress)


def test_planted_photons_come_back_within_their_uncertainty():
    found = fitted(series(counted())).outputs
    sums = found["sums"]
    for name, planted in zip(FAMILIES, PLANTED, strict=True):
        departure = (np.array(sums.columns[name]) - planted * 256) / np.array(sums.columns[f"{name}_sd"])
        assert np.abs(departure).max() < 4
    assert found["maps"].labels == {"c": FAMILIES}
    assert found["maps"].axes == found["variance"].axes == "ctyx"
    assert found["maps"].coordinates["t"].tolist() == ANGLES.tolist()
    assert found["misfit"].value < 1.8
    assert sums.plot.x == "angle_deg"
    spread = (found["maps"].values - PLANTED[:, None, None, None]) ** 2
    assert spread.mean(axis=(1, 2, 3)) == pytest.approx(found["variance"].values.mean(axis=(1, 2, 3)), rel=0.15)


def test_a_single_spectrum_is_an_image_of_one_pixel():
    total = counted().sum(axis=(0, 1, 2), dtype=np.uint32)
    alone = LabelledArray(total, "e", unit="counts", coordinates={"e": AXIS.energies_eV}, kind="spectra")
    pixel = replace(alone, values=total[None, None], axes="yxe")
    one, other = fitted(alone).outputs, fitted(pixel).outputs
    assert (one["maps"].axes, one["maps"].values.shape) == ("cyx", (4, 1, 1))
    assert np.array_equal(one["maps"].values, other["maps"].values)
    assert one["maps"].values.ravel() == pytest.approx(PLANTED * 256 * len(ANGLES), rel=0.05)
    assert one["spectrum"].columns == other["spectrum"].columns


def test_the_spectrum_is_the_sum_of_its_parts_and_near_the_counts():
    table = fitted(series(counted())).outputs["spectrum"]
    columns = {name: np.array(values, float) for name, values in table.columns.items()}
    parts = columns["background"] + sum(columns[name] for name in (*FAMILIES, "Cu L"))
    assert columns["fit"] == pytest.approx(parts)
    departure = (columns["mean"] - columns["fit"]) / np.maximum(columns["mean_sd"], 1e-3)
    assert np.sqrt(np.mean(departure**2)) < 1.5
    assert {line.y for line in table.plot.lines} == {"mean", "fit", "background", *FAMILIES, "Cu L"}


def test_the_strobe_peak_is_counted_and_left_out():
    values = counted()
    found = fitted(series(values)).outputs
    below = values[..., AXIS.energies_eV <= 150].sum()
    assert found["strobe"].value == below > 0


def test_width_and_offset_are_found_in_the_data():
    found = fitted(series(counted(response=Response(138.0, 6.0), side=32))).outputs
    assert found["fwhm"].value == pytest.approx(138.0, abs=2)
    assert found["offset"].value == pytest.approx(6.0, abs=1)
    assert found["fwhm"].source == "measured"
    kept = fitted(series(counted()), refine=False, fwhm_mn_ka_eV=140.0).outputs["fwhm"]
    assert (kept.value, kept.source) == (140.0, "user")


def test_an_image_is_a_series_of_one_tilt_without_an_angle():
    values = counted()[1]
    image = LabelledArray(values, "yxe", unit="counts", coordinates={"e": AXIS.energies_eV}, kind="spectra")
    found = fitted(image).outputs
    again = fitted(series(counted()[1:2], coordinates={"t": ANGLES[1:2], "e": AXIS.energies_eV})).outputs
    assert found["maps"].axes == "cyx"
    assert found["maps"].kind == "image"
    assert found["maps"].values == pytest.approx(again["maps"].values[:, 0])
    assert found["sums"].columns["tilt"] == [0]
    assert "angle_deg" not in found["sums"].columns


def test_a_stored_series_is_read_one_tilt_at_a_time_and_never_whole():
    values, read = counted(), []

    def tilt(index):
        read.append(index)
        return values[index]

    stored = SeriesOfTilts(tilt, shape=values.shape, dtype=values.dtype)
    found = fitted(series(stored)).outputs["maps"]
    assert sorted(read) == [0, 0, 1, 1, 2, 2]  # once for the response, once for the maps
    assert found.values == pytest.approx(fitted(series(values)).outputs["maps"].values)


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_a_detector_that_listened_half_the_time_has_its_counts_doubled_and_their_variance_fourfold(preset):
    live = LabelledArray(np.full((3, 16, 16), 0.5), "tyx", coordinates={"t": ANGLES}, kind="tilt_series")
    plain, doubled = (fitted(series(counted()), each, preset=preset).outputs for each in (None, live))
    assert doubled["maps"].values == pytest.approx(2 * plain["maps"].values, rel=1e-5)
    assert doubled["variance"].values == pytest.approx(4 * plain["variance"].values, rel=1e-5)
    assert doubled["sums"].columns["O K"] == pytest.approx(2 * np.array(plain["sums"].columns["O K"]))
    assert doubled["sums"].columns["O K_sd"] == pytest.approx(2 * np.array(plain["sums"].columns["O K_sd"]))


def test_windows_of_the_paper_tell_what_they_mix():
    found = fitted(series(counted()), preset="paper")
    crosstalk = found.outputs["crosstalk"]
    assert crosstalk.columns["Co L"][crosstalk.columns["map"].index("Ni L")] > 0.02
    assert any(note.startswith("windows-overlap") for note in found.notes)
    assert found.outputs["misfit"].value is None
    assert "crosstalk" not in fitted(series(counted())).outputs


def test_maps_keep_their_sign_unless_told():
    weak = counted()
    free, held = fitted(series(weak), kept="Cu L").outputs, fitted(series(weak), kept="Cu L", nonnegative=True).outputs
    assert free["maps"].values.min() < 0 <= held["maps"].values.min()
    assert free["clipped"].value == 0 < held["clipped"].value
    assert held["maps"].values.mean() > free["maps"].values.mean() + 0.5  # why this is not the default


def test_an_empty_tilt_is_named_and_an_empty_series_refused():
    values = counted()
    values[1] = 0
    notes = fitted(series(values)).notes
    assert any("tilt 1 holds no X-ray counts" in note for note in notes)
    with pytest.raises(EmptyTilt, match="strobe_eV"):
        fitted(series(np.zeros_like(values)))


def test_an_early_finish_says_which_tilts_are_missing():
    found = fitted(series(counted()), progress=lambda done, total, /, **_: done < 2)
    assert any(note.startswith("finished-early: tilts from 2") for note in found.notes)
    assert np.isfinite(found.outputs["maps"].values[:, :2]).all()


def test_few_counts_place_no_lines_and_the_given_width_is_taken():
    values = np.zeros((3, 4, 4, AXIS.size), np.uint8)
    values[..., AXIS.window(520, 540)] = 1
    found = fitted(series(values))
    assert any(note.startswith("response-not-refined") for note in found.notes)
    assert (found.outputs["variance"].values > 0).all()


def spoiled(value):
    values = counted().astype(np.float32)
    values[2, 3, 4, 80] = value
    return values


@pytest.mark.parametrize(
    ("array", "params", "refusal", "words"),
    [
        (lambda: series(spoiled(np.nan)), {}, NonFiniteValues, "tilt 2"),
        (lambda: series(spoiled(-1)), {}, NegativeCounts, "tilt 2"),
        (lambda: series(counted()), {"families": "O K, Mn L, Au L"}, LineOutsideSpectrum, "Au L"),
        (lambda: series(counted()), {"kept": "F K"}, ScienceError, "kept"),
        (lambda: series(counted()), {"range_start_eV": 500.0, "range_stop_eV": 510.0}, ScienceError, "500-510 eV"),
    ],
    ids=["nan", "negative", "beyond", "kept", "narrow"],
)
def test_what_cannot_be_fitted_is_refused_by_name(array, params, refusal, words):
    with pytest.raises(refusal, match=words):
        fitted(array(), **params)


def test_a_reversed_energy_axis_is_refused():
    turned = series(counted(), coordinates={"t": ANGLES, "e": AXIS.energies_eV[::-1]})
    with pytest.raises(ReversedEnergyAxis):
        call(METHOD, {"spectra": turned}, METHOD.params())


@pytest.mark.parametrize(
    ("live", "refusal"),
    [
        (np.ones((2, 16, 16)), WrongShape),
        (np.zeros((3, 16, 16)), DetectorSaturated),
        (np.full((3, 16, 16), 2), ScienceError),
    ],
    ids=["tilts", "dead", "above-one"],
)
def test_live_fractions_that_cannot_be_are_refused(live, refusal):
    angles = ANGLES[: len(live)]
    with pytest.raises(refusal, match="live_fraction"):
        fitted(series(counted()), LabelledArray(live, "tyx", coordinates={"t": angles}, kind="tilt_series"))
