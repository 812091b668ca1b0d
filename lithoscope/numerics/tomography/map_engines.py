"""Every engine behind one interface: maps of one tilt series in, their volumes out, with what judges them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.tomography.algebraic import sirt_maps
from lithoscope.numerics.tomography.engines import Engine
from lithoscope.numerics.tomography.filtered import FilterName, fbp_maps
from lithoscope.numerics.tomography.genfire import GenfireResult, genfire_maps
from lithoscope.numerics.tomography.gridding import GriddingMethod
from lithoscope.numerics.tomography.resire import resire_maps
from lithoscope.numerics.tomography.sart import sart_maps
from lithoscope.numerics.tomography.schedule import Resolution
from lithoscope.numerics.tomography.stacked import IteratedMaps

EngineName = Literal["genfire", "sirt", "sart", "fbp", "resire"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)

Maps = NDArray[np.float32]
Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MapVolumes:
    """
    Volumes of the maps of one series.

    Attributes
    ----------
    volumes : (map, z, y, x) array of float32
    error : (iteration, map) array or None
        What each volume leaves unexplained at each iteration done: GENFIRE's error of magnitudes, the residual of the
        projections of the others [1]; None of filtered back projection.
    error_name : str
        ``error_k`` or ``residual``.
    r_free : (iteration, map) array or None
        GENFIRE's error at withheld points [1].
    shells : (map, {shown, withheld}, shell) array or None
        GENFIRE's errors in each shell of Fourier space, at the iteration the volume is from [1]; NaN where a shell has
        no such point.
    filled_fraction : float or None
        Share of the padded grid that was measured; GENFIRE only [1].
    best_iterations : tuple of int
        The iteration each volume is from, counted from 1; empty of filtered back projection.
    projection_spread : (map,) array
        Standard deviation of the sums of each map's projections over their mean; NaN if that is zero [1].
    """

    volumes: Maps
    error: Float | None
    error_name: str
    r_free: Float | None
    shells: Float | None
    filled_fraction: float | None
    best_iterations: tuple[int, ...]
    projection_spread: Float


@dataclass(frozen=True, slots=True)
class MapEngine:
    """
    An engine with its settings: call it with maps (map, t, y, x) and angles for volumes (map, z, y, x).

    Attributes
    ----------
    name : {"genfire", "sirt", "sart", "fbp", "resire"}
    settings : dict
        Keywords of its function.
    """

    name: EngineName
    settings: dict[str, Any] = field(default_factory=dict)

    def __call__(
        self,
        maps: Sequence[ArrayLike] | NDArray[Any],
        angles_deg: ArrayLike,
        *,
        support: ArrayLike | None = None,
        progress: Progress | None = None,
    ) -> Maps:
        """Return the volumes (map, z, y, x) alone; see `reconstruct`."""
        return self.reconstruct(maps, angles_deg, support=support, progress=progress).volumes

    def reconstruct(
        self,
        maps: Sequence[ArrayLike] | NDArray[Any],
        angles_deg: ArrayLike,
        *,
        support: ArrayLike | None = None,
        progress: Progress | None = None,
    ) -> MapVolumes:
        """
        Reconstruct maps of one geometry together.

        Parameters
        ----------
        maps : (map, t, y, x) array, or one series (t, y, x) per map
            Without background, aligned.
        angles_deg : (t,) array
            Tilt angles [deg] in any order.
        support : (z, y, x) array of bool, optional
            Where the object may be.
        progress : callable, optional
            Called as ``progress(done, total, ...)`` with the largest errors of all maps.

        Returns
        -------
        result : MapVolumes

        Raises
        ------
        WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, EmptyMask, AxisOutsideDetector
        InvalidSetting, NeedsTooMuchMemory
        """
        where = {"support" if self.name == "genfire" else "mask": support}
        found = RUNS[self.name](maps, angles_deg, progress=progress, **where, **self.settings)
        return _collected(found, self.name, _spread(maps))

    def of_series(self) -> Engine:
        """Return it as an engine of single series, which also takes the place of the tilt axis."""

        def engine(projections: Any, angles_deg: Any, /, *, rotation_axis_px: float | None = None) -> Maps:
            settings = (
                self.settings if rotation_axis_px is None else {**self.settings, "rotation_axis_px": rotation_axis_px}
            )
            volume: Maps = MapEngine(self.name, settings)([projections], angles_deg)[0]
            return volume

        return engine


RUNS: dict[EngineName, Callable[..., Any]] = {
    "genfire": genfire_maps,
    "sirt": sirt_maps,
    "sart": sart_maps,
    "fbp": fbp_maps,
    "resire": resire_maps,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """
    What an engine may be told; each takes what concerns it.

    Attributes
    ----------
    iterations : int
        Filtered back projection does not iterate.
    oversampling_ratio, interpolation_radius_px, gridding, resolution, resolution_circle, withheld_fraction, seed
        See `genfire`.
    relaxation : float
        See `sart`.
    step_size : float
        See `resire`.
    filter : {"ramp", "shepp-logan", "cosine", "hamming", "hann"}
        See `fbp`.
    nonnegative : bool
        Set negative voxels to zero; filtered back projection does not.
    rotation_axis_px : float, optional
        Where the tilt axis falls on the detector [px].
    """

    iterations: int
    oversampling_ratio: float = 3.0
    interpolation_radius_px: float = 0.25
    gridding: GriddingMethod = "dft"
    resolution: Resolution = "all"
    resolution_circle: bool = True
    withheld_fraction: float = 0.05
    relaxation: float = 0.5
    step_size: float = 1.0
    filter: FilterName = "hann"
    nonnegative: bool = True
    rotation_axis_px: float | None = None
    seed: int = 0

    def picked(self, *names: str) -> dict[str, Any]:
        """Return some of them by name."""
        return {name: getattr(self, name) for name in names}


TAKEN: dict[EngineName, tuple[str, ...]] = {
    "genfire": (
        *("iterations", "nonnegative", "rotation_axis_px", "oversampling_ratio", "interpolation_radius_px"),
        *("gridding", "resolution", "resolution_circle", "withheld_fraction", "seed"),
    ),
    "sirt": ("iterations", "nonnegative", "rotation_axis_px"),
    "sart": ("iterations", "nonnegative", "rotation_axis_px", "relaxation"),
    "resire": ("iterations", "nonnegative", "rotation_axis_px", "step_size"),
    "fbp": ("rotation_axis_px", "filter"),
}


@with_settings(EngineSettings)
def map_engine(name: EngineName, *, settings: EngineSettings, workers: int = 1) -> MapEngine:
    """
    Choose an engine; it takes those of the settings that concern it.

    Parameters
    ----------
    name : {"genfire", "sirt", "sart", "fbp", "resire"}
    settings : EngineSettings
        One by one, as keywords; ``iterations`` must be said.
    workers : int
        Threads of GENFIRE that take a map each.

    Returns
    -------
    engine : MapEngine
        ``engine(maps, angles_deg, support=None, progress=None)`` gives volumes (map, z, y, x), float32.

    Raises
    ------
    InvalidSetting
        There is no such engine.
    """
    if name not in RUNS:
        raise InvalidSetting(f"there is no such engine: choose one of {', '.join(ENGINES)}")
    threads = {"workers": workers} if name == "genfire" else {}
    return MapEngine(name, settings.picked(*TAKEN[name]) | threads)


def _collected(found: Any, name: EngineName, spread: Float) -> MapVolumes:
    """Bring what an engine returned into one form."""
    if name == "fbp":
        return MapVolumes(found, None, "", None, None, None, (), spread)
    if isinstance(found, IteratedMaps):
        last = (len(found.residual),) * len(found.volumes)
        return MapVolumes(found.volumes, found.residual, "residual", None, None, None, last, spread)
    results: tuple[GenfireResult, ...] = found
    free = [each.r_free for each in results if each.r_free is not None]
    return MapVolumes(
        np.stack([each.volume for each in results]),
        np.stack([each.error_k for each in results], axis=1),
        "error_k",
        np.stack(free, axis=1) if len(free) == len(results) else None,
        np.stack([_shells(each) for each in results]),
        results[0].filled_fraction,
        tuple(each.best_iteration for each in results),
        spread,
    )


def _shells(result: GenfireResult) -> Float:
    """Return the errors of the shells ({shown, withheld}, shell) at the iteration the volume is from."""
    best = result.best_iteration - 1
    shown = result.error_k_shells[best]
    withheld = np.full(shown.shape, np.nan) if result.r_free_shells is None else result.r_free_shells[best]
    return np.stack([shown, withheld])


def _spread(maps: Sequence[ArrayLike] | NDArray[Any]) -> Float:
    """Return the scatter of the sums of each map's projections over their mean [1]."""
    sums = np.array([np.asarray(each, np.float64).sum(axis=(1, 2)) for each in maps])
    mean = abs(sums.mean(axis=1))
    spread: Float = np.divide(sums.std(axis=1), mean, out=np.full(len(sums), np.nan), where=mean > 0)
    return spread
