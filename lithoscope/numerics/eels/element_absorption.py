"""Continuum of an edge from tabulated photo-absorption of the shell."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.continuum import Continuum, photoabsorption_continuum
from lithoscope.numerics.eels.kinematics import Beam

#: The table's onset and that of a preset are the same edge within this [eV].
SAME_EDGE_EV = 15.0


def photoabsorption_of_element(atomic_number: int, *, onset_eV: float, beam: Beam, last_eV: float) -> Continuum:
    """
    Return the continuum that the photo-absorption of one shell implies.

    Parameters
    ----------
    atomic_number : int
        Z [1].
    onset_eV : float
        Its edge [eV].
    beam : Beam
        Energy and angles.
    last_eV : float
        How far it is needed [eV].

    Raises
    ------
    InvalidSetting
        The table does not hold this edge, or not as far.
    """
    for name, row in _table().items():
        if row["atomic_number"] == atomic_number and abs(row["onset_eV"] - onset_eV) <= SAME_EDGE_EV:
            if row["energies_eV"][-1] < last_eV:
                raise InvalidSetting(
                    f"the photo-absorption of {name} is tabulated up to {row['energies_eV'][-1]:g} eV: end the window "
                    "behind the edge earlier or take the hydrogenic model"
                )
            values = np.array(row["cm2_g"], np.float64)
            source = f"{row['source']}, {name}"
            return photoabsorption_continuum(row["energies_eV"], values, beam=beam, source=source)
    raise InvalidSetting(
        "the photo-absorption of this edge is not tabulated: take the hydrogenic model or give a table of strengths"
    )


@cache
def _table() -> dict[str, Any]:
    text = (resources.files("lithoscope.numerics.eels") / "tables/photo_absorption.toml").read_text("utf-8")
    return tomllib.loads(text)
