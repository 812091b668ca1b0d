"""Beam stability from the repeated scans of a series: dark field and L3 maps by frame, a verdict with its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import InvalidSetting, Progress, WrongShape, silent
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.series import StoredSeries
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.tomography.masks import level_outside, otsu_masks
from lithoscope.numerics.tomography.shifting import apply_shifts
from lithoscope.numerics.tomography.stability import BeamStability, beam_stability
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

Elements = Literal["both", "manganese", "cobalt"]
MAP_NAMES = {"manganese": "Mn L3", "cobalt": "Co L3"}

Maps = NDArray[np.float32]
Float = NDArray[np.float64]
Window = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilitySettings:
    """
    What is compared and what counts as a change.

    Attributes
    ----------
    elements : {"both", "manganese", "cobalt"}
        Whose L3 lines are mapped.
    mn_pre_start_eV, mn_pre_stop_eV, mn_line_start_eV, mn_line_stop_eV : float
        Window before the manganese edge, and that of its L3 line [eV].
    co_pre_start_eV, co_pre_stop_eV, co_line_start_eV, co_line_stop_eV : float
        The same of cobalt [eV].
    largest_change, lowest_correlation : float
        As for `beam_stability` of the frames [1].
    search_eV : float
        The zero-loss peak is sought so far from 0 eV [eV].
    """

    elements: Elements
    mn_pre_start_eV: float
    mn_pre_stop_eV: float
    mn_line_start_eV: float
    mn_line_stop_eV: float
    co_pre_start_eV: float
    co_pre_stop_eV: float
    co_line_start_eV: float
    co_line_stop_eV: float
    largest_change: float
    lowest_correlation: float
    search_eV: float

    def windows(self) -> dict[str, Window]:
        """Return the windows by element: before the edge, then of the line [eV]."""
        both = {
            "manganese": (self.mn_pre_start_eV, self.mn_pre_stop_eV, self.mn_line_start_eV, self.mn_line_stop_eV),
            "cobalt": (self.co_pre_start_eV, self.co_pre_stop_eV, self.co_line_start_eV, self.co_line_stop_eV),
        }
        if self.elements not in {"both", *both}:
            raise InvalidSetting("L3 lines of manganese, cobalt or both are mapped: choose one of these")
        return both if self.elements == "both" else {self.elements: both[self.elements]}


class StabilityReport(NamedTuple):
    """
    What the repeated frames say.

    Attributes
    ----------
    verdict : Table
        One word and what it rests on, a reason a row.
    frames : Table
        Correlation and drift of every dark-field frame, and the beam by its low loss where that is given.
    changes : Table or None
        Of every map and later frame: change, uncertainty, difference beside what counting explains.
    dark_field : (t, y, x) array of float32
        Dark-field frames, drift taken off.
    maps : (c, t, y, x) LabelledArray or None
        L3 maps of the frames, drift taken off [counts].
    correlation : Quantity
        Lowest of the dark-field frames with the first [1].
    change : Quantity
        The largest of all maps and frames, with its uncertainty [1].
    notes : tuple of str
    """

    verdict: Table
    frames: Table
    changes: Table | None
    dark_field: Maps
    maps: LabelledArray | None
    correlation: Quantity
    change: Quantity
    notes: tuple[str, ...]


@with_settings(StabilitySettings)
def repeated_frames(
    repeat_dark_field: ArrayLike,
    *,
    settings: StabilitySettings,
    repeat_core_loss: ArrayLike | StoredSeries | None = None,
    repeat_low_loss: ArrayLike | StoredSeries | None = None,
    repeat_core_loss_energy: EnergyAxis | None = None,
    repeat_low_loss_energy: EnergyAxis | None = None,
    progress: Progress | None = None,
) -> StabilityReport:
    """
    Compare the frames that were taken at one tilt before, in the middle of and after a series.

    L3 maps are the counts in a window of the line less what the window before the edge leads one to expect there: the
    mean spectrum of all frames tells the shape of the background, each pixel's counts before the edge its height. So
    the variance of every pixel is known from its counts.

    Parameters
    ----------
    repeat_dark_field : (t, y, x) array
        Frames in order of time.
    settings : StabilitySettings
        One by one, as keywords.
    repeat_core_loss, repeat_low_loss : (t, y, x, e) arrays or stored series, optional
        Spectra of the same frames; the low loss takes the drift of energy off and tells the beam.
    repeat_core_loss_energy, repeat_low_loss_energy : EnergyAxis, optional
        Their axes.
    progress : callable, optional
        Called as ``progress(done, total)`` after the spectra of each frame.

    Returns
    -------
    StabilityReport

    Raises
    ------
    WrongShape, NonFiniteValues, EmptyMask, InvalidSetting, WindowOutsideSpectrum, NegativeCounts, MissingZeroLoss
    """
    frames = np.asarray(repeat_dark_field, np.float32)
    if frames.ndim != 3 or len(frames) < 2:
        raise InvalidSetting("a change shows between two frames or more: give those repeated at one tilt (t, y, x)")
    first = otsu_masks(frames[:1])
    clean = frames - np.array([level_outside(frame, first.masks[0]) for frame in frames], np.float32)[:, None, None]
    named: dict[str, tuple[Maps, Maps]] = {}
    beam, notes = None, ["no core loss: the dark field alone does not tell whether the composition changed"]
    if repeat_core_loss is not None and repeat_core_loss_energy is not None:
        mapped = _line_maps(
            repeat_core_loss, repeat_core_loss_energy, repeat_low_loss, repeat_low_loss_energy,
            settings=settings, mask=first.masks[0], frames=frames.shape, report=progress or silent,
        )  # fmt: skip
        named, beam, notes = mapped.maps, mapped.beam, mapped.notes
    found = beam_stability(
        clean,
        {name: counts for name, (counts, _) in named.items()},
        mask=first.masks[0],
        variances={name: spread for name, (_, spread) in named.items()},
        largest_change=settings.largest_change,
        lowest_correlation=settings.lowest_correlation,
    )
    return StabilityReport(
        verdict=_verdict(found),
        frames=_frame_table(found, beam),
        changes=_change_table(found) if named else None,
        dark_field=apply_shifts(clean, found.shifts_px),
        maps=_moved(named, found.shifts_px) if named else None,
        correlation=Quantity(float(found.correlation.min()), "1", "measured", note="lowest of all frames"),
        change=_largest(found),
        notes=(f"beam-stability: {found.verdict}: {'; '.join(found.reasons)}", *_coded(notes)),
    )


class _Mapped(NamedTuple):
    """L3 maps with their variances by name, the low-loss counts of every frame, and what to say of them."""

    maps: dict[str, tuple[Maps, Maps]]
    beam: Float | None
    notes: list[str]


def _line_maps(
    core_loss: ArrayLike | StoredSeries,
    core_axis: EnergyAxis,
    low_loss: ArrayLike | StoredSeries | None,
    low_axis: EnergyAxis | None,
    *,
    settings: StabilitySettings,
    mask: NDArray[np.bool_],
    frames: tuple[int, ...],
    report: Progress,
) -> _Mapped:
    """Map the lines frame by frame; no more than one frame's spectra are in memory."""
    from lithoscope.numerics.eels.low_loss_maps import zero_loss_maps
    from lithoscope.numerics.eels.tilts import DriftFree, as_series, each_tilt

    position, beam = None, None
    notes = ["energy-drift: without low loss the spectra are taken as they lie"]
    if low_loss is not None and low_axis is not None:
        position = zero_loss_maps(low_loss, low_loss_energy=low_axis, search_eV=settings.search_eV).position
        beam = np.array([float(np.sum(each, dtype=np.float64)) for each in each_tilt(as_series(low_loss, low_axis))])
        lost = int(np.isnan(position).sum())
        notes = [f"rejected-pixels: {lost} have no zero-loss peak and count nothing"] if lost else []
    spectra = DriftFree.of(core_loss, core_axis, position)
    if tuple(spectra.series.shape[:-1]) != frames:
        raise WrongShape(
            f"the spectra have pixels {tuple(spectra.series.shape[:-1])}, the dark field {frames}: give the same frames"
        )
    windows = settings.windows()
    sums: dict[str, list[tuple[Float, Float]]] = {name: [] for name in windows}
    mean = np.zeros(spectra.axis.size)
    for frame in range(frames[0]):
        values = spectra.tilt(frame)
        known = np.isfinite(values[..., 0])
        mean += values[mask & known].sum(axis=0, dtype=np.float64)
        for name, window in windows.items():
            sums[name].append(window_sums(values, spectra.axis, window))
        if not report(frame + 1, frames[0]):
            raise InvalidSetting("the comparison needs every frame: let it finish, or cancel it")
    maps = {
        MAP_NAMES[name]: line_maps(sums[name], background_ratio(mean, spectra.axis, window))
        for name, window in windows.items()
    }
    return _Mapped(maps, beam, notes)


