from dataclasses import replace

import numpy as np
import pytest

from lithoscope.analysis import call, perform
from lithoscope.arrays import LabelledArray, Table
from lithoscope.errors import ScienceError
from lithoscope.methods import Method, Params, Port, catalogue
from lithoscope.numerics.eels.examples import low_and_core
from lithoscope.numerics.tomography.phantoms import small_clean_series, small_tilt_series
from lithoscope.numerics.volumes.phantoms import small_image
from lithoscope.rules.dose import example_exposure
from lithoscope.units import Quantity

STEP = Quantity(4.63, "nm", "header", note="pixel size")


@pytest.fixture
def series() -> LabelledArray:
    given = small_clean_series()
    return LabelledArray(
        given["projections"],
        "tyx",
        {"y": STEP, "x": STEP},
        unit="counts",
        coordinates={"t": given["angles_deg"]},
        kind="tilt_series",
        name="haadf",
    )


@pytest.fixture
def image() -> LabelledArray:
    return LabelledArray(
        small_image()["image"], "yx", {"y": STEP, "x": STEP}, unit="counts", kind="image", name="haadf"
    )


def run(method_id, inputs, *, seed=0, progress=None, **settings):
    method = catalogue()[method_id]
    return call(method, inputs, method.params(**settings), progress=progress, seed=seed)


def test_a_tomogram_has_the_pixel_size_of_its_series_in_all_directions(series):
    outputs = run("tomogram_sirt", {"projections": series}, iterations=3)
    volume = outputs["volume"]
    assert (volume.axes, volume.kind, volume.name, volume.unit) == ("zyx", "volume", "volume", "counts/px")
    assert volume.spacing == {"z": STEP, "y": STEP, "x": STEP}


def test_progress_reaches_the_method_and_stops_it(series):
    seen = []
    run(
        "tomogram_sirt",
        {"projections": series},
        progress=lambda done, _total, **_figures: seen.append(done) or done < 2,
    )
    assert seen == [1, 2]


def test_chosen_tilts_bring_their_angles_unit_and_spacing(series):
    settings = {"first_deg": -30.0, "last_deg": 30.0, "step_deg": 15.0}
    picked = run("tilt_series_subset", {"projections": series}, **settings)["tilt_series"]
    assert picked.coordinates["t"].tolist() == [-30, -15, 0, 15, 30]
    assert (picked.unit, picked.spacing, picked.kind) == ("counts", {"y": STEP, "x": STEP}, "tilt_series")


def test_one_method_feeds_the_next(series):
    raw = replace(series, values=small_tilt_series()["projections"])
    clean = run("tilt_series_background", {"projections": raw})
    assert isinstance(clean["levels"], Table)
    volume = run("tomogram_fbp", {"projections": clean["tilt_series"]})["volume"]
    found = run("segment_threshold", {"image": volume})
    mask = replace(found["labels"], values=found["labels"].values > 1)
    masked = run("tomogram_sirt", {"projections": clean["tilt_series"], "mask": mask}, iterations=3)["volume"]
    assert not masked.values[~mask.values].any()


def test_labels_and_tables_know_the_unit_of_the_image(image):
    outputs = run("segment_threshold", {"image": image})
    assert list(outputs) == ["labels", "phases", "thresholds"]
    assert (outputs["labels"].axes, outputs["labels"].unit, outputs["labels"].kind) == ("yx", "1", "labels")
    assert outputs["thresholds"].units["threshold"] == "counts"
    assert outputs["phases"].units["mean_grey"] == "counts"


def test_perimeters_are_in_nanometres(image):
    coarse = replace(image, spacing=dict.fromkeys("yx", replace(STEP, value=46.3)))
    fine_nm, coarse_nm = (
        run("segment_threshold", {"image": given})["phases"].columns["perimeter_nm"][1] for given in (image, coarse)
    )
    assert coarse_nm == pytest.approx(10 * fine_nm)


def test_the_seed_reaches_the_bootstrap(image):
    lows = [run("segment_threshold", {"image": image}, seed=s)["phases"].columns["fraction_low"] for s in (1, 1, 2)]
    assert lows[0] == lows[1] != lows[2]


def test_dose_of_an_exposure_is_a_row_of_quantities():
    outputs = run("raster_dose", example_exposure())
    assert outputs["dose_series"].value == pytest.approx(6.551e5, rel=1e-3)
    assert list(outputs)[-1] == "scans"


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"spacing": {}}, "unknown-calibration", "pixel size of 'haadf' along y"),
        ({"spacing": {"y": STEP, "x": Quantity.unknown("nm")}}, "unknown-calibration", "along x"),
        ({"kind": "volume", "axes": "tyx"}, "wrong-input", "takes a"),
    ],
)
def test_an_image_that_does_not_fit_is_refused_by_name(image, change, code, named):
    if "axes" in change:
        change = change | {"values": image.values[None], "coordinates": {}}
    with pytest.raises(ScienceError, match=named) as refused:
        run("segment_threshold", {"image": replace(image, **change)})
    assert refused.value.code == code


