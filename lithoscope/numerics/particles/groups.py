"""Averages over the particles of one cycling state, and where a gradient of the average comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.particles.contrasts import is_gradient_within
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.profiles import DepthProfile, or_null
from lithoscope.tables import Table

Float = NDArray[np.float64]
Origin = Literal["none", "not_significant", "within_particles", "group_composition", "both"]

#: A change of the average is put down to the group if this share of it is not that of the particles themselves.
SHARE_OF_GROUP = 0.25
#: What the error bars of averages are.
OF_PARTICLES = "standard deviation over the particles of a state, none for a single particle"


@dataclass(frozen=True, slots=True)
class GroupGradient:
    """
    How the average of a group changes with depth.

    Parameters
    ----------
    apparent : float
        Largest less smallest value of the average, in units of the map.
    within : float
        The same of the curve that the particles share once each has a level of its own.
    between : float
        The same of what remains: smaller particles end earlier, and with them their composition leaves the average.
    origin : str
        "none" below the smallest change asked for; "within_particles" where the particles agree on it;
        "group_composition" where it comes from averaging unlike particles; "both"; "not_significant" where the
        particles do not agree.
    """

    apparent: float
    within: float
    between: float
    origin: Origin

    @property
    def is_flagged(self) -> bool:
        """The gradient of the average is not, or not only, a gradient of the particles."""
        return self.origin in {"group_composition", "both"}


@dataclass(frozen=True, slots=True)
class GroupProfile:
    """
    Depth profiles of the particles of one state, and their averages.

    Parameters
    ----------
    names, particles : tuple of str
        Of the maps and of the particles.
    depth_nm : (d,) array
    curves : (p, c, d) array
        Each particle's own profile; NaN below its core and where a shell has too few voxels.
    mean, sd : (c, d) array
        Over the particles that reach a depth; `sd` (n - 1) is NaN for one particle.
    n : (c, d) array of int
        Particles that reach a depth.
    within : (c, d) array
        The curve that the particles share, at the level of the mean particle.
    relative_depth : (r,) array
        0 surface, 1 core of each particle.
    relative_curves, relative_mean, relative_sd : (p, c, r) and (c, r) arrays
        The same over the radius of each particle: there all reach every depth.
    gradients : tuple of GroupGradient
        One for each map.
    """

    names: tuple[str, ...]
    particles: tuple[str, ...]
    depth_nm: Float
    curves: Float
    mean: Float
    sd: Float
    n: NDArray[np.int64]
    within: Float
    relative_depth: Float
    relative_curves: Float
    relative_mean: Float
    relative_sd: Float
    gradients: tuple[GroupGradient, ...]

    def table(self) -> Table:
        """List every depth of every map; the standard deviation of one particle is null."""
        depths = len(self.depth_nm)
        columns: dict[str, list[Any]] = {
            "map": [name for name in self.names for _ in range(depths)],
            "depth_nm": self.depth_nm.tolist() * len(self.names),
            "mean": or_null(self.mean),
            "standard_deviation": or_null(self.sd),
            "particles": self.n.ravel().tolist(),
            "shared_curve": or_null(self.within),
            "gradient_origin": [gradient.origin for gradient in self.gradients for _ in range(depths)],
        }
        units = dict.fromkeys(columns, "") | {"map": "1", "depth_nm": "nm", "particles": "1", "gradient_origin": "1"}
        return Table(columns, units)


def group_profile(
    profiles: Sequence[DepthProfile],
    *,
    smallest_change: float,
    particles: tuple[str, ...] | None = None,
    confidence: float = 0.99,
) -> GroupProfile:
    """
    Average the depth profiles of particles, and say where a gradient of the average comes from.

    Particles differ in size. The average near the surface holds all of them, the average deep inside only the large
    ones, so particles of unlike composition make a gradient that none of them has. Each particle is therefore given a
    level of its own, by least squares over all curves at once, and the curve they share is set beside the average.

    Parameters
    ----------
    profiles : sequence of DepthProfile
        Same maps in the same order, same step.
    smallest_change : float
        Changes with depth up to this are not called a gradient, in units of the maps: at least the systematic error
        near a surface, which all particles share.
    particles : tuple of str, optional
        Names; their numbers by default.
    confidence : float
        With which particles must agree on a gradient [1].

    Returns
    -------
    group : GroupProfile

    Raises
    ------
    ProfileMismatch, InvalidSetting
    """
    particles = particles or tuple(str(number + 1) for number in range(len(profiles)))
    _check(profiles, particles, smallest_change, confidence)
    depths = max(profile.shells for profile in profiles)
    curves = np.full((len(profiles), len(profiles[0].names), depths), np.nan)
    for curve, profile in zip(curves, profiles, strict=True):
        curve[:, : profile.shells] = np.where(profile.is_shown, profile.mean, np.nan)
    relative_depth: Float = np.asarray((np.arange(depths) + 0.5) / depths)
    relative = np.array([_over_radius(profile, relative_depth) for profile in profiles])
    mean, sd, n = mean_sd_n(curves)
    within = np.array([shared_curve(curves[:, channel]) for channel in range(curves.shape[1])])
    gradients = tuple(
        _gradient(mean[channel], within[channel], relative[:, channel], (smallest_change, confidence))
        for channel in range(curves.shape[1])
    )
    return GroupProfile(
        profiles[0].names,
        particles,
        np.asarray((np.arange(depths) + 0.5) * profiles[0].step_nm),
        curves,
        mean,
        sd,
        n,
        within,
        relative_depth,
        relative,
        *mean_sd_n(relative)[:2],
        gradients,
    )


def mean_sd_n(values: Float) -> tuple[Float, Float, NDArray[np.int64]]:
    """Return mean, standard deviation (n - 1; NaN for one) and number of the finite values along the first axis."""
    valid = np.isfinite(values)
    n = valid.sum(axis=0)
    filled = np.where(valid, values, 0.0)
    mean = np.full(n.shape, np.nan)
    np.divide(filled.sum(axis=0), n, out=mean, where=n > 0)
    variance = np.full(n.shape, np.nan)
    np.divide((np.where(valid, values - mean, 0.0) ** 2).sum(axis=0), n - 1, out=variance, where=n > 1)
    return mean, np.sqrt(variance), n


def shared_curve(curves: Float) -> Float:
    """
    Fit one curve and a level per particle to curves (p, d) of unlike length.

    Returns
    -------
    curve : (d,) array
        At the mean of the levels, NaN where no particle reaches.
    """
    particle, depth = np.nonzero(np.isfinite(curves))
    if len(particle) == 0:
        return np.full(curves.shape[1], np.nan)
    kept = np.unique(depth)
    design = np.zeros((len(particle), len(curves) + len(kept)))
    design[np.arange(len(particle)), particle] = 1
    design[np.arange(len(particle)), len(curves) + np.searchsorted(kept, depth)] = 1
    solution = np.linalg.lstsq(design, curves[particle, depth], rcond=None)[0]
    present = np.unique(particle)
    curve = np.full(curves.shape[1], np.nan)
    curve[kept] = solution[len(curves) :] + solution[present].mean()
    return curve


def _gradient(mean: Float, within: Float, relative: Float, asked: tuple[float, float]) -> GroupGradient:
    """Say how an average changes with depth and why."""
    smallest_change, confidence = asked
    apparent, shared, between = (_range(curve) for curve in (mean, within, mean - within))
    is_within = is_gradient_within(relative, smallest_change=smallest_change, confidence=confidence)
    is_between = between > SHARE_OF_GROUP * smallest_change and between > SHARE_OF_GROUP * apparent
    origin: Origin
    if max(apparent, shared) <= smallest_change:
        origin = "none"
    elif is_within:
        origin = "both" if is_between else "within_particles"
    else:
        origin = "group_composition" if is_between else "not_significant"
    return GroupGradient(apparent, shared, between, origin)


def _range(values: Float) -> float:
    """Return the largest less the smallest finite value."""
    finite = values[np.isfinite(values)]
    return float(np.ptp(finite)) if finite.size else 0.0


def _over_radius(profile: DepthProfile, relative_depth: Float) -> Float:
    """Return a profile (c, r) at shares of its own radius."""
    rows = np.full((len(profile.names), len(relative_depth)), np.nan)
    for row, mean, shown in zip(rows, profile.mean, profile.is_shown, strict=True):
        if shown.any():
            row[:] = np.interp(relative_depth, profile.relative_depth[shown], mean[shown])
    return rows


def _check(
    profiles: Sequence[DepthProfile], particles: tuple[str, ...], smallest_change: float, confidence: float
) -> None:
    """Refuse profiles that do not belong together."""
    if not profiles or len(particles) != len(profiles):
        raise ProfileMismatch("an average needs at least one profile, and a name for each")
    first = profiles[0]
    if any(p.names != first.names or abs(p.step_nm / first.step_nm - 1) > 1e-3 for p in profiles):
        raise ProfileMismatch("the profiles differ in their maps or their step: average those of one kind")
    if smallest_change < 0 or not 0 < confidence < 1:
        raise InvalidSetting("smallest_change is not negative and confidence lies between 0 and 1: correct them")
