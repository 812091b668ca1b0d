"""Which edges of a box in space carry numbers, and at which values."""

from typing import Any

import numpy as np
import pytest

from tests.frontend.modules import run

CUBE = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], float)


def edges(corners: Any, shortest: float = 40) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("seeing3d/axes.js", "({ edges }, ...rest) => edges(...rest)", corners, shortest)
    return found


@pytest.mark.parametrize(
    ("whole", "least", "told"),
    [
        (360, 70, [0, 100, 200, 300]),
        (0.7, 0.1, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        (100, 50, [0, 50, 100]),
        (36, 11, [0, 20]),
        (5, 9, [0]),
    ],
)
def test_numbers_are_multiples_of_1_2_or_5_as_close_as_there_is_room(whole: float, least: float, told: list[float]):
    assert run("seeing3d/axes.js", "({ ticks }, ...rest) => ticks(...rest)", whole, least) == told


def test_seen_along_an_axis_the_two_others_are_numbered_below_and_at_the_left():
    """The nearer face is larger in the picture: its edges are the rim."""
    near = np.where(CUBE[:, 2:] == 0, 100.0, 80.0)
    corners = 150 + (CUBE[:, :2] - 0.5) * 2 * near
    across, down = edges(corners.tolist())
    assert (across["axis"], across["out"]) == (0, [0, 1])
    assert (across["a"], across["b"]) == ([50, 250], [250, 250])
    assert (down["axis"], down["out"]) == (1, [-1, 0])
    assert (down["a"], down["b"]) == ([50, 50], [50, 250])


@pytest.mark.parametrize("seed", range(5))
def test_from_anywhere_each_axis_has_at_most_one_edge_and_the_box_lies_on_its_inner_side(seed: int):
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    corners = 300 + 200 * ((CUBE - 0.5) @ turn)[:, :2]
    found = edges(corners.tolist())
    assert len({edge["axis"] for edge in found}) == len(found) >= 2
    for edge in found:
        assert ((corners - edge["a"]) @ edge["out"]).max() < 1
