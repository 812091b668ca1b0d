"""Small particles with a known shape, to try tomography on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.tomography.projector import project
from lithoscope.tables import Table


def porous_particle(n: int, *, supersampling: int = 2) -> NDArray[np.float32]:
    """
    Draw a faceted particle with three pores.

    Parameters
    ----------
    n : int
        Voxels along each edge; the particle is 0.62 n across.
    supersampling : int
        Samples per voxel and direction; their mean softens the edges.

    Returns
    -------
    density : (z, y, x) array of float32
        1 in the particle, 0 in vacuum and pores, between at their surfaces.
    """
    fine = n * supersampling
    place = ((np.arange(fine) + 0.5) / fine - 0.5).astype(np.float32)
    z, y, x = np.meshgrid(place, place, place, indexing="ij", sparse=True)
    shape = (np.maximum(np.maximum(abs(x), abs(y)), abs(z)) < 0.31) & (abs(x) + abs(y) + abs(z) < 0.48)
    for centre, radius in (((0.10, 0.05, -0.08), 0.06), ((-0.12, -0.10, 0.05), 0.05), ((0.02, 0.12, 0.12), 0.04)):
        shape &= (z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2 > radius**2
    blocks = shape.reshape(n, supersampling, n, supersampling, n, supersampling)
    return np.asarray(blocks.mean(axis=(1, 3, 5), dtype=np.float32))


def small_tilt_series() -> dict[str, Any]:
    """Give a 16 pixel tilt series of nine tilts with a background of 100 counts."""
    angles_deg = np.arange(-60.0, 61.0, 15.0)
    return {"projections": 1000 * project(porous_particle(16), angles_deg) + 100, "angles_deg": angles_deg}


def small_clean_series() -> dict[str, Any]:
    """Give the same tilt series without background."""
    series = small_tilt_series()
    return {**series, "projections": series["projections"] - 100}


def fine_tilt_series() -> dict[str, Any]:
    """Give an 8 pixel tilt series every two degrees from -90 to 90."""
    angles_deg = np.arange(-90.0, 91.0, 2.0)
    return {"projections": project(porous_particle(8), angles_deg), "angles_deg": angles_deg}


def small_shifts() -> dict[str, Any]:
    """Give the series with background and shifts of half a pixel and more for it."""
    series = small_tilt_series()
    angles_deg = series["angles_deg"]
    columns: dict[str, list[Any]] = {
        "angle_deg": angles_deg.tolist(),
        "shift_y_px": np.linspace(-0.5, 0.5, len(angles_deg)).tolist(),
        "shift_x_px": np.linspace(1.5, -1.5, len(angles_deg)).tolist(),
    }
    units = dict(zip(columns, ("deg", "px", "px"), strict=True))
    names = ("dark_field",)
    return {
        "series": series["projections"],
        "angles_deg": angles_deg,
        "shifts": Table(columns, units),
        "series_names": names,
    }


def small_maps() -> dict[str, Any]:
    """Give two maps of one particle at the tilts of the clean series, and what they are called."""
    series = small_clean_series()
    brighter = 1000 * project(porous_particle(16) ** 2, series["angles_deg"])
    maps = np.stack([series["projections"], brighter])
    names = ("O K", "Mn L")
    return {"projections": maps, "angles_deg": series["angles_deg"], "projections_names": names, "seed": 0}


def small_aligned() -> dict[str, Any]:
    """Give the series with background and an alignment of it that is half a pixel off at most."""
    example = small_shifts()
    columns = {**example["shifts"].columns}
    columns["shift_y_px"] = [0.5 * (-1) ** tilt for tilt in range(len(example["angles_deg"]))]
    columns["shift_x_px"] = [0.4 * (-1) ** (tilt // 2) for tilt in range(len(example["angles_deg"]))]
    return {
        "projections": example["series"] - 100,
        "angles_deg": example["angles_deg"],
        "shifts": Table(columns, example["shifts"].units),
    }


def small_particle() -> dict[str, Any]:
    """Give the clean series with the particle it is of, its pixel and a seed."""
    series = small_clean_series()
    return {**series, "particle": porous_particle(16) > 0.2, "pixel_size_nm": 4.63, "seed": 0}


def small_frames() -> dict[str, Any]:
    """Give three dark-field frames of one tilt, with core loss that has an edge of manganese and of cobalt."""
    from lithoscope.numerics.common.energy import EnergyAxis

    axis = EnergyAxis(600.0, 2.0, 130)
    series = small_clean_series()
    frames = np.stack([series["projections"][4]] * 3)
    energies = axis.energies_eV
    lines = sum(np.exp(-((energies - line) ** 2) / 20) for line in (643.0, 780.0))
    spectrum = 50 * (600 / energies) ** 3 + 40 * lines
    thickness = frames / frames.max()
    return {
        "repeat_dark_field": frames,
        "repeat_core_loss": (thickness[..., None] * spectrum).astype(np.float32),
        "repeat_core_loss_energy": axis,
        "repeat_low_loss_energy": None,
    }


def small_fused() -> dict[str, Any]:
    """Give the dark field of a particle of two elements with their maps."""
    maps = small_maps()
    return {
        "dark_field": maps["projections"].sum(axis=0),
        "maps": maps["projections"],
        "angles_deg": maps["angles_deg"],
        "maps_names": maps["projections_names"],
    }
