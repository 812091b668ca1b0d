"""Depth profiles of one particle as tables that a comparison of many particles can read back."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.profiles import DepthProfile, depth_profile, or_null
from lithoscope.numerics.particles.shells import depth_shells
from lithoscope.numerics.particles.standard_errors import shell_errors
from lithoscope.tables import Line, Plot, Table

Float = NDArray[np.float64]

PARTICLE, CYCLES, SHELL, DEPTH, RELATIVE = "particle", "cycles", "shell", "depth_nm", "depth_relative"
#: Columns that are no map.
FRAME = (PARTICLE, CYCLES, SHELL, DEPTH, RELATIVE)
SD, STANDARD_ERROR, N, MISSING = "_sd", "_standard_error", "_n", "_missing"
OF_VOXELS = "standard deviation over the voxels of a shell, noise included"
ENDINGS = (SD, STANDARD_ERROR, N, MISSING)
#: A map without a value in more than this share of the particle is worth a note.
MUCH_MISSING = 0.01


class ParticleProfiles(NamedTuple):
    """
    Maps of a particle by depth.

    Attributes
    ----------
    profiles : Table
        A row for each shell: mean, standard deviation, standard error and number of voxels of each map. The standard
        error reckons with noise that neighbours share, see `shell_errors`; errors of k-factors are not in it.
    surface : Table
        A row for each map: at the surface, and over the whole particle.
    depth : (z, y, x) array of float32
        How far the middle of its shell lies below the surface [nm], as in `profiles`; NaN outside.
    notes : tuple of str
    """

    profiles: Table
    surface: Table
    depth: NDArray[np.float32]
    notes: tuple[str, ...]


def profile_particle(
    particle: ArrayLike,
    volumes: Sequence[ArrayLike],
    pixel_size_nm: float,
    *,
    volumes_names: Sequence[Sequence[str]],
    volumes_units: Sequence[str],
    connectivity: int = 6,
    least_voxels: int = 10,
    particle_name: str = "",
    cycles: int | None = None,
) -> ParticleProfiles:
    """
    Average maps over the shells of a particle as `depth_profile` does, which says what is refused.

    Parameters
    ----------
    particle : (z, y, x) array
        Above 0 inside.
    volumes : sequence of (c, z, y, x) or (z, y, x) array
        Compositions and valence fractions; NaN where a map has no value.
    pixel_size_nm : float
        Edge of a voxel [nm].
    volumes_names, volumes_units : sequence
        Names of the maps of each volume, and its unit.
    connectivity : {6, 18, 26}
        Neighbours across which a shell is peeled.
    least_voxels : int
        Shells in which a map has fewer values keep their number and lose their mean.
    particle_name : str
        What the particle is called in a comparison.
    cycles : int, optional
        Charge-discharge cycles it went through.

    Returns
    -------
    ParticleProfiles

    Raises
    ------
    ProfileMismatch
        Two maps have one name.
    """
    maps = [np.asarray(volume, np.float64) for volume in volumes]
    maps = [volume[None] if volume.ndim == 3 else volume for volume in maps]
    inside = np.asarray(particle) > 0
    if any(volume.shape[1:] != inside.shape for volume in maps):
        raise WrongShape(f"a map has another shape than the particle {inside.shape}: give maps of the same volume")
    if cycles is not None and cycles < 0:
        raise InvalidSetting("cycles are not negative: correct them")
    names = [name for given in volumes_names for name in given]
    _check_names(names)
    together = np.concatenate(maps)
    found = depth_profile(
        inside,
        together,
        step_nm=pixel_size_nm,
        names=tuple(names),
        connectivity=connectivity,
        fewest_shown=least_voxels,
    )
    units = [unit for volume, unit in zip(maps, volumes_units, strict=True) for _ in volume]
    shells = depth_shells(inside, connectivity=connectivity)
    errors = shell_errors(together, shells, found.mean, found.sd)
    named = (particle_name, cycles)
    return ParticleProfiles(
        _profiles(found, errors, units, named),
        _surface(found, errors, units, named),
        _depth(shells, found.depth_nm),
        _notes(found),
    )


def _depth(shells: NDArray[np.int32], depth_nm: Float) -> NDArray[np.float32]:
    """Give each voxel the depth [nm] of its shell."""
    return np.append(np.nan, depth_nm)[shells].astype(np.float32)


def read_profiles(table: Table) -> DepthProfile:
    """
    Read back what `profile_particle` wrote.

    Raises
    ------
    ProfileMismatch
        The table is no profile of a particle.
    """
    columns = table.columns
    names = tuple(name for name in columns if name not in FRAME and f"{name}{N}" in columns)
    if not names or DEPTH not in columns or not columns[DEPTH]:
        raise ProfileMismatch("a table is no depth profile of a particle: give those that particle_profiles makes")
    mean, sd = (np.array([_numbers(columns[f"{name}{end}"]) for name in names]) for end in ("", SD))
    n, missing = (np.array([columns[f"{name}{end}"] for name in names], np.int64) for end in (N, MISSING))
    n = np.where(np.isfinite(mean), n, 0)
    whole, whole_sd = _whole(mean, sd, n)
    step = 2 * float(columns[DEPTH][0])
    return DepthProfile(names, step, mean, sd, n, missing, whole, whole_sd, n.sum(axis=1), 1)


def _whole(mean: Float, sd: Float, n: NDArray[np.int64]) -> tuple[Float, Float]:
    """Return mean and standard deviation over all shells (c,)."""
    total = n.sum(axis=1)
    whole = np.full(len(mean), np.nan)
    np.divide((np.nan_to_num(mean) * n).sum(axis=1), total, out=whole, where=total > 0)
    squares = np.nan_to_num(sd) ** 2 * np.maximum(n - 1, 0) + n * np.nan_to_num(mean - whole[:, None]) ** 2
    spread = np.full(len(mean), np.nan)
    np.divide(squares.sum(axis=1), total - 1, out=spread, where=total > 1)
    return whole, np.sqrt(spread)


def _numbers(values: Sequence[Any]) -> Float:
    """Return a column as numbers, NaN where it is null."""
    return np.array([np.nan if value is None else float(value) for value in values])


def _check_names(names: Sequence[str]) -> None:
    taken = {*FRAME, *(f"{name}{ending}" for name in names for ending in ENDINGS)}
    if twice := [name for name, count in Counter(names).items() if count > 1 or name in taken]:
        raise ProfileMismatch(f"two maps are called {twice[0]!r}: leave one volume out, or name its maps apart")


def _profiles(found: DepthProfile, errors: Float, units: Sequence[str], named: tuple[str, int | None]) -> Table:
    """List every shell; a mean of too few voxels is null."""
    columns: dict[str, list[Any]] = {
        PARTICLE: [named[0]] * found.shells,
        CYCLES: [named[1]] * found.shells,
        SHELL: list(range(1, found.shells + 1)),
        DEPTH: found.depth_nm.tolist(),
        RELATIVE: found.relative_depth.tolist(),
    }
    of_column = dict.fromkeys(columns, "1") | {DEPTH: "nm"}
    for channel, (name, unit) in enumerate(zip(found.names, units, strict=True)):
        shown, n = found.is_shown[channel], found.n[channel]
        mean, sd, error = (np.where(shown, values[channel], np.nan) for values in (found.mean, found.sd, errors))
        columns[name] = or_null(mean)
        columns[f"{name}{SD}"] = or_null(sd)
        columns[f"{name}{STANDARD_ERROR}"] = or_null(error)
        columns[f"{name}{N}"] = n.tolist()
        columns[f"{name}{MISSING}"] = found.missing[channel].tolist()
        of_column |= {name: unit, f"{name}{SD}": unit, f"{name}{STANDARD_ERROR}": unit}
        of_column |= {f"{name}{N}": "1", f"{name}{MISSING}": "1"}
    drawn = tuple(
        Line(name, error=f"{name}{SD}", title=name, error_words=OF_VOXELS)
        for name, unit in zip(found.names, units, strict=True)
        if unit == units[0]
    )
    plot = Plot(
        x=DEPTH, lines=drawn, title="Depth profiles", x_title="Depth below the surface", y_title="Mean of a shell"
    )
    return Table(columns, of_column, plot)


def _surface(found: DepthProfile, errors: Float, units: Sequence[str], named: tuple[str, int | None]) -> Table:
    """List surface and whole particle of every map; each row has a unit of its own."""
    count = len(found.names)
    columns: dict[str, list[Any]] = {
        PARTICLE: [named[0]] * count,
        CYCLES: [named[1]] * count,
        "map": list(found.names),
        "unit": list(units),
        "surface_mean": or_null(found.surface_mean),
        "surface_sd": or_null(found.surface_sd),
        "surface_standard_error": or_null(errors[:, 0]),
        "surface_n": found.n[:, 0].tolist(),
        "whole_mean": or_null(found.whole_mean),
        "whole_sd": or_null(found.whole_sd),
        "whole_n": found.whole_n.tolist(),
        "missing": found.missing.sum(axis=1).tolist(),
    }
    common = units[0] if len(set(units)) == 1 else "1"
    measured = {name: common for name in columns if name.endswith(("_mean", "_sd", "_standard_error"))}
    return Table(columns, dict.fromkeys(columns, "1") | measured)


def _notes(found: DepthProfile) -> tuple[str, ...]:
    """Say where maps have no value, and which shells are too small to have a mean."""
    total = found.whole_n + found.missing.sum(axis=1)
    notes = [
        f"voxels-without-value: {name} has no value in {share:.1%} of the particle; they do not count"
        for name, share in zip(found.names, found.missing.sum(axis=1) / total, strict=True)
        if share > MUCH_MISSING
    ]
    if small := int((~found.is_shown).any(axis=0).sum()):
        notes.append(f"small-shells: {small} shells have fewer than {found.fewest_shown} values and no mean")
    return tuple(notes)