def test_a_series_without_angles_is_refused(series):
    with pytest.raises(ScienceError, match="tilt angles of 'haadf'") as refused:
        run("tomogram_sirt", {"projections": replace(series, coordinates={})})
    assert refused.value.code == "unknown-calibration"


def test_a_missing_and_a_foreign_input_are_named(series):
    with pytest.raises(ScienceError, match="needs the input 'projections'"):
        run("tomogram_sirt", {})
    with pytest.raises(ScienceError, match="no input called 'image'"):
        run("tomogram_sirt", {"projections": series, "image": series})


def test_notes_stand_beside_the_outputs(series):
    uneven = replace(series, values=series.values * np.linspace(1, 2, 9)[:, None, None])
    method = catalogue()["tomogram_genfire"]
    made = perform(method, {"projections": uneven}, method.params(iterations=2))
    assert made.notes[0].startswith("uneven-projections: ")
    assert list(made.outputs) == [port.name for port in method.outputs]


@pytest.fixture
def spectra() -> dict[str, LabelledArray]:
    given = low_and_core()
    return {
        name: LabelledArray(
            given[name], "yxe", {"e": Quantity(0.15, "eV", "header", note=name)}, "counts",
            {"e": given[f"{name}_energy"].energies_eV}, "spectra", name,
        )
        for name in ("low_loss", "core_loss")
    }  # fmt: skip


def test_every_spectrum_keeps_its_own_energy_axis(spectra):
    aligned = run("eels_align", spectra)
    for name, given in spectra.items():
        assert aligned[name].coordinates["e"][0] == pytest.approx(given.coordinates["e"][0], abs=0.2)
        assert aligned[name].spacing["e"].note == name
    assert (aligned["position"].kind, aligned["position"].axes, aligned["position"].unit) == ("image", "yx", "eV")


def test_an_output_of_an_input_that_was_left_out_is_absent(spectra):
    assert "core_loss" not in run("eels_align", {"low_loss": spectra["low_loss"]})


def test_spectra_without_energies_are_refused_by_name(spectra):
    bare = replace(spectra["low_loss"], coordinates={})
    with pytest.raises(ScienceError, match="energy axis of 'low_loss' is unknown") as refused:
        run("eels_thickness", {"low_loss": bare})
    assert refused.value.code == "unknown-calibration"


def test_a_preset_fills_what_is_left_empty_and_nothing_else():
    params = catalogue()["tomogram_genfire"].params
    assert params(preset="paper").iterations == 1000
    assert params(preset="paper", iterations=7).iterations == 7
    assert "preset" not in params().arguments()


class JoinedParams(Params):
    """Nothing to choose."""


JOINED = Method(
    id="joined",
    version="1",
    title="Join",
    reference="none",
    inputs=(Port("maps", kind="volume", axes=("zyx", "czyx"), many=True),),
    outputs=(Port("joined", kind="volume", axes="czyx", unit=""),),
    params=JoinedParams,
    compute="tests.lithoscope.test_analysis:joined",
    example="tests.lithoscope.test_analysis:joined_example",
    calibration=("maps_names",),
)


def joined(maps, *, maps_names):
    values = np.concatenate([each.reshape(-1, *each.shape[-3:]) for each in maps])
    return LabelledArray(values, "czyx", labels={"c": tuple(name for names in maps_names for name in names)})


def volume_of(name, *labels):
    shape = (len(labels), 2, 3, 4) if labels else (2, 3, 4)
    named = {"c": labels} if labels else {}
    axes = "czyx" if labels else "zyx"
    return LabelledArray(np.ones(shape, np.float32), axes, {"z": STEP}, "%", {}, "volume", name, named)


def test_an_input_of_many_gives_all_values_and_all_names_in_order():
    given = [volume_of("adf"), volume_of("metals", "Mn", "Co")]
    made = call(JOINED, {"maps": given}, JoinedParams())["joined"]
    assert made.labels == {"c": ("adf", "Mn", "Co")}
    assert (made.values.shape, made.unit, made.spacing["z"]) == ((3, 2, 3, 4), "%", STEP)


def test_an_input_of_many_is_refused_when_empty_or_when_one_of_them_does_not_fit(series):
    with pytest.raises(ScienceError, match="at least one"):
        call(JOINED, {"maps": []}, JoinedParams())
    with pytest.raises(ScienceError, match="tilt_series"):
        call(JOINED, {"maps": [volume_of("adf"), series]}, JoinedParams())


def test_maps_without_names_are_numbered():
    made = call(JOINED, {"maps": [replace(volume_of("metals", "Mn", "Co"), labels={})]}, JoinedParams())["joined"]
    assert made.labels == {"c": ("metals 1", "metals 2")}
