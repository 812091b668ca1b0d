"""Crystal structures of cathode phases: cells, volumes, and which spots an atomic-resolution image shows."""

import itertools
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

#: Dark-field intensity of an atom rises with about this power of its atomic number.
CONTRAST_POWER = 1.7
#: Spots weaker than this share of a zone's strongest are extinct or lost in noise.
WEAKEST_SPOT = 0.02


@dataclass(frozen=True, slots=True)
class Spots:
    """
    Spots in the Fourier transform of an image along one direction of a crystal.

    Parameters
    ----------
    zone : tuple of int
        The direction [u v w].
    indices : (s, 3) array of int
        h k l of each spot.
    vectors_per_A : (s, 2) array
        Place of each spot in the plane [1/Å], x then y, both of each opposite pair.
    strength : (s,) array
        Amplitude relative to the strongest [1].
    """

    zone: tuple[int, int, int]
    indices: NDArray[np.int64]
    vectors_per_A: Float
    strength: Float


@dataclass(frozen=True, slots=True)
class Crystal:
    """
    A phase: its cell and the atoms in it.

    Parameters
    ----------
    name, title, source : str
    axes_A : (3, 3) array
        Cell vectors as rows [Å].
    places : (a, 3) array
        Fractional coordinates of all atoms of the cell.
    contrast : (a,) array
        What each atom adds to a dark-field image.
    formula_units : int
        In the cell.
    zones : tuple of (u, v, w)
        Directions along which columns are resolved.
    """

    name: str
    title: str
    source: str
    axes_A: Float
    places: Float
    contrast: Float
    formula_units: int
    zones: tuple[tuple[int, int, int], ...]

    @property
    def formula_volume_A3(self) -> float:
        """Volume of one formula unit [Å³]."""
        return float(abs(np.linalg.det(self.axes_A))) / self.formula_units

    def spacing_A(self, *indices: int) -> float:
        """Return the distance of the lattice planes h k l [Å]."""
        return 1 / float(np.linalg.norm(np.asarray(indices) @ self._reciprocal()))

    def _reciprocal(self) -> Float:
        return np.asarray(np.linalg.inv(self.axes_A).T)

    def zone_frame(self, zone: tuple[int, int, int]) -> Float:
        """Return two unit vectors (2, 3) that span the image plane for a beam along a zone."""
        beam = np.asarray(zone, np.float64) @ self.axes_A
        beam /= np.linalg.norm(beam)
        first = np.cross(beam, np.eye(3)[int(np.argmin(abs(beam)))])
        first /= np.linalg.norm(first)
        return np.array([first, np.cross(beam, first)])

    def spots(self, zone: tuple[int, int, int], *, smallest_spacing_A: float, blur_A: float = 0.5) -> Spots:
        """
        List the spots of an image along a zone.

        The Fourier component of an incoherent image is the sum over columns, whatever their depth: the structure
        factor with the contrast of each atom, damped by the blur of probe and vibration.

        Parameters
        ----------
        zone : (u, v, w)
        smallest_spacing_A : float
            List spots down to this spacing [Å].
        blur_A : float
            Standard deviation of a column's image [Å].
        """
        reciprocal = self._reciprocal()
        reach = np.ceil(np.linalg.norm(self.axes_A, axis=1) / smallest_spacing_A).astype(int)
        grid = itertools.product(*(range(-r, r + 1) for r in reach))
        indices = np.array([hkl for hkl in grid if any(hkl) and np.dot(hkl, zone) == 0])
        vectors = indices @ reciprocal @ self.zone_frame(zone).T
        length = np.linalg.norm(vectors, axis=1)
        phases = np.exp(2j * np.pi * indices @ self.places.T)
        strength = abs(phases @ self.contrast) * np.exp(-2 * (np.pi * blur_A * length) ** 2)
        seen = (length <= 1 / smallest_spacing_A) & (strength > 0)
        keep = seen & (strength >= WEAKEST_SPOT * strength[seen].max(initial=0))
        return Spots(zone, indices[keep], vectors[keep], strength[keep] / strength[keep].max(initial=1e-30))


@cache
def _table() -> dict[str, Any]:
    text = resources.files("lithoscope.numerics.particles").joinpath("tables/phases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def crystals() -> dict[str, Crystal]:
    """Return the phases that an image of a layered cathode may show, by name."""
    return {name: _crystal(name, row) for name, row in _table().items() if "sites" in row}


def monoxide_volume_A3(element: str) -> float:
    """Return the volume of one formula unit of a rock-salt monoxide [Å³]."""
    return float(_table()["monoxide_cell_A"][element]) ** 3 / 4


def _crystal(name: str, row: dict[str, Any]) -> Crystal:
    """Build a phase from its row of the table."""
    places = [
        np.add(place, shift) % 1.0 for site in row["sites"] for place in site["places"] for shift in row["centring"]
    ]
    copies = len(row["centring"])
    contrast = [site["Z"] ** CONTRAST_POWER for site in row["sites"] for _ in range(copies * len(site["places"]))]
    axes = _axes(row["cell_A"], np.deg2rad(row["angles_deg"]))
    zones = tuple((int(u), int(v), int(w)) for u, v, w in row["zones"])
    return Crystal(
        name, row["title"], row["source"], axes, np.array(places), np.array(contrast), row["formula_units"], zones
    )


def _axes(lengths: list[float], angles: Float) -> Float:
    """Return the cell vectors as rows: a along x, b in the x y plane."""
    cos_alpha, cos_beta, cos_gamma = np.cos(angles)
    sin_gamma = np.sin(angles[2])
    tilt = (cos_alpha - cos_beta * cos_gamma) / sin_gamma
    directions = np.array([[1, 0, 0], [cos_gamma, sin_gamma, 0], [cos_beta, tilt, np.sqrt(1 - cos_beta**2 - tilt**2)]])
    return np.asarray(np.asarray(lengths)[:, None] * directions)
