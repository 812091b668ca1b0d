"""What the upload page sends as one dataset is what the reader takes as one."""

from typing import Any

import pytest

from tests.frontend.modules import run

# Browsers of 2024 and later group by themselves; Node does from 21 on.
SORTED = """({ parcelsOf }, names) => {
  const added = (map, key, one) => map.set(key, [...(map.get(key) ?? []), one]);
  Map.groupBy ??= (list, of) => list.reduce((map, one) => added(map, of(one), one), new Map());
  const files = names.map((name) => ({ file: { name, size: 1, lastModified: 0 }, folder: "day" }));
  return parcelsOf(files).parcels.map((each) => ({
    files: each.files.map(({ name }) => name), name: each.name ?? null, asked: each.words?.one ?? null,
    one: each.asSeries ? each.asSeries().map(({ name }) => name) : null,
  }));
}"""


def sent(*names: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("sending/parcels.js", SORTED, list(names))
    return found


def test_an_emi_goes_with_every_series_of_its_acquisition_and_with_no_other():
    parcels = sent("map.emi", "map_2.ser", "map_1.ser", "other_1.ser", "lonely.emi")
    packed = next(each for each in parcels if len(each["files"]) > 1)
    assert (packed["name"], packed["files"]) == ("map.zip", ["map.emi", "map_1.ser", "map_2.ser"])
    assert sorted(each["name"] for each in parcels) == ["lonely.emi", "map.zip", "other_1.ser"]


@pytest.mark.parametrize("name", ["A.ser", "a_1.ser"])
def test_an_emi_and_its_series_are_paired_whatever_their_case(name: str):
    assert [each["name"] for each in sent("A.EMI", name)] == ["A.zip"]


def test_an_edax_map_goes_with_its_spectrum_and_its_image():
    parcels = sent("a.spd", "A.SPC", "a_Img.ipr", "b.spc", "c_Img.ipr")
    packed = next(each for each in parcels if len(each["files"]) > 1)
    assert (packed["name"], packed["files"]) == ("a.zip", ["a.spd", "A.SPC", "a_Img.ipr"])
    assert sorted(each["name"] for each in parcels) == ["a.zip", "b.spc", "c_Img.ipr"]


def test_the_master_of_an_eiger_goes_with_its_frames():
    parcels = sent("s_data_000002.h5", "s_data_000001.h5", "s_master.h5", "t_data_000001.h5", "other.h5")
    packed = next(each for each in parcels if len(each["files"]) > 1)
    assert packed["files"] == ["s_master.h5", "s_data_000001.h5", "s_data_000002.h5"]
    assert sorted(each["name"] for each in parcels) == ["other.h5", "s_master.zip", "t_data_000001.h5"]


def test_numbered_images_are_asked_about_and_others_go_alone():
    parcels = sent("slice_2.tif", "slice_10.tif", "overview.tif", "b_1.tif", "b_1.tlt")
    question = next(each for each in parcels if each["asked"])
    assert (question["asked"], question["one"]) == ("One stack of slices", ["day.zip"])
    assert sorted(question["files"]) == ["slice_10.tif", "slice_2.tif"]
    assert {each["name"] for each in parcels} == {None, "overview.tif", "b_1.zip"}


def test_velox_files_are_asked_about_as_tilts():
    (question,) = sent("a.emd", "b.emd")
    assert (question["asked"], question["one"]) == ("One tilt series", ["day.zip"])
