"""The fused cross-check told in tables: volumes from dark field and maps together, and how far both routes agree."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, WrongShape
from lithoscope.numerics.common.elements import atomic_number_of
from lithoscope.numerics.eds.normalisation import normalised_maps, tilt_factors
from lithoscope.numerics.tomography.agreement import Agreement, agreement
from lithoscope.numerics.tomography.checks import checked_maps, checked_mask, checked_series
from lithoscope.numerics.tomography.fused import fused_maps
from lithoscope.numerics.tomography.memory import refuse_algebraic
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

#: Routes that correlate less than this are told of [1].
LOWEST_CORRELATION = 0.95
MODEL_NOTE = (
    "fused-model: the dark field is taken to be a power of the composition: where it is not (diffraction contrast, "
    "elements without a map) the fused volumes inherit the error"
)
MAPS_NOTE = (
    "fused-maps: the maps are fused as they are given: a correction of self-absorption in the direct route alone moves "
    "its composition against the fused one"
)
#: More negative counts than this part of all are told of [1].
LARGEST_CLIPPED = 0.01

Maps = NDArray[np.float32]


class FusedReport(NamedTuple):
    """
    Volumes that explain dark field and maps at once, beside those of the direct route.

    Attributes
    ----------
    volumes : (c, z, y, x) array of float32
        In units of the maps per pixel.
    agreement : Table or None
        Element by element, of the fused with the direct volumes; None if these were not given.
    cost : Table
        What was left to explain after each iteration.
    correlation : Quantity
        Lowest of all elements with the direct volumes [1]; unknown without these.
    clipped : Quantity
        Negative counts that were set to zero, over all counts [1].
    notes : tuple of str
    """

    volumes: Maps
    agreement: Table | None
    cost: Table
    correlation: Quantity
    clipped: Quantity
    notes: tuple[str, ...]


def fused_tomography(
    dark_field: ArrayLike,
    maps: ArrayLike,
    angles_deg: ArrayLike,
    *,
    maps_names: Sequence[str],
    direct: ArrayLike | None = None,
    particle: ArrayLike | None = None,
    k_factors: Table | None = None,
    iterations: int,
    start_iterations: int,
    adf_weight: float,
    chemical_weight: float,
    tv_weight: float,
    exponent: float,
    normalise: bool = True,
    rotation_axis_px: float | None = None,
    progress: Progress | None = None,
) -> FusedReport:
    """
    Reconstruct all elements so that their sum also explains the dark field, and compare with the direct route.

    Counts below zero, which a shift or a background leaves, are set to zero and told.

    Parameters
    ----------
    dark_field : (t, y, x) array
        Aligned, without background.
    maps : (c, t, y, x) array
        Aligned maps of the same tilts [counts].
    angles_deg : (t,) array
        Tilt angles [deg].
    maps_names : sequence of str
        One for each map; each begins with its element.
    direct : (c, z, y, x) array, optional
        Intensities of the direct route, in any unit.
    particle : (z, y, x) array of bool, optional
        Where routes are compared, and where both are reconstructed from.
    k_factors : Table, optional
        Atoms per count of each element; alike without it.
    iterations, start_iterations, adf_weight, chemical_weight, tv_weight, exponent, rotation_axis_px
        As for `fused_maps`, which also says what is refused.
    normalise : bool
        Bring the tilts of the maps to one level first, all maps alike.
    progress : callable, optional
        Called as ``progress(done, total, cost=...)``.

    Returns
    -------
    FusedReport
    """
    names = tuple(maps_names)
    images, angles = checked_series(dark_field, angles_deg)
    if len(np.asarray(maps)) != len(names):
        raise InvalidSetting(f"{len(np.asarray(maps))} maps have {len(names)} names: give one for each")
    values, _ = checked_maps(np.asarray(maps), angles, names=names)
    refuse_algebraic((4 * len(values), *values.shape[1:]), engine="Fused tomography", tilts_at_once=4 * len(angles))
    inside = checked_mask(particle, (values.shape[3], values.shape[2], values.shape[3]))
    others = None if direct is None else _like_maps(direct, values)
    if normalise:
        level = tilt_factors(values.sum(axis=(2, 3), dtype=np.float64), angles_deg=angles, least_counts=0.0)
        values = normalised_maps(values, level.factors)
    counts, below = np.maximum(values, 0), float(-np.minimum(values, 0).sum(dtype=np.float64))
    factors = _factors(k_factors, names)
    found = fused_maps(
        np.maximum(images, 0),
        angles,
        list(counts),
        angles,
        atomic_numbers=[atomic_number_of(name) for name in names],
        k_factors=None if factors is None else factors.tolist(),
        iterations=iterations,
        start_iterations=start_iterations,
        adf_weight=adf_weight,
        chemical_weight=chemical_weight,
        tv_weight=tv_weight,
        exponent=exponent,
        rotation_axis_px=rotation_axis_px,
        progress=progress,
    )
    like = None if others is None else agreement(others, found.volumes, mask=inside)
    table = None if like is None or others is None else _table(like, names)
    if table is not None and factors is not None and inside is not None and others is not None:
        table = _with_percent(table, others[:, inside], found.volumes[:, inside], factors)
    clipped = below / max(float(counts.sum(dtype=np.float64)), 1.0)
    return FusedReport(
        volumes=found.volumes,
        agreement=table,
        cost=_cost(found.cost),
        correlation=_lowest(like, names),
        clipped=Quantity(clipped, "1", "measured", note="over the counts above zero"),
        notes=_notes(like, names, clipped),
    )


def _like_maps(direct: ArrayLike, maps: Maps) -> Maps:
    """Return the direct volumes if they are of the same elements and grid; what is empty counts nothing."""
    volumes = np.asarray(direct, np.float32)
    count, _, n_y, n_x = maps.shape
    if volumes.shape != (count, n_x, n_y, n_x):
        raise WrongShape(
            f"direct volumes have shape {volumes.shape}, those of the maps {(count, n_x, n_y, n_x)} (c, z, y, x): give "
            "intensities of the same maps in the same order"
        )
    return np.nan_to_num(volumes)


def _factors(table: Table | None, names: tuple[str, ...]) -> NDArray[np.float64] | None:
    """Return atoms per count of each map, where they are known."""
    if table is None:
        return None
    from lithoscope.numerics.eds.k_report import k_factors_of

    return k_factors_of(table, [name.partition(" ")[0] for name in names]).values


def _table(like: Agreement, names: tuple[str, ...]) -> Table:
    bare = like.table(names)
    columns = {**bare.columns, "place": list(range(1, len(names) + 1))}
    lines = (
        Line("correlation", title="everywhere", kind="points"),
        Line("correlation_inside", title="inside the particle", kind="points"),
    )
    plot = Plot("place", lines, title="Fused and direct volumes", x_title="element", y_title="correlation")
    return Table(columns, dict.fromkeys(columns, "1"), plot)


def _with_percent(table: Table, direct: Maps, fused: Maps, factors: NDArray[np.float64]) -> Table:
    """Add what either route says of the particle's composition, and how far voxels differ [at%]."""
    percents = [_percent(volumes, factors) for volumes in (direct, fused)]
    known = np.isfinite(percents[0]).all(axis=0) & np.isfinite(percents[1]).all(axis=0)
    total = [_percent(volumes.sum(axis=1, keepdims=True), factors)[:, 0] for volumes in (direct, fused)]
    apart = (
        np.sqrt(np.mean((percents[0] - percents[1])[:, known] ** 2, axis=1))
        if known.any()
        else np.full(len(factors), np.nan)
    )
    added = {"direct_at_percent": total[0], "fused_at_percent": total[1], "voxels_apart_at_percent": apart}
    columns = {name: [float(v) if np.isfinite(v) else None for v in values] for name, values in added.items()}
    return Table({**table.columns, **columns}, {**table.units, **dict.fromkeys(columns, "at%")}, table.plot)


