"""Small things with a known look, to try every drawing on."""

from typing import Any

import numpy as np

from lithoscope.tables import Line, Plot, Table

SIZE, VOXEL_NM = 16, 9.26


def small_particle_maps() -> dict[str, Any]:
    """Return a round particle that loses oxygen towards its surface, as the methods of figures take it."""
    middle = (SIZE - 1) / 2
    z, y, x = np.ogrid[:SIZE, :SIZE, :SIZE]
    radius = np.sqrt((z - middle) ** 2 + (y - middle) ** 2 + (x - middle) ** 2)
    particle = (radius < 6).astype(np.uint8)
    oxygen = np.where(particle > 0, 66.7 - 0.2 * radius**1.5, 0)
    metal = np.where(particle > 0, (100 - oxygen) / 3, 0)
    return {
        "particle": particle,
        "volumes": (np.stack([oxygen, metal, metal, metal]).astype(np.float32), particle * 10.0),
        "pixel_size_nm": VOXEL_NM,
        "volumes_names": (("O", "Mn", "Co", "Ni"), ("dark_field",)),
        "volumes_units": ("%", "counts"),
    }


def small_particle_with_profiles() -> dict[str, Any]:
    """Return the particle with a depth profile."""
    return small_particle_maps() | {"profiles": (small_profile(),)}


def small_profile() -> Table:
    """Return a depth profile with error bars."""
    depth = [VOXEL_NM * (shell + 0.5) for shell in range(6)]
    columns: dict[str, list[Any]] = {"depth_nm": depth}
    for name, level in {"O": 66.0, "Mn": 11.3}.items():
        columns |= {name: [level + 0.1 * shell for shell in range(6)], f"{name}_sd": [0.5] * 6}
    lines = tuple(Line(name, f"{name}_sd", name, error_words="standard deviation") for name in ("O", "Mn"))
    plot = Plot("depth_nm", lines, title="Composition by depth", x_title="Depth", y_title="Composition")
    return Table(columns, dict.fromkeys(columns, "%") | {"depth_nm": "nm"}, plot)


def small_table() -> dict[str, Any]:
    """Return a table with a plot as an input."""
    return {"table": small_profile()}
