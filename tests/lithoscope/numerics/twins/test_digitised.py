"""Published spectra become white lines that look like them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.twins import digitised_state, edge_barn
from lithoscope.numerics.twins.edges import MANGANESE

FILE = Path(__file__).parents[4] / "examples/data/mn_L23_digitized_literature.npz"


@pytest.fixture(scope="module")
def published():
    with np.load(FILE) as file:
        return {name: file[name].astype(np.float64) for name in file.files}


@pytest.mark.parametrize(("state", "l3_eV"), [("Mn4", 643.3), ("Mn3", 642.4), ("Mn2", 640.4)])
def test_drawn_maxima_are_those_of_the_literature(published, state, l3_eV):
    axis = EnergyAxis(636.0, 0.1, 220)
    places = []
    for name, (energies, values) in published.items():
        if not name.startswith(f"{state}_"):
            continue
        order = np.argsort(energies, kind="stable")
        lines = digitised_state(energies[order], values[order], name=name, holes=5.0, edge=MANGANESE)
        drawn = edge_barn(replace(MANGANESE, states=(lines,)), axis=axis, beam=Beam(300.0, 25.2, 100.0))[0]
        places.append(axis.energies_eV[drawn.argmax()])
        assert np.corrcoef(drawn, np.interp(axis.energies_eV, energies[order], values[order]))[0, 1] > 0.9, name
    assert len(places) >= 8
    assert np.mean(places) == pytest.approx(l3_eV, abs=0.4)
