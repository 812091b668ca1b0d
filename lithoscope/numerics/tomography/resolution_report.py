"""How fine a tomogram is, told in tables: shell correlation of halves, response to a step, what the tilts allow."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import EmptyMask, Progress, silent
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.tomography.checks import checked_mask, checked_series
from lithoscope.numerics.tomography.depth_response import DepthResponse, depth_response
from lithoscope.numerics.tomography.map_engines import EngineName, EngineSettings, map_engine
from lithoscope.numerics.tomography.resolution import ShellCorrelation, half_volumes, shell_correlation
from lithoscope.numerics.tomography.wedge import TiltGeometry, tilt_geometry
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

#: Halves, step and what lies between: the parts that progress is told of.
PARTS = 2


class TomogramResolution(NamedTuple):
    """
    What a tomogram resolves.

    Attributes
    ----------
    correlation : Table
        Fourier shell correlation of odd against even tilts: whole shells, directions of the tilt range, missing wedge.
    response : Table
        What the reconstruction makes of a step planted at the surface of the particle, by depth.
    resolution, resolution_half : Quantity
        Where the correlation of whole shells falls below 0.143 and below 0.5 [nm].
    covered_resolution, wedge_resolution : Quantity
        Below 0.143 in the directions of the tilt range and of the missing wedge [nm].
    width, width_covered, width_wedge : Quantity
        Depth over which the step rises from 10 to 90 %: all directions of the surface, those of the tilt range, those
        of the wedge [nm].
    crowther : Quantity
        What the mean step of the tilts allows at the rim of the particle [nm].
    elongation : Quantity
        How much longer a point appears along the beam than across it [1].
    notes : tuple of str
    """

    correlation: Table
    response: Table
    resolution: Quantity
    resolution_half: Quantity
    covered_resolution: Quantity
    wedge_resolution: Quantity
    width: Quantity
    width_covered: Quantity
    width_wedge: Quantity
    crowther: Quantity
    elongation: Quantity
    notes: tuple[str, ...]


@with_settings(EngineSettings)
def tomogram_resolution(
    projections: ArrayLike,
    particle: ArrayLike,
    angles_deg: ArrayLike,
    *,
    pixel_size_nm: float,
    engine: EngineName,
    settings: EngineSettings,
    below_surface_nm: float = 0.0,
    progress: Progress | None = None,
) -> TomogramResolution:
    """
    Measure what the reconstruction of a series resolves.

    Parameters
    ----------
    projections : (t, y, x) array
        Aligned, without background.
    particle : (z, y, x) array of bool
        The particle in the tomogram.
    angles_deg : (t,) array
        Tilt angles [deg].
    pixel_size_nm : float
        [nm]
    engine : {"genfire", "sirt", "sart", "fbp", "resire"}
    settings : EngineSettings
        Those of the tomogram, one by one, as keywords.
    below_surface_nm : float
        How deep the planted step lies [nm].
    progress : callable, optional
        Called as ``progress(done, total)`` after the halves and after the step.

    Returns
    -------
    TomogramResolution

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, EmptyProjection, EmptyMask, AxisOutsideDetector, InvalidSetting
    TooFewTilts
        Fewer than six distinct tilts: two halves need three each.
    """
    images, angles = checked_series(projections, angles_deg)
    inside = checked_mask(particle, (images.shape[2], images.shape[1], images.shape[2]))
    if inside is None:
        raise EmptyMask("there is no particle: give its labels")
    chosen = map_engine(engine, **settings.picked(*settings.__slots__)).of_series()
    axis = {"rotation_axis_px": settings.rotation_axis_px}
    report = progress or silent
    halves = half_volumes(images, angles, engine=chosen, **axis)
    shells = shell_correlation(*halves, angles_deg=angles, voxel_nm=pixel_size_nm)
    report(1, PARTS)
    step = depth_response(
        inside, angles, engine=chosen, voxel_nm=pixel_size_nm, below_surface_nm=below_surface_nm, **axis
    )
    report(2, PARTS)
    geometry = tilt_geometry(angles, diameter_nm=_diameter_px(inside) * pixel_size_nm)
    return TomogramResolution(
        correlation=_correlation_table(shells),
        response=_response_table(step),
        resolution=shells.resolution_nm,
        resolution_half=shells.resolution_half_nm,
        covered_resolution=shells.covered_resolution_nm,
        wedge_resolution=shells.wedge_resolution_nm,
        width=step.width_nm,
        width_covered=step.width_covered_nm,
        width_wedge=step.width_wedge_nm,
        crowther=Quantity(geometry.crowther_nm, "nm", "measured", note="mean tilt step times the particle's width"),
        elongation=_elongation(geometry),
        notes=_notes(shells, step, pixel_size_nm),
    )


def _diameter_px(inside: NDArray[np.bool_]) -> int:
    """Return how wide the particle is across the tilt axis and the beam, where the wedge does not stretch it."""
    columns = np.flatnonzero(inside.any(axis=(0, 1)))
    return int(columns[-1] - columns[0] + 1)


def _correlation_table(shells: ShellCorrelation) -> Table:
    """List the shells; what too few points tell is null."""
    columns: dict[str, list[Any]] = {
        "frequency_per_nm": shells.frequency_per_nm.tolist(),
        "correlation": _numbers(shells.correlation),
        "inside_tilt_range": _numbers(shells.covered),
        "inside_wedge": _numbers(shells.wedge),
        "criterion_0143": [0.143] * len(shells.points),
        "criterion_half": [0.5] * len(shells.points),
        "points": shells.points.tolist(),
    }
    lines = (
        Line("correlation", title="whole shells"),
        Line("inside_tilt_range", title="directions of the tilt range"),
        Line("inside_wedge", title="missing wedge"),
        Line("criterion_0143", title="0.143"),
        Line("criterion_half", title="1/2"),
    )
    units = dict.fromkeys(columns, "1") | {"frequency_per_nm": "nm^-1"}
    plot = Plot(
        "frequency_per_nm",
        lines,
        title="Odd against even tilts",
        x_title="spatial frequency",
        y_title="Fourier shell correlation",
    )
    return Table(columns, units, plot)


def _response_table(step: DepthResponse) -> Table:
    columns: dict[str, list[Any]] = {"depth_nm": step.depth_nm.tolist(), "response": _numbers(step.response)}
    plot = Plot(
        "depth_nm",
        (Line("response", title="reconstructed step"),),
        title="Response to a step at the surface",
        x_title="depth, positive inwards",
        y_title="mean of the reconstruction",
    )
    return Table(columns, {"depth_nm": "nm", "response": "1"}, plot)


def _elongation(geometry: TiltGeometry) -> Quantity:
    if not np.isfinite(geometry.elongation):
        return Quantity.unknown("1", "the tilts are too close together to tell")
    return Quantity(geometry.elongation, "1", "measured", note=f"tilts over {geometry.range_deg:.0f} deg")


def _notes(shells: ShellCorrelation, step: DepthResponse, pixel_size_nm: float) -> tuple[str, ...]:
    """Say what depth profiles of one voxel a shell cannot show."""
    notes = ["resolution: odd and even tilts share constraints and a wedge; read the shells of the wedge apart"]
    if step.width_nm.value is not None and step.width_nm.value > pixel_size_nm:
        notes.append(
            f"resolution: a sharp step at the surface comes out {step.width_nm.value:.1f} nm wide, "
            f"{step.width_nm.value / pixel_size_nm:.1f} shells of one voxel: gradients steeper than that are blurred"
        )
    if shells.resolution_nm.value is None:
        notes.append(f"resolution: unknown by shell correlation, {shells.resolution_nm.note}")
    return tuple(notes)


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
