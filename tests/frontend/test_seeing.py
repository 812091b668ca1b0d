"""Where voxels lie, which of them a part of a frame holds, how values are counted and scales are chosen."""

import math
from typing import Any

import numpy as np
import pytest
import zarr

from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from lithoscope.writers.omezarr import write_omezarr
from tests.frontend.modules import run

FINE = {"axes": "zyx", "shape": [6, 7, 8], "steps": {"z": 4, "y": 2, "x": 1}, "origin": {"z": 10, "y": 0, "x": -3}}
COARSE = {"axes": "zyx", "shape": [2, 3, 4], "steps": {"z": 8, "y": 6, "x": 3}, "origin": {"z": 14, "y": 3, "x": 1}}
OF = {"axes": ["z", "y", "x"], "steps": [4, 2, 1], "tilts": None}
FRAME = "({ Frame }, of, maps, ...rest) => { const frame = new Frame(of, maps); return (%s)(frame, maps, ...rest); }"


def framed(code: str, maps: list[dict[str, Any]], *rest: Any, of: dict[str, Any] = OF) -> Any:
    return run("seeing/frame.js", FRAME % code, of, maps, *rest)


@pytest.mark.parametrize(("axis", "first"), [("z", 10), ("y", 0), ("x", -3)])
def test_a_place_is_the_centre_of_a_voxel_at_origin_plus_index_times_step(axis: str, first: float):
    code = "(frame, _, axis) => [0, 1, 5].map((index) => frame.position(axis, index))"
    step = FINE["steps"][axis]
    assert framed(code, [FINE], axis) == [first, first + step, first + 5 * step]


def test_an_unknown_step_counts_pixels_from_the_centre_of_the_first():
    bare = {"axes": "yx", "shape": [3, 4], "steps": {}}
    of = {"axes": ["y", "x"], "steps": [None, None], "tilts": None}
    found = framed('(frame) => [frame.position("x", 0), frame.position("x", 3), frame.hasSizes]', [bare], of=of)
    assert found == [0, 3, False]


@pytest.mark.parametrize("axis", ["z", "y", "x"])
def test_places_of_a_frame_of_several_maps_are_centres_of_the_finest_voxels(axis: str):
    code = """(frame, [fine], axis) => Array.from({ length: frame.lengths[axis] },
      (_, k) => frame.exactly(fine, axis, frame.position(axis, k))).filter((place) => place !== null)"""
    found = framed(code, [FINE, COARSE], axis)
    assert found == pytest.approx(range(FINE["shape"]["zyx".index(axis)]))


def outer_sides(about: dict[str, Any], axis: str) -> tuple[float, float]:
    """Return where a map begins and ends along an axis: half a step before its first centre, and after its last."""
    origin, step = about["origin"][axis], about["steps"][axis]
    return origin - step / 2, origin + (about["shape"]["zyx".index(axis)] - 0.5) * step


@pytest.mark.parametrize("axis", ["z", "y", "x"])
def test_a_frame_reaches_as_far_as_every_map(axis: str):
    low, high, step = framed(
        "(frame, _, axis) => [frame.low[axis], frame.low[axis] + frame.size(axis), frame.steps[axis]]",
        [FINE, COARSE],
        axis,
    )
    ends = [outer_sides(each, axis) for each in (FINE, COARSE)]
    assert low <= min(end[0] for end in ends) < low + step
    assert high >= max(end[1] for end in ends) > high - step


def test_a_position_lies_in_the_voxel_that_holds_it_in_every_map():
    code = """(frame, maps) => maps.map((map) => [-3.6, -3.4, 4.49, 4.51, 11.4, 11.6]
      .map((place) => frame.indexOf(map, "x", place)))"""
    assert framed(code, [FINE, COARSE]) == [[None, 0, 7, None, None, None], [None, None, 1, 1, 3, None]]


def test_a_part_holds_the_voxels_whose_centre_lies_in_it():
    code = '(frame, [fine, coarse], low, high) => [fine, coarse].map((map) => frame.span(map, "x", low, high))'
    centres = {"fine": np.arange(8) * 1.0 - 3, "coarse": np.arange(4) * 3.0 + 1}
    for low, high in ((-3.5, 4.5), (-1.2, 3.2), (0.5, 6.5), (-9, 90)):
        inside = [np.flatnonzero((each >= low) & (each < high)) for each in centres.values()]
        expected = [[int(each[0]), int(each[-1]) + 1] for each in inside]
        assert framed(code, [FINE, COARSE], low, high) == expected


