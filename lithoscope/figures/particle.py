"""Figures and films of one particle, as jobs of the service draw them."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from lithoscope.figures.films import Progress, film_of
from lithoscope.figures.maps import Map, maps_of
from lithoscope.figures.profiles import figure_of_profiles
from lithoscope.figures.record import Figure, Film
from lithoscope.figures.renderings import Rendered, figure_of_renderings
from lithoscope.figures.slices import figure_of_slices
from lithoscope.tables import Table

Volumes = tuple[NDArray[Any], ...]


class ParticleFigures(NamedTuple):
    """
    What a particle looks like.

    Parameters
    ----------
    slices : Figure
        Its middle slices, every map in a column.
    rendering : Figure
        In three dimensions with a quarter cut away.
    profiles : Figure or None
        Its depth profiles; None where none were given.
    """

    slices: Figure
    rendering: Figure
    profiles: Figure | None


def particle_figures(
    particle: NDArray[Any],
    volumes: Volumes,
    profiles: tuple[Table, ...] = (),
    *,
    pixel_size_nm: float,
    volumes_names: tuple[tuple[str, ...], ...],
    volumes_units: tuple[str, ...],
    limits: str = "paper",
    turned_deg: float = 55.0,
) -> ParticleFigures:
    """
    Draw a particle in the manner of the published figures.

    Parameters
    ----------
    particle : (z, y, x) array of int
        Its mask.
    volumes : tuple of (c, z, y, x) or (z, y, x) array
        Compositions, valences, dark field.
    profiles : tuple of Table
        Depth profiles with plots.
    pixel_size_nm : float
        Edge of a voxel [nm].
    volumes_names, volumes_units : tuple
        Of the maps of each volume.
    limits : str
        Colour limits, see `lithoscope.figures.limits.limits_of`.
    turned_deg : float
        How far the rendered particle is turned about y [deg].

    Raises
    ------
    WrongShape, NoParticle, UnreadableLimits, NothingToDraw
    """
    maps = _maps(particle, volumes, volumes_names, volumes_units, limits=limits)
    titles = ["profile"] if len(profiles) == 1 else [f"profile {place + 1}" for place in range(len(profiles))]
    return ParticleFigures(
        figure_of_slices(maps, particle, voxel_nm=pixel_size_nm),
        figure_of_renderings([Rendered("", maps, particle, pixel_size_nm)], angle_deg=turned_deg),
        figure_of_profiles(dict(zip(titles, profiles, strict=True))) if profiles else None,
    )


def particle_film(
    particle: NDArray[Any],
    volumes: Volumes,
    *,
    pixel_size_nm: float,
    volumes_names: tuple[tuple[str, ...], ...],
    volumes_units: tuple[str, ...],
    limits: str = "paper",
    view: Literal["cut", "surface", "maximum", "mean"] = "cut",
    frames: int = 36,
    side_px: int = 240,
    progress: Progress | None = None,
) -> Film:
    """
    Turn a particle once about y, all its maps side by side.

    Parameters
    ----------
    particle, volumes, pixel_size_nm, volumes_names, volumes_units, limits
        As for `particle_figures`.
    view : {"cut", "surface", "maximum", "mean"}
        See `lithoscope.figures.films.film_of`.
    frames, side_px : int
        Of the film, and of each map [px].
    progress : callable, optional
        ``progress(done, total)``.

    Raises
    ------
    WrongShape, NoParticle, UnreadableLimits
    """
    maps = _maps(particle, volumes, volumes_names, volumes_units, limits=limits)
    return film_of(maps, particle, voxel_nm=pixel_size_nm, how=view, frames=frames, side_px=side_px, progress=progress)


def _maps(
    particle: NDArray[Any],
    volumes: Volumes,
    names: Sequence[Sequence[str]],
    units: Sequence[str],
    *,
    limits: str,
) -> list[Map]:
    return [
        each
        for volume, own, unit in zip(volumes, names, units, strict=True)
        for each in maps_of(volume, own, unit, particle, limits=limits)
    ]