def window_sums(spectra: NDArray[Any], axis: EnergyAxis, window_eV: Window) -> tuple[Float, Float]:
    """
    Sum the counts of every pixel (y, x) before an edge and in its line; nothing where a pixel has no spectrum.

    Parameters
    ----------
    spectra : (y, x, e) array
        Counts; NaN where a pixel has none.
    axis : EnergyAxis
    window_eV : (float, float, float, float)
        Begin and end of the window before the edge, then of the line's [eV].

    Raises
    ------
    WindowOutsideSpectrum
    """
    known = np.isfinite(spectra[..., 0])
    pre, line = axis.window(*window_eV[:2]), axis.window(*window_eV[2:])
    in_front, in_line = (np.where(known, spectra[..., part].sum(axis=-1, dtype=np.float64), 0) for part in (pre, line))
    return in_front, in_line


def background_ratio(spectrum: Float, axis: EnergyAxis, window_eV: Window) -> float:
    """Return the background's counts in a line's window over those before its edge, by a power law fitted there [1]."""
    from lithoscope.numerics.eels.background import Windows, fit_background

    pre, line = axis.window(*window_eV[:2]), axis.window(*window_eV[2:])
    windows = Windows((window_eV[0], window_eV[1]), (window_eV[2], window_eV[3]))
    shape = fit_background(spectrum, axis=axis, windows=windows).values(axis)
    return float(shape[line].sum() / shape[pre].sum()) if shape[pre].sum() > 0 else 0.0


