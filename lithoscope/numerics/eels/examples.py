"""Inputs of a few pixels for every method of energy loss."""

from typing import Any

import numpy as np

from lithoscope.numerics.eels.phantoms import CORE_AXIS, LOW_AXIS, REFERENCE_AXIS, mn_phantom


def low_and_core() -> dict[str, Any]:
    """Give low and core loss of 2 x 2 pixels of one thickness, each of another mixture of valence states."""
    fractions = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]]).T
    phantom = mn_phantom(fractions)
    return {
        "low_loss": phantom.low_loss.reshape(2, 2, -1),
        "core_loss": phantom.core.reshape(2, 2, -1),
        "low_loss_energy": LOW_AXIS,
        "core_loss_energy": CORE_AXIS,
    }


def low_loss() -> dict[str, Any]:
    """Give the low loss alone."""
    both = low_and_core()
    return {name: both[name] for name in ("low_loss", "low_loss_energy")}


def with_references() -> dict[str, Any]:
    """Give low and core loss with the reference spectrum of each state, each on a scale of its own."""
    references = mn_phantom(np.ones((3, 1)) / 3, reference_scales=(1.0, 2.0, 5.0)).references
    named = {f"reference_{number}": row for number, row in enumerate(references, start=1)}
    return {**low_and_core(), **named, **{f"{name}_energy": REFERENCE_AXIS for name in named}}


def states_of_a_block() -> dict[str, Any]:
    """Give atoms of three states in a block that loses charge from one side to the other."""
    share = np.linspace(0.9, 0.3, 6)[:, None, None]
    high = np.broadcast_to(share, (6, 6, 6))
    atoms = 5.0 * np.array([high, 0.25 * (1 - high), 0.75 * (1 - high)], np.float32)
    return {"volumes": atoms, "particle": np.ones((6, 6, 6), np.uint8), "volumes_names": ("Mn4+", "Mn3+", "Mn2+")}
