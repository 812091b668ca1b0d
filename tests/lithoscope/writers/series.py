"""Small simultaneous tilt series for tests of layout, readers and ingest."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lithoscope.units import Quantity
from lithoscope.writers.tilt_series_hdf5 import Scan, SeriesFrame, write_simultaneous

ANGLES_DEG = (-40.0, 0.0, 40.0)
ENERGIES_EV = {
    "x_rays": -200 + 20.0 * np.arange(60),
    "low_loss": -30 + 0.6 * np.arange(50),
    "core_loss": 600 + 0.6 * np.arange(40),
}
STEP = Quantity(4.63, "nm", "header", note="scan")
ACQUISITION = {
    "beam_energy_kV": Quantity(300.0, "kV", "header"),
    "beam_current_nA": Quantity(0.3, "nA", "measured", 0.01),
    "dwell_s": Quantity(0.05, "s", "user"),
    "convergence_mrad": Quantity.unknown("mrad", "nobody wrote it down"),
}
FRAME = SeriesFrame(STEP, STEP, ENERGIES_EV, ACQUISITION, title="twin", acquired_at="2026-01-02T03:04:05Z")


def signals(seed: int, size: tuple[int, int] = (5, 6)) -> dict[str, np.ndarray]:
    """Draw the counts of one scan."""
    rng = np.random.default_rng(seed)
    spectra = {name: rng.poisson(3.0, (*size, len(places))).astype(np.uint16) for name, places in ENERGIES_EV.items()}
    return {"dark_field": rng.poisson(100.0, size).astype(np.uint32), **spectra}


def scans(angles_deg: tuple[float, ...] = ANGLES_DEG) -> Iterator[Scan]:
    """Give scans one by one; the one at 0 deg is repeated before and after the series."""
    yield Scan(0.0, signals(100), is_in_series=False, is_repeated=True)
    for index, angle in enumerate(angles_deg):
        yield Scan(angle, signals(index), is_repeated=angle == 0)
    yield Scan(0.0, signals(101), is_in_series=False, is_repeated=True)


def write_series(path: Path, angles_deg: tuple[float, ...] = ANGLES_DEG) -> Path:
    """Write a series in our layout."""
    write_simultaneous(path, scans(angles_deg), FRAME)
    return path
