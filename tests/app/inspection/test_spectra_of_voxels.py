"""A voxel leads to the raw spectra it came from: the pixel that its projection falls on, or why none is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.infra.db.models import Job
from app.infra.house import House
from app.lab.inspection.pixels import pixel_of
from app.lab.inspection.ways import Way, way_of
from lithoscope.arrays import LabelledArray, Table
from lithoscope.methods import catalogue
from lithoscope.numerics.tomography import project
from lithoscope.numerics.tomography.shifting import apply_shifts
from lithoscope.units import Quantity
from tests.app.provenance.scene import Scene

SIDE, ROWS = 11, 7
TILTS = [-30.0, 4.0, 40.0]
SHIFTS = {"angle_deg": TILTS, "shift_y_px": [1.0, -2.0, 0.0], "shift_x_px": [0.0, 3.0, -1.0]}
NM = {"value": 4.0, "unit": "nm", "source": "header", "uncertainty": None, "note": ""}


def summary(name: str, axes: str, shape: list[int], **about: Any) -> dict[str, Any]:
    kind = "spectra" if axes.endswith("e") else "volume"
    steps = {axis: NM for axis in axes if axis in "zyx"}
    return {"name": name, "axes": axes, "shape": shape, "kind": kind, "spacing": steps, **about}


SPECTRA = summary("x_rays", "tyxe", [3, ROWS, SIDE, 16], coordinates={"t": TILTS})
VOLUME = summary("volume", "zyx", [SIDE, ROWS, SIDE])
MAPS = summary("maps", "ctyx", [2, 3, ROWS, SIDE], coordinates={"t": TILTS})


@pytest.mark.parametrize("axis_px", [None, 4.0])
@pytest.mark.parametrize("shifts", [None, SHIFTS])
def test_a_voxel_is_followed_to_the_pixel_that_its_projection_falls_on(axis_px: float | None, shifts: Any):
    """The projector says where: of a volume in which one voxel shines, its brightest pixel, before it was moved."""
    place = {"z": 8, "y": 3, "x": 4}
    volume = np.zeros((SIDE, ROWS, SIDE), np.float32)
    volume[place["z"], place["y"], place["x"]] = 1
    aligned = project(volume, np.array(TILTS), rotation_axis_px=axis_px)
    moves = np.zeros((3, 2)) if shifts is None else np.transpose([shifts["shift_y_px"], shifts["shift_x_px"]])
    raw = apply_shifts(aligned, -moves)
    brightest = np.unravel_index(raw[1].argmax(), raw[1].shape)
    found = pixel_of(VOLUME, place, SPECTRA, Way(shifts=shifts, made_volume=True, axis_px=axis_px))
    assert found.place == {"t": 1, "y": brightest[0], "x": brightest[1]}
    assert found.tilt_deg == 4.0  # the one nearest to zero
    assert "all matter above and below" in found.mapped_by


def test_a_pixel_of_a_map_is_the_pixel_of_the_same_tilt():
    found = pixel_of(MAPS, {"c": 1, "t": 2, "y": 3, "x": 4}, SPECTRA, Way())
    assert (found.place, found.tilt_deg) == ({"t": 2, "y": 3, "x": 4}, 40.0)
    chosen = MAPS | {"shape": [2, 1, ROWS, SIDE], "coordinates": {"t": [40.0]}}
    assert pixel_of(chosen, {"c": 0, "t": 0, "y": 3, "x": 4}, SPECTRA, Way()).place["t"] == 2


def test_a_pixel_of_aligned_maps_is_moved_back():
    found = pixel_of(MAPS, {"c": 0, "t": 0, "y": 3, "x": 4}, SPECTRA, Way(shifts=SHIFTS))
    assert found.place == {"t": 0, "y": 2, "x": 4}
    assert "+1, +0 px" in found.mapped_by


def test_a_summed_pixel_is_a_region_of_the_spectra():
    fine = summary("eels", "yxe", [2 * ROWS, 3 * SIDE, 9])
    steps = {"y": NM | {"value": 8.0}, "x": NM | {"value": 12.0}}
    coarse = summary("map", "yx", [ROWS, SIDE]) | {"spacing": steps}
    found = pixel_of(coarse, {"y": 3, "x": 4}, fine, Way())
    assert found.place == {"y": 6, "y_to": 7, "x": 12, "x_to": 14}
    assert found.tilt_deg is None


@pytest.mark.parametrize(
    ("of", "way", "place", "words"),
    [
        (VOLUME, Way(), {"z": 1, "y": 2, "x": 3}, "no job on the way"),
        (VOLUME, Way(made_volume=True, unknown="“Turn” turned the images"), {"z": 1, "y": 2, "x": 3}, "turned"),
        (VOLUME | {"shape": [9, ROWS, SIDE]}, Way(made_volume=True), {"z": 1, "y": 2, "x": 3}, "not on the grid"),
        (VOLUME, Way(made_volume=True, shifts=SHIFTS), {"z": 1, "y": 6, "x": 3}, "outside of the raw image"),
        (MAPS, Way(shifts={**SHIFTS, "angle_deg": [1, 2, 3]}), {"c": 0, "t": 1, "y": 2, "x": 3}, "no shift at 4°"),
        (MAPS | {"coordinates": {"t": [0, 1, 2]}}, Way(), {"c": 0, "t": 1, "y": 2, "x": 3}, "no spectra at 1°"),
        (MAPS | {"shape": [2, 3, 5, SIDE]}, Way(), {"c": 0, "t": 1, "y": 2, "x": 3}, "do not fit"),
        (MAPS | {"spacing": {"y": NM, "x": NM | {"value": 5.0}}}, Way(), {"t": 1, "y": 2, "x": 3}, "another size"),
        (MAPS, Way(made_volume=True), {"c": 0, "t": 1, "y": 2, "x": 3}, "made from a volume"),
    ],
)
def test_what_cannot_be_followed_says_why(of: Any, way: Way, place: dict[str, int], words: str):
    found = pixel_of(of, place, SPECTRA, way)
    assert "y" not in found.place
    assert found.mapped_by.startswith("which pixel is not known: ")
    assert words in found.mapped_by


def step(method: str, result: Any = None, **inputs: str) -> Any:
    return Job(method=method, params={}, inputs=inputs), result


class Gave:
    def __init__(self, name: str) -> None:
        self.id = name


def test_a_way_takes_the_shifts_of_the_last_alignment_that_went_on_from_the_others():
    first, second = Gave("res_1"), Gave("res_2")
    steps = [
        step("tomogram_sirt"),
        step("tilt_series_match", second, shifts="res_1/shifts"),
        step("tilt_series_align", first),
    ]
    found = way_of(steps, catalogue(), lambda result: {"angle_deg": [result.id]})
    assert (found.shifts, found.made_volume, found.unknown) == ({"angle_deg": ["res_2"]}, True, "")


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([step("tilt_series_turn")], "turned the images"),
        ([step("tilt_series_align", Gave("res_1")), step("tilt_series_align", Gave("res_2"))], "more than once"),
        ([step("tilt_series_align", None)], "table of shifts is gone"),
        ([step("of_another_house")], "of_another_house"),
    ],
)
def test_a_way_that_cannot_be_followed_says_where_it_ends(steps: Any, words: str):
    assert words in way_of(steps, catalogue(), lambda _: SHIFTS).unknown


def test_the_inspector_is_told_of_the_spectra_behind_a_tomogram_of_shifted_maps(
    house: House, tmp_path: Path, people: Any
):
    scene = Scene(house, tmp_path)
    data = scene.dataset(scene.lamella, arrays=[SPECTRA], filename="series.emd")
    steps = dict.fromkeys("zyx", Quantity(4.0, "nm", "header"))
    table = Table(SHIFTS, {"angle_deg": "deg", "shift_y_px": "px", "shift_x_px": "px"})
    aligned = scene.result(f"{data}/adf", outputs={"shifts": table}, method="tilt_series_align")
    maps = LabelledArray(np.zeros((3, ROWS, SIDE), "f4"), "tyx", steps, "counts", {"t": TILTS}, "tilt_series", "moved")
    moved = scene.result(f"{data}/x_rays", f"{aligned}/shifts", outputs={"moved": maps}, method="tilt_series_shift")
    volume = LabelledArray(np.zeros((SIDE, ROWS, SIDE), "f4"), "zyx", steps, "counts", kind="volume", name="volume")
    result = scene.result(f"{moved}/moved", outputs={"volume": volume})
    who = people.make(role="viewer", project=scene.project)
    address = f"/api/v1/results/{result}/outputs/volume/voxel"
    (found,) = who.get(address, params={"z": 5, "y": 2, "x": 5}).json()["spectra"]
    assert (found["dataset_id"], found["filename"], found["array"]) == (data, "series.emd", "x_rays")
    assert (found["place"], found["is_known"], found["tilt_deg"]) == ({"t": 1, "y": 4, "x": 2}, True, 4.0)
    (unknown,) = who.get(address, params={"z": 5, "y": 6, "x": 5}).json()["spectra"]
    assert (unknown["place"], unknown["is_known"]) == ({"t": 1}, False)