def test_a_part_thinner_than_a_voxel_is_the_voxel_it_lies_in_and_one_elsewhere_is_none():
    code = '(frame, [fine, coarse], low, high) => frame.span(coarse, "x", low, high)'
    assert framed(code, [FINE, COARSE], 1.5, 2.5) == [0, 1]
    assert framed(code, [FINE, COARSE], 2.5, 3.5) == [1, 2]
    assert framed(code, [FINE, COARSE], -3.5, -1) is None


def test_a_drawn_part_takes_whole_voxels_and_never_none():
    code = '(frame, _, low, high) => frame.snapped("x", low, high)'
    assert framed(code, [FINE], -2.6, 1.4) == [-2.5, 1.5]
    assert framed(code, [FINE], 0.6, 0.7) == [0.5, 1.5]
    assert framed(code, [FINE], 4.4, 4.49) == [3.5, 4.5]


def test_a_closer_look_keeps_to_the_frame_and_its_middle_brings_it_back():
    code = """(frame) => {
      frame.lookAt(2, { z: 5, y: 3, x: 7 });
      const [zoom, middle, window] = [frame.zoom, frame.middle, { ...frame.window }];
      frame.showAll();
      frame.lookAround(zoom, middle);
      return [window, frame.window, zoom];
    }"""
    before, after, zoom = framed(code, [{**FINE, "shape": [32, 32, 32]}])
    assert before == after
    assert zoom == 2
    assert before["x"] == [-3.5, 12.5]


