"""The voxels of a part of an array, chosen by box, label or depth, and what is said of their values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from app.errors import LabError
from app.infra.boxes import Box, parts_of, values_of
from app.infra.exports import DamagedTree
from app.infra.turns import Busy, Turns
from app.infra.voxels import NotASingleNumber, StoredArray
from app.lab.inspection.schemas import StatisticsOut

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_VALUES = 1 << 27
_KEPT_VALUES = 1 << 23
_turns = Turns(2, wait_s=20.0, waiting=4)


class StatisticsBusy(LabError):
    """More parts of arrays are asked for at this moment than can be summed up."""

    code, status, title = "statistics-busy", 503, "Many statistics are being taken"

    def __init__(self) -> None:
        super().__init__("Try again in a moment; a smaller box is faster.", headers={"Retry-After": "5"})


class NoStatistics(LabError):
    """The array holds no plain numbers."""

    code, status, title = "no-statistics", 422, "The array has no statistics"


@dataclass(frozen=True)
class Choice:
    """
    An array of labels or depths that chooses voxels.

    Parameters
    ----------
    array : callable
        Gives its level.
    name : str
        What it is called.
    label : int or None
        The label chosen.
    shell_nm : (float, float) or None
        Least depth and the depth that is too large [nm].
    """

    array: Callable[[int], StoredArray]
    name: str
    label: int | None = None
    shell_nm: tuple[float, float] | None = None

    def mask(self, level: int, place: Box) -> "NDArray[Any]":
        """Say which voxels are chosen."""
        values = values_of(self.array(level), place)
        if self.shell_nm is None:
            chosen: NDArray[Any] = values == self.label
            return chosen
        low, high = self.shell_nm
        return (values >= low) & (values < high)


@dataclass(frozen=True)
class Part:
    """
    A part of an array that is read when its statistics are asked for.

    Parameters
    ----------
    array : callable
        Gives a level of the array.
    axes, unit : str
        Of the array.
    box : tuple of slice
        The part, in voxels of the full size.
    factors : tuple of tuple of int
        By how much each axis of each level has shrunk.
    choice : Choice, optional
        What chooses within the box.
    """

    array: Callable[[int], StoredArray]
    axes: str
    unit: str
    box: Box
    factors: tuple[tuple[int, ...], ...]
    choice: Choice | None = None

    def statistics(self) -> StatisticsOut:
        """Read the part chunk by chunk and sum it up."""
        from lithoscope.numerics.volumes.summaries import summary_of

        level = self._level()
        try:
            with _turns.taken():
                found = summary_of(self._reading(level))
        except Busy:
            raise StatisticsBusy from None
        except NotASingleNumber:
            raise NoStatistics("The array holds no plain numbers: read it in a program.") from None
        return StatisticsOut(
            n=found.n,
            left_out=found.left_out,
            unit=self.unit,
            mean=found.mean,
            sd=found.sd,
            min=found.least,
            max=found.most,
            median=found.median,
            box={axis: (side.start, side.stop) for axis, side in zip(self.axes, self.box, strict=True)},
            level=level,
            voxels_per_value=prod(self.factors[level]),
            selected_by=None if self.choice is None else self.choice.name,
        )

    def _level(self) -> int:
        """Return the finest level at which the box holds no more values than are read at once."""
        sizes = [prod(side.stop - side.start for side in self._box_at(level)) for level in range(len(self.factors))]
        return next((level for level, size in enumerate(sizes) if size <= MOST_VALUES), len(sizes) - 1)

    def _box_at(self, level: int) -> Box:
        factors = self.factors[level]
        return tuple(
            slice(side.start // factor, -(-side.stop // factor)) for side, factor in zip(self.box, factors, strict=True)
        )

    def _reading(self, level: int) -> Callable[[], Any]:
        """Return what gives the parts at each call; a small box is read once and kept."""
        box = self._box_at(level)
        if prod(side.stop - side.start for side in box) > _KEPT_VALUES:
            return lambda: self._parts(level, box)
        kept = list(self._parts(level, box))
        return lambda: kept

    def _parts(self, level: int, box: Box) -> "Iterator[NDArray[Any]]":
        for place, values in parts_of(self.array(level), box):
            if self.choice is None:
                yield values
                continue
            there = tuple(side for axis, side in zip(self.axes, place, strict=True) if axis != "c")
            mask = self.choice.mask(level, there)
            yield values.reshape(mask.shape)[mask]


def factors_of(array: StoredArray) -> tuple[tuple[int, ...], ...]:
    """Return by how much each axis of each level of a multiscale image has shrunk, by its scales."""
    try:
        levels: list[Mapping[str, Any]] = array.attributes()["ome"]["multiscales"][0]["datasets"]
        scales = [level["coordinateTransformations"][0]["scale"] for level in levels]
    except (KeyError, IndexError) as error:
        raise DamagedTree(array.path) from error
    except NotASingleNumber as error:
        raise NoStatistics(f"There are no statistics of it: {error}.") from None
    return tuple(tuple(round(own / full) for own, full in zip(scale, scales[0], strict=True)) for scale in scales)
