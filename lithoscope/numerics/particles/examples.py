"""Inputs of a few voxels for every method of particles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.particles.phantoms import uneven_particle

Float = NDArray[np.float64]
EDGE = 17
ELEMENTS = ("O", "Mn", "Co", "Ni")


def ball() -> NDArray[np.uint8]:
    """Give a ball as labels."""
    z, y, x = np.ogrid[:EDGE, :EDGE, :EDGE]
    middle = (EDGE - 1) / 2
    return ((z - middle) ** 2 + (y - middle) ** 2 + (x - middle) ** 2 < 42).astype(np.uint8)


def composition() -> Float:
    """Give oxygen and three metals of that ball [at%], unlike grain by grain, 0 outside."""
    rng = np.random.default_rng(5)
    metals = [uneven_particle(EDGE, radius_px=7.5, level=11.1, unevenness=0.4, rng=rng)[1] for _ in ELEMENTS[1:]]
    inside = ball() > 0
    return np.where(inside, np.stack([100 - np.sum(metals, axis=0), *metals]), 0.0)


def small_tomogram() -> dict[str, Any]:
    """Give the dark-field volume of a ball with a little noise."""
    rng = np.random.default_rng(3)
    return {"volume": 10.0 * ball() + rng.normal(0, 0.5, (EDGE,) * 3), "spacing_nm": (4.0, 4.0, 4.0)}


def with_composition() -> dict[str, Any]:
    """Give the ball with its composition."""
    return {
        "particle": ball(),
        "volumes": (composition(),),
        "pixel_size_nm": 4.0,
        "volumes_names": (ELEMENTS,),
        "volumes_units": ("at%",),
    }