def _percent(volumes: NDArray[Any], factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return atomic per cent (c, voxel); NaN where there is nothing."""
    atoms = np.asarray(volumes, np.float64) * factors[:, None]
    total = atoms.sum(axis=0)
    shares: NDArray[np.float64] = np.divide(atoms, total, out=np.full(atoms.shape, np.nan), where=total > 0)
    return 100 * shares


def _cost(trace: NDArray[np.float64]) -> Table:
    columns: dict[str, list[Any]] = {"iteration": list(range(len(trace))), "cost": trace.tolist()}
    plot = Plot(
        "iteration", (Line("cost"),), title="Cost of the fused volumes", x_title="iteration", y_title="cost", log_y=True
    )
    return Table(columns, {"iteration": "1", "cost": "1"}, plot)


def _lowest(like: Agreement | None, names: tuple[str, ...]) -> Quantity:
    if like is None:
        return Quantity.unknown("1", "no direct volumes were given to compare with")
    if not np.isfinite(like.correlation).all():
        return Quantity.unknown("1", "a volume is the same everywhere")
    worst = int(np.argmin(like.correlation))
    return Quantity(float(like.correlation[worst]), "1", "measured", note=f"of {names[worst]}, lowest of all")


def _notes(like: Agreement | None, names: tuple[str, ...], clipped: float) -> tuple[str, ...]:
    """Say where the routes part, what the cross-check cannot tell, and what was cut."""
    notes = [MODEL_NOTE, MAPS_NOTE]
    if like is not None:
        apart = [name for name, value in zip(names, like.correlation, strict=True) if not value >= LOWEST_CORRELATION]
        if apart:
            notes.append(
                f"routes-disagree: fused and direct volumes of {', '.join(apart)} correlate by less than "
                f"{LOWEST_CORRELATION}: do not rest a conclusion on either alone"
            )
    if clipped > LARGEST_CLIPPED:
        notes.append(f"clipped-counts: {100 * clipped:.1f} % of the counts were negative and set to zero")
    return tuple(notes)
