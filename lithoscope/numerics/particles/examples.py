"""Inputs of a few voxels for every method of particles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.particles.crystals import crystals
from lithoscope.numerics.particles.phantoms import lattice_image, uneven_particle
from lithoscope.numerics.particles.profile_report import profile_particle
from lithoscope.tables import Table

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


def cycling() -> dict[str, Any]:
    """Give the discharge capacities of a cell that loses 34.3 % in 50 and 52.2 % in 100 cycles."""
    columns: dict[str, list[Any]] = {"cycle": [1, 50, 100], "discharge_capacity_mAh_g": [150.0, 98.55, 71.7]}
    return {"cycling": Table(columns, {"cycle": "1", "discharge_capacity_mAh_g": "mAh/g"})}


def profile(name: str, cycles: int, oxygen_at_percent: float, edge: int = EDGE) -> Table:
    """Give the profile of a ball of one composition, as `particle_profiles` makes it."""
    inside = ball()[: edge if edge < EDGE else None]
    metal = (100 - oxygen_at_percent) / 3
    maps = np.stack([np.where(inside > 0, level, 0.0) for level in (oxygen_at_percent, metal, metal, metal)])
    made = profile_particle(
        inside,
        (maps, np.full(inside.shape, 0.9 - cycles / 400)),
        4.0,
        volumes_names=(ELEMENTS, ("Mn4+",)),
        volumes_units=("at%", "1"),
        particle_name=name,
        cycles=cycles,
    )
    return made.profiles


def several_profiles() -> dict[str, Any]:
    """Give two pristine particles and one of 50 and of 100 cycles each."""
    profiles = (
        profile("pristine 1", 0, 66.7),
        profile("pristine 2", 0, 66.3, edge=13),
        profile("cycled 1", 50, 66.0),
        profile("cycled 2", 100, 61.0),
    )
    return {"profiles": profiles}


def named_composition() -> dict[str, Any]:
    """Give the ball with its composition and the names of the elements."""
    return {"particle": ball(), "composition": composition(), "composition_names": ELEMENTS}


def composition_with_uncertainty() -> dict[str, Any]:
    """Give the same with its uncertainty."""
    return {**named_composition(), "uncertainty": np.full((4, EDGE, EDGE, EDGE), 0.4)}


def atomic_image() -> dict[str, Any]:
    """Give a small image of rock salt along [011]."""
    zone = crystals()["rock_salt"].zones[0]
    return {"image": lattice_image("rock_salt", zone=zone, shape=(96, 96), pixel_nm=0.05), "pixel_size_nm": 0.05}