@pytest.mark.parametrize("shape", [(73, 129, 65), (64, 100, 66), (5, 300, 257)])
@pytest.mark.parametrize("kind", ["volume", "labels"])
def test_levels_lie_where_the_service_made_them_odd_lengths_too(shape: tuple[int, ...], kind: str, tmp_path):
    """A ramp's mean over a coarse voxel is the ramp at its centre, wherever that voxel lies."""
    values = np.indices(shape).sum(0).astype(np.uint8 if kind == "labels" else np.float32)
    steps = dict.fromkeys("zyx", Quantity(3.0, "nm", "header"))
    array = LabelledArray(values, "zyx", steps, "1" if kind == "labels" else "counts", kind=kind, name="ramp")
    write_omezarr(array, tmp_path / "ramp.ome.zarr")
    stated = (tmp_path / "ramp.ome.zarr" / "zarr.json").read_text()
    code = """({ levelWithin, indexWithin, middleOf }, text, shapes) => {
      const { datasets } = JSON.parse(text).attributes.ome.multiscales[0];
      const grids = datasets.map(({ coordinateTransformations: [{ scale }, moved] }) =>
        scale.map((step, k) => ({ scale: step, shift: moved?.translation[k] ?? 0 })));
      return grids.map((grid, level) => levelWithin(grid, grids[0]).map((each, k) => ({ ...each,
        indices: Array.from({ length: shapes[0][k] }, (_, place) => indexWithin(each, place, shapes[level][k])),
        middles: Array.from({ length: shapes[level][k] }, (_, index) => middleOf(each, index, shapes[0][k])) })));
    }"""
    shapes = [level.shape for _, level in sorted(zarr.open_group(tmp_path / "ramp.ome.zarr", mode="r").arrays())]
    found = run("seeing/levels.js", code, stated, shapes)
    assert len(found) == len(shapes) > 1
    for grid, coarse in zip(found, shapes, strict=True):
        for own, length, left in zip(grid, shape, coarse, strict=True):
            factor = 2 ** round(math.log2(length / left))
            assert own["factor"] == pytest.approx(factor)
            assert own["shift"] == pytest.approx((factor - 1) / 2)
            assert own["indices"] == [place // factor for place in range(length)]
            assert [own["indices"][middle] for middle in own["middles"]] == list(range(len(own["middles"])))


def test_a_level_without_a_stated_scale_covers_the_whole():
    found = run("seeing/levels.js", "({ levelByLengths }) => levelByLengths([4, 5], [8, 20])")
    assert found == [{"factor": 2, "shift": 0.5}, {"factor": 4, "shift": 1.5}]


def counted(values: list[float | None]) -> Any:
    code = """({ histogram, usualLimits }, values) => {
      const given = Float32Array.from(values, (value) => value ?? NaN);
      const { counts, ...ends } = histogram(given);
      return { ...ends, counts: [...counts], limits: usualLimits(given) };
    }"""
    return run("seeing/counts.js", code, values)


def test_the_histogram_counts_what_numpy_counts():
    values = np.random.default_rng(3).normal(5, 2, 4000).astype(np.float32)
    found = counted([*map(float, values), None])
    expected, _ = np.histogram(values.astype(float), bins=256, range=(float(values.min()), float(values.max())))
    assert (found["least"], found["most"]) == (float(values.min()), float(values.max()))
    assert sum(found["counts"]) == values.size
    assert np.abs(np.array(found["counts"]) - expected).max() <= 1  # a value upon a border may fall to either side
    ordered = np.sort(values)
    assert found["limits"] == [float(ordered[round(share * (values.size - 1))]) for share in (0.005, 0.995)]


def test_limits_are_those_of_ordered_values_even_where_nearly_all_are_alike():
    values = np.concatenate([np.zeros(5000), np.geomspace(1e-6, 1e6, 80), [np.inf, -np.inf]]).astype(np.float32)
    ordered = np.sort(values[np.isfinite(values)])
    found = run(
        "seeing/counts.js",
        "({ usualLimits }, values) => usualLimits(Float32Array.from(values, Number))",
        [str(each).replace("inf", "Infinity") for each in values],
    )
    assert found == [float(ordered[round(share * (ordered.size - 1))]) for share in (0.005, 0.995)]


@pytest.mark.parametrize("value", [0.0, 7.5, -3.0])
def test_a_constant_map_has_one_bar_and_limits_apart(value: float):
    found = counted([value] * 20)
    assert found["limits"] == [value, value + 1]
    assert (found["least"], found["counts"][0], sum(found["counts"])) == (value, 20, 20)


def test_a_map_without_values_has_no_bars():
    found = counted([None] * 9)
    assert (found["limits"], sum(found["counts"])) == ([0, 1], 0)


@pytest.mark.parametrize(
    ("room", "bar"),
    [(0.9, 0.5), (1, 1), (1.9, 1), (2, 2), (4.99, 2), (5, 5), (9.9, 5), (10, 10), (340, 200), (7e5, 5e5)],
)
def test_a_scale_bar_is_the_longest_one_two_or_five_that_fits(room: float, bar: float):
    assert run("seeing/mapping.js", "({ scaleBar }, room) => scaleBar(room)", room) == pytest.approx(bar)


@pytest.mark.parametrize(
    ("nm", "words"), [(0.25, "2.5 Å"), (1, "1 nm"), (0, "0 nm"), (-40, "-40 nm"), (2500, "2.5 µm"), (3.2e6, "3.2 mm")]
)
def test_lengths_have_the_unit_that_suits_them(nm: float, words: str):
    assert run("seeing/mapping.js", "({ length }, nm) => length(nm)", nm) == words.replace("-", "−")


SPACE = {
    "isSurface": True,
    "isParallel": False,
    "from": 128,
    "most": 0.25,
    "clips": [[0, 180], [5, 360], [90.5, 200]],
    "camera": {"position": [1, -2.5, 3e4], "focus": [180, 180, 180], "up": [0, -1, 0], "zoom": 324.24},
}


def test_what_stands_in_space_survives_the_address():
    assert run("seeing3d/state.js", "({ read, written }, state) => read(written(state))", SPACE) == SPACE


@pytest.mark.parametrize(
    "change",
    [
        ["surface", "solid"],
        ["perspective", "fish"],
        ["324.24", "0"],
        ["128,", ","],
        ["90.5,", "x,"],
        ["0,-1,0", "0,0,0"],
    ],
)
def test_a_view_in_space_that_is_not_understood_is_left_whole(change: list[str]):
    code = "({ read, written }, state, [from, to]) => read(written(state).replace(from, to))"
    assert run("seeing3d/state.js", code, SPACE, change) is None


def test_what_was_whole_is_whole_behind_a_link():
    """An address keeps six figures: 64 voxels of 17.994913 nm come back a little shorter."""
    size = 64 * 17.994913
    state = SPACE | {"clips": [[0, 600], [0, size], [0, size]]}
    clips = run("seeing3d/state.js", "({ read, written }, state) => read(written(state)).clips", state)
    assert clips[1][1] < size
    code = "({ cutsOf }, clips, size) => cutsOf(clips, [size, size, size]).map(({ axis, at }) => [axis, at])"
    assert run("seeing3d/overlay.js", code, clips, size) == [["x", 600]]


def test_a_cut_that_takes_nothing_away_has_no_label():
    code = "({ cutsOf }, clips) => cutsOf(clips, [360, 360, 360]).map(({ axis, at, corners }) => [axis, at, corners])"
    found = run("seeing3d/overlay.js", code, [[0, 180], [0, 360], [0, 360]])
    assert found == [["x", 180, [[180, 0, 0], [180, 0, 360], [180, 360, 360], [180, 360, 0]]]]


@pytest.mark.parametrize(
    ("title", "unit", "label"),
    [("Counts", "counts", "Counts"), ("Depth", "nm", "Depth [nm]"), ("", "eV", "eV"), ("Step", "", "Step")],
)
def test_an_axis_says_its_unit_once(title: str, unit: str, label: str):
    assert run("plots/scales.js", "({ headed }, about) => headed(about)", {"title": title, "unit": unit}) == label
