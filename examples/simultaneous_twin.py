"""
Draw a digital twin of simultaneous ADF-EDS-EELS tomography: what is planted, what one tilt shows, and what it costs.

Run as ``python examples/simultaneous_twin.py --state 200 --out twin.png``; `--size 64` is the published field.
"""

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt

from lithoscope.numerics.tomography import project
from lithoscope.numerics.twins import (
    STATES,
    Experiment,
    ExperimentSettings,
    NcmParticle,
    TiltScan,
    planted_figures,
    small_particle,
    small_settings,
)
from lithoscope.rules.dose import raster_dose

#: Upper colour limits of the published renderings [%].
LIMITS = {
    "O": 80.0,
    "Mn": 16.7,
    "Co": 16.7,
    "Ni": 16.7,
    "Mn4+": 100.0,
    "Mn3+": 50.0,
    "Mn2+": 60.0,
    "Co3+": 100.0,
    "Co2+": 100.0,
}


def truth_maps(particle: NcmParticle) -> dict[str, np.ndarray]:
    """Return the slice through the middle of every planted map [%]; NaN outside the particle."""
    middle, inside = particle.occupancy.shape[0] // 2, particle.occupancy > 0
    volumes = np.concatenate([particle.composition, particle.mn_states, particle.co_states])
    return {
        name: np.where(inside[middle], 100 * volume[middle], np.nan)
        for name, volume in zip(LIMITS, volumes, strict=True)
    }


def recorded_maps(scan: TiltScan, settings: ExperimentSettings) -> dict[str, np.ndarray]:
    """Return plain sums over windows of what one tilt recorded [counts]."""
    x_rays, core = settings.x_rays.axis, settings.losses.core_axis
    return {
        "dark field": scan.dark_field,
        "X-rays 470-580 eV (O K, Mn Ll)": scan.x_rays[..., x_rays.window(470, 580)].sum(axis=2),
        "X-rays 600-680 eV (Mn L)": scan.x_rays[..., x_rays.window(600, 680)].sum(axis=2),
        "losses 638-648 eV (Mn L3)": scan.core_loss[..., core.window(638, 648)].sum(axis=2),
        "zero loss within 2 eV": scan.low_loss[..., settings.losses.low_axis.window(-2, 2)].sum(axis=2),
    }


def drawn(particle: NcmParticle, scan: TiltScan, settings: ExperimentSettings) -> plt.Figure:
    """Draw truth and record side by side."""
    figure, axes = plt.subplots(3, 5, figsize=(16, 9.5), layout="constrained")
    for axis, (name, values) in zip(axes.flat, truth_maps(particle).items(), strict=False):
        shown = axis.imshow(values, vmin=0, vmax=LIMITS[name], cmap="inferno")
        axis.set_title(f"planted {name} [%]", fontsize=9)
        figure.colorbar(shown, ax=axis, shrink=0.8)
    thickness = project(particle.occupancy, [scan.angle_deg])[0] * particle.voxel_nm
    last = {"planted thickness [nm]": thickness, **recorded_maps(scan, settings)}
    for axis, (name, values) in zip(axes.flat[9:], last.items(), strict=True):
        shown = axis.imshow(values, cmap="viridis")
        axis.set_title(name if "planted" in name else f"{name} [counts]", fontsize=9)
        figure.colorbar(shown, ax=axis, shrink=0.8)
    for axis in axes.flat:
        axis.set_axis_off()
    figure.suptitle(f"one slice of the truth, and one tilt of {scan.angle_deg:g} deg")
    return figure


def costs(settings: ExperimentSettings) -> str:
    """Say what dose the recorded scans give."""
    probe, scans = settings.probe, settings.stage.scans
    raster = {"beam_current_nA": probe.current_nA, "dwell_s": probe.dwell_s, "step_nm": probe.step_nm}
    in_series = sum(is_in_series for _, is_in_series in scans)
    series, delivered = (raster_dose(**raster, frames=count) for count in (in_series, len(scans)))
    return (
        f"electrons a pixel: {probe.electrons:.4g}\n"
        f"dose of a tilt: {series.per_frame_e_per_A2:.4g} e/A^2\n"
        f"dose of the series ({in_series} tilts): {series.series_e_per_A2:.4g} e/A^2\n"
        f"dose of all recorded scans ({len(scans)}): {delivered.series_e_per_A2:.4g} e/A^2"
    )


def main() -> None:
    """Make a particle, take one scan of it, draw both and print the doses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", choices=list(STATES), default="200", help="cycles that the particle went through")
    parser.add_argument(
        "--size", type=int, default=64, help="probe positions along each side; 64 is the published size"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("simultaneous_twin.png"))
    given = parser.parse_args()
    particle = small_particle(given.size, state=given.state, seed=given.seed)
    settings = small_settings(given.size, seed=given.seed)
    middle = [angle for angle, _ in settings.stage.scans].index(0.0)
    drawn(particle, Experiment(particle, settings=settings).scan(middle), settings).savefig(given.out, dpi=110)
    print(planted_figures(particle))
    print(costs(settings))
    print(f"drawn: {given.out}")


if __name__ == "__main__":
    main()
