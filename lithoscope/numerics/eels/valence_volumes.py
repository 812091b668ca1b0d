"""Volumes of valence states: from atoms of each state to fractions, mean valence and where both are known."""

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.errors import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.tables import Table
from lithoscope.units import Quantity

Volume = NDArray[np.float32]
#: What a state is called: its charge stands before a plus sign, as in ``Mn4+``.
_CHARGE = re.compile(r"(\d+(?:\.\d+)?)\+$")
_ELEMENT = re.compile(r"[A-Z][a-z]?(?=[ _]?\d)")


class ValenceVolumes(NamedTuple):
    """
    Valence of an element in a particle.

    Attributes
    ----------
    fractions : (c, z, y, x) LabelledArray
        Of the element's atoms in each state; they sum to 1, NaN where unknown [1]. Single voxels may lie below 0 or
        above 1 by noise: bounds would move the mean of a shell.
    mean_valence : (1, z, y, x) LabelledArray
        Called by its element, ``mean Mn valence``, so that profiles of several elements go together; NaN where
        unknown [1].
    valid : (z, y, x) array of uint8
        1 where the particle holds enough of the element.
    means : Table
        Of each state over all atoms and over all voxels, with the deviation between voxels.
    undefined : Quantity
        Voxels of the particle that hold too little [1].
    notes : tuple of str
    """

    fractions: LabelledArray
    mean_valence: LabelledArray
    valid: NDArray[np.uint8]
    means: Table
    undefined: Quantity
    notes: tuple[str, ...]


def valence_volumes(
    volumes: ArrayLike,
    particle: ArrayLike,
    *,
    volumes_names: tuple[str, ...],
    floor: float = 0.1,
    valence_1: float | None = None,
    valence_2: float | None = None,
    valence_3: float | None = None,
) -> ValenceVolumes:
    """
    Turn volumes of atoms into fractions where there are atoms enough.

    Parameters
    ----------
    volumes : (c, z, y, x) array
        Atoms of each state, all in one unit.
    particle : (z, y, x) array of int
        Above zero inside.
    volumes_names : tuple of str
        What the states are called; ``Mn4+`` has charge 4.
    floor : float
        A voxel counts if it holds more than this part of the median number of atoms in the particle [1].
    valence_1, valence_2, valence_3 : float, optional
        Charges of states whose names do not tell them [1].

    Raises
    ------
    WrongShape, NonFiniteValues, EmptyMask, InvalidSetting
    """
    atoms, inside = np.asarray(volumes, np.float32), np.asarray(particle) > 0
    if atoms.ndim != 4 or len(atoms) < 2 or atoms.shape[1:] != inside.shape:
        raise WrongShape(
            f"volumes have shape {atoms.shape}, the particle {inside.shape}: give two states or more of one geometry"
        )
    if not np.isfinite(atoms).all():
        raise NonFiniteValues("the volumes hold NaN or infinite values: reconstruct maps without them")
    if not inside.any():
        raise EmptyMask("the particle is empty: make its mask anew")
    charges = _charges(volumes_names, (valence_1, valence_2, valence_3))
    total = atoms.sum(axis=0, dtype=np.float64)
    median = float(np.median(total[inside]))
    if not median > 0:
        raise InvalidSetting("half of the particle holds none of the element: check its mask and the valence maps")
    valid = inside & (total > floor * median)
    fractions = np.divide(atoms, total, out=np.full(atoms.shape, np.nan, np.float64), where=valid)
    undefined = int((inside & ~valid).sum())
    mean = np.tensordot(np.array(charges), fractions, axes=1)
    return ValenceVolumes(
        fractions=LabelledArray(fractions.astype(np.float32), "czyx", labels={"c": tuple(volumes_names)}),
        mean_valence=LabelledArray(mean.astype(np.float32)[None], "czyx", labels={"c": (_called(volumes_names),)}),
        valid=valid.astype(np.uint8),
        means=_means(atoms, fractions, valid, names=volumes_names, charges=charges),
        undefined=Quantity(float(undefined), "1", "measured", note=f"of {int(inside.sum())} voxels of the particle"),
        notes=_notes(undefined, int(inside.sum()), floor),
    )


def _called(names: tuple[str, ...]) -> str:
    """Name the mean valence by the element that all states have in common."""
    elements = {told[0] if (told := _ELEMENT.match(name)) else "" for name in names}
    return " ".join(["mean", *filter(None, elements), "valence"]) if len(elements) == 1 else "mean valence"


def _charges(names: tuple[str, ...], given: tuple[float | None, ...]) -> list[float]:
    """Return the charge of each state, as given or as its name tells."""
    charges = []
    for number, name in enumerate(names):
        told = _CHARGE.search(name)
        stated = given[number] if number < len(given) else None
        if stated is None and told is None:
            raise InvalidSetting(
                f"the name of state {number + 1} tells no charge, as 'Mn4+' would: give valence_{number + 1}"
            )
        charges.append(stated if stated is not None else float(told[1]) if told else 0.0)
    return charges


def _means(
    atoms: Volume,
    fractions: NDArray[np.float64],
    valid: NDArray[np.bool_],
    *,
    names: tuple[str, ...],
    charges: list[float],
) -> Table:
    """Tabulate states: their share of all atoms, and their mean over the voxels with its deviation."""
    amounts = atoms[:, valid].sum(axis=1, dtype=np.float64)
    columns: dict[str, list[Any]] = {
        "state": list(names),
        "valence": charges,
        "of_all_atoms": [float(amount / amounts.sum()) for amount in amounts],
        "mean_of_voxels": [float(row[valid].mean()) for row in fractions],
        "sd_of_voxels": [float(row[valid].std()) for row in fractions],
    }
    return Table(columns, dict.fromkeys(columns, "1"))


def _notes(undefined: int, inside: int, floor: float) -> tuple[str, ...]:
    if not undefined:
        return ()
    said = (
        f"undefined-voxels: {undefined} of {inside} voxels of the particle hold less than {floor:g} of the median "
        "amount and are left empty"
    )
    return (said,)
