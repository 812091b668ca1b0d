"""Frames: what is cut together, and what is never guessed."""

import pytest

from app.portal.viewing import Shown, colours_of, frames_of, spectra_of, titled, viewer_address

NM = {"value": 4.63, "unit": "nm", "source": "header"}
UNKNOWN = {"value": None, "unit": "nm", "source": "unknown"}


def summary(name, axes, shape, **more):
    known = {"spacing": dict.fromkeys("zyx", NM), "coordinates": {}, "labels": {}, "unit": "counts", "kind": "volume"}
    return {
        "name": name,
        "title": name.title(),
        "axes": axes,
        "shape": shape,
        "path": f"{name}.ome.zarr",
        **known,
        **more,
    }


def test_maps_of_one_geometry_share_a_frame_and_channels_have_their_names():
    atoms = summary("atoms", "czyx", [2, 8, 9, 10], unit="at%", labels={"c": ["O", "Mn"]})
    frames = frames_of([Shown("/a", summary("volume", "zyx", [8, 9, 10])), Shown("/b", atoms)])
    (frame,) = frames
    assert (frame.axes, frame.shape, frame.steps) == (["z", "y", "x"], [8, 9, 10], [4.63] * 3)
    assert [each["title"] for each in frame.maps] == ["Volume", "Atoms, O", "Atoms, Mn"]
    assert [each["channel"] for each in frame.maps] == [None, 0, 1]
    assert [each["colours"] for each in frame.maps] == ["gray", "viridis", "viridis"]


def test_other_lengths_and_other_steps_are_frames_of_their_own_volumes_first():
    series = summary("series", "tyx", [3, 9, 10], kind="tilt_series", coordinates={"t": [-10.0, 0.0, 10.0]})
    coarse = summary("coarse", "zyx", [8, 9, 10], spacing=dict.fromkeys("zyx", NM | {"value": 9.26}))
    frames = frames_of([Shown("/s", series), Shown("/v", summary("v", "zyx", [8, 9, 10])), Shown("/c", coarse)])
    assert [frame.axes[0] for frame in frames] == ["z", "z", "t"]
    assert frames[2].tilts == [-10.0, 0.0, 10.0]


def test_together_known_steps_share_a_frame_and_unknown_ones_and_tilts_stay_apart():
    coarse = summary("coarse", "zyx", [4, 4, 5], spacing=dict.fromkeys("zyx", NM | {"value": 9.26}))
    bare = summary("bare", "zyx", [8, 9, 10], spacing=dict.fromkeys("zyx", UNKNOWN))
    series = summary("series", "tyx", [3, 9, 10], kind="tilt_series", coordinates={"t": [-10.0, 0.0, 10.0]})
    shown = [Shown(f"/{each['name']}", each) for each in (summary("v", "zyx", [8, 9, 10]), coarse, bare, series)]
    frames = frames_of(shown, are_together=True)
    assert [[each["title"] for each in frame.maps] for frame in frames] == [["V", "Coarse"], ["Bare"], ["Series"]]
    assert frames[0].size == "z, y, x: several grids in one physical frame"
    assert frames[1].size == "z, y, x: 8 × 9 × 10"


def test_a_frame_leads_to_the_viewer_unless_the_viewer_cannot_show_it():
    own = Shown("/api/v1/results/res_1/outputs/v", summary("v", "zyx", [8, 9, 10]))
    others = Shown("/api/v1/review/secret/outputs/v", summary("v", "zyx", [8, 9, 10]))
    assert frames_of([own])[0].address == "/viewer?show=res_1/v"
    assert frames_of([own, others])[0].address is None
    assert viewer_address(["res_1/v@a b&c", "ds_2/w"]) == "/viewer?show=res_1/v@a%20b%26c&show=ds_2/w"


def test_planes_come_from_the_display_copy_and_values_from_the_array():
    (frame,) = frames_of([Shown("/a", summary("v", "zyx", [8, 9, 10], has_display=True))])
    assert (frame.maps[0]["display"], frame.maps[0]["address"]) == ("/a/display", "/a/zarr")


@pytest.mark.parametrize("spacing", [{}, dict.fromkeys("zyx", UNKNOWN), None])
def test_an_unknown_pixel_size_stays_unknown(spacing):
    (frame,) = frames_of([Shown("/v", summary("v", "zyx", [8, 9, 10], spacing=spacing))])
    assert frame.steps == [None] * 3


def test_spectra_tables_and_numbers_are_no_maps():
    spectra = summary("s", "yxe", [4, 4, 9], kind="spectra", path="s.h5")
    assert frames_of([Shown("/s", spectra), Shown("/n", {"kind": "scalar", "name": "n", "path": "n.json"})]) == []


def test_labels_have_colours_of_their_own_and_quantities_are_not_grey():
    assert colours_of(summary("l", "zyx", [2, 2, 2], kind="labels", unit="1")) == "labels"
    assert colours_of(summary("i", "yx", [2, 2], kind="image", unit="1")) == "gray"
    assert colours_of(summary("t", "yx", [2, 2], kind="image", unit="nm")) == "viridis"
    assert colours_of(summary("v", "zyx", [2, 2, 2], unit="1")) == "viridis"
    assert colours_of(summary("r", "zyx", [2, 2, 2], unit="counts/px")) == "gray"


def test_an_array_that_is_called_by_its_name_alone_gets_words():
    assert titled({"name": "repeat_dark_field", "title": "repeat_dark_field"})["title"] == "Repeated dark field"
    assert titled({"name": "x_rays", "title": "x_rays"})["title"] == "X-rays"
    assert titled({"name": "volume", "title": "Dark-field tomogram"})["title"] == "Dark-field tomogram"


HOME = "/api/v1/results/res_1/outputs"


def measured_together():
    spectra = summary("x rays", "tyxe", [3, 9, 10, 64], kind="spectra", path="x.ome.zarr", title="X-rays")
    other = summary("other", "yxe", [4, 4, 64], kind="spectra", path="o.ome.zarr")
    return [
        summary("volume", "zyx", [8, 9, 10]),
        summary("tilts", "tyx", [3, 9, 10], kind="tilt_series"),
        spectra,
        other,
    ]


@pytest.mark.parametrize(
    ("home", "page"), [(HOME, "/results/res_1"), ("/api/v1/review/secret/results/res_1/outputs", "")]
)
def test_a_map_leads_to_the_spectra_of_its_rows_and_columns(home, page):
    beside = measured_together()
    (frame,) = frames_of([Shown(f"{home}/volume", beside[0], beside=beside)])
    assert frame.maps[0]["spectra"] == [{"address": f"{page}#spectra-x%20rays", "title": "X-rays"}]


def test_spectra_lead_to_the_viewer_of_an_image_of_their_rows_and_columns():
    beside = measured_together()
    found, other = spectra_of([Shown(f"{HOME}/{each['name']}", each, beside=beside) for each in beside[2:]])
    assert found["viewer"]["address"] == "/viewer?show=res_1/volume"
    assert (found["viewer"]["axes"], found["viewer"]["shape"]) == (["z", "y", "x"], [8, 9, 10])
    assert other["viewer"] is None