def line_maps(sums: list[tuple[Float, Float]], ratio: float) -> tuple[Maps, Maps]:
    """
    Give the counts of a line in every frame above its background, and their variance (t, y, x).

    Parameters
    ----------
    sums : list of (in_front, in_line)
        See `window_sums`, one of each frame.
    ratio : float
        See `background_ratio`: one for all frames, so that its error changes none against another.
    """
    in_front, in_line = (np.stack(each) for each in zip(*sums, strict=True))
    variance = np.maximum(in_line, 0) + ratio**2 * np.maximum(in_front, 0)
    return (in_line - ratio * in_front).astype(np.float32), variance.astype(np.float32)


def _moved(named: dict[str, tuple[Maps, Maps]], shifts_px: Float) -> LabelledArray:
    """Put the maps side by side, drift taken off."""
    values = np.stack([apply_shifts(counts, shifts_px) for counts, _ in named.values()])
    return LabelledArray(values, "ctyx", unit="counts", kind="tilt_series", labels={"c": tuple(named)})


def _verdict(found: BeamStability) -> Table:
    columns: dict[str, list[Any]] = {
        "verdict": [found.verdict] * len(found.reasons),
        "reason": list(found.reasons),
    }
    return Table(columns, {"verdict": "1", "reason": "1"})


def _frame_table(found: BeamStability, beam: Float | None) -> Table:
    count = len(found.correlation)
    columns: dict[str, list[Any]] = {
        "frame": list(range(count)),
        "correlation": found.correlation.tolist(),
        "drift_y_px": found.shifts_px[:, 0].tolist(),
        "drift_x_px": found.shifts_px[:, 1].tolist(),
        "beam_over_first": [None] * count if beam is None or beam[0] <= 0 else (beam / beam[0]).tolist(),
    }
    units = dict(zip(columns, ("1", "1", "px", "px", "1"), strict=True))
    line = Line("correlation", title="with the first frame", kind="points")
    plot = Plot("frame", (line,), title="Dark field of the repeated frames", x_title="frame", y_title="correlation")
    return Table(columns, units, plot)


def _change_table(found: BeamStability) -> Table:
    names = (
        *("map", "frame", "change", "change_uncertainty", "difference_rms_counts", "expected_rms_counts"),
        *("chi_square", "chi_square_uncertainty", "unexplained_rms"),
    )
    columns: dict[str, list[Any]] = {
        name: list(values) for name, values in zip(names, _change_columns(found), strict=True)
    }
    units = {name: "counts" if name.endswith("_counts") else "1" for name in names}
    line = Line("change", error="change_uncertainty", title="summed counts", kind="points")
    plot = Plot(
        "frame", (line,), title="Change of the L3 maps", x_title="frame", y_title="change since the first", by="map"
    )
    return Table(columns, units, plot)


def _change_columns(found: BeamStability) -> Iterator[tuple[Any, ...]]:
    rows = [
        (
            *(item.name, item.frame, item.change.value, item.change.uncertainty),
            *(item.difference_rms_counts, item.expected_rms_counts),
            *(_known(item.chi_square), _known(item.chi_square_uncertainty), item.unexplained_rms),
        )
        for item in found.changes
    ]
    return zip(*rows, strict=True)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _largest(found: BeamStability) -> Quantity:
    """Return the largest change of all maps and frames."""
    known = [item for item in found.changes if item.change.value is not None]
    if not known:
        return Quantity.unknown("1", "no map was compared")
    worst = max(known, key=lambda item: abs(item.change.value or 0.0))
    value, uncertainty = worst.change.value, worst.change.uncertainty
    return Quantity(value, "1", "measured", uncertainty=uncertainty, note=f"{worst.name}, frame {worst.frame}")


def _coded(notes: list[str]) -> tuple[str, ...]:
    return tuple(
        note if ": " in note and " " not in note.partition(":")[0] else f"beam-stability: {note}" for note in notes
    )
