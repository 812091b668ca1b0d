"""Whether the inputs of a recipe that show the same scans are of the same size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lithoscope.errors import ScienceError
from lithoscope.recipes.base import Recipe

#: Axes along which inputs are compared, and what their places are called.
PLACES = {"t": "tilts", "y": "rows", "x": "columns"}
Sizes = Mapping[str, int]


class UnlikeInputs(ScienceError):
    """Inputs of the same scans that are not of the same size."""

    code = "unlike-inputs"


@dataclass(frozen=True, slots=True)
class Unlike:
    """
    Two inputs that cannot be of the same scans.

    Parameters
    ----------
    name, other : str
        The input that differs, and the one it is compared with.
    words : str
        What differs and what to do.
    """

    name: str
    other: str
    words: str


def unlike_inputs(recipe: Recipe, sizes: Mapping[str, Sizes]) -> Unlike | None:
    """
    Find the first input that has other numbers of tilts, rows or columns than one of the same scans.

    Parameters
    ----------
    recipe : Recipe
        Its `alike` says which inputs belong together.
    sizes : mapping of str to mapping of str to int
        Length of each axis of the inputs that were given.
    """
    for group in recipe.alike:
        given = [name for name in group if name in sizes]
        for name in given[1:]:
            if words := _difference(sizes, name, given[0]):
                return Unlike(name, given[0], words)
    return None


def sizes_of(axes: str, shape: Sequence[int]) -> dict[str, int]:
    """Return the length of each axis."""
    return dict(zip(axes, shape, strict=False))


def _difference(sizes: Mapping[str, Sizes], name: str, first: str) -> str:
    one, other = sizes[name], sizes[first]
    axes = [axis for axis in PLACES if axis in one and axis in other and one[axis] != other[axis]]
    if not axes:
        return ""
    mine, theirs = (" and ".join(f"{size[axis]} {PLACES[axis]}" for axis in axes) for size in (one, other))
    return f"{name} has {mine}, {first} has {theirs}: both must be of the same scans, so crop or choose them alike."
