"""Small files of the scans of a tilt series, as two vendors write them, and archives of them."""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.lithoscope.readers.dm3 import write_dm3
from tests.lithoscope.readers.vendors import _add, velox_header

SIZE = (3, 4)
RANGES_EV = {"low_loss": (-30.0, 20), "core_loss": (600.0, 16)}
DISPERSION_EV = 2.0


def counts(seed: int, size: tuple[int, int] = SIZE) -> dict[str, np.ndarray]:
    """Draw what one scan holds."""
    rng = np.random.default_rng(seed)
    losses = {name: rng.poisson(5.0, (*size, n)).astype(np.uint16) for name, (_, n) in RANGES_EV.items()}
    x_rays = rng.poisson(0.3, (*size, 64)).astype(np.uint16)
    return {"dark_field": rng.poisson(50.0, size).astype(np.uint16), "x_rays": x_rays, **losses}


def velox_scan(path: Path, angle_deg: float | None, seed: int, **changes: Any) -> Path:
    """A Velox file of one tilt: dark field with its step in m, X-rays in um, two ranges without one, as Velox does."""
    given = counts(seed) | changes
    stage = {} if angle_deg is None else {"Stage": {"AlphaTilt": str(np.radians(angle_deg))}}
    header = velox_header(**stage)
    if angle_deg is None:
        del header["Stage"]
    if "live_s" in given:
        header["Detectors"]["Detector-0"] |= {"LiveTime": str(given["live_s"]), "RealTime": "2"}
    of_stream = {**header, "BinaryResult": {"Detector": "SuperX1"}}
    of_stream["BinaryResult"] |= {
        "PixelSize": {"width": "0.002", "height": "0.002"},
        "PixelUnitX": "um",
        "PixelUnitY": "um",
    }
    of_range = {key: value for key, value in header.items() if key != "BinaryResult"}
    with h5py.File(path, "w") as file:
        file["Version"] = [json.dumps({"format": "Velox", "version": "11"})]
        _add(file, "Data/Image/0", given["dark_field"][..., None], header)
        if given["x_rays"] is not None:
            pixels = given["x_rays"].reshape(-1, 64)
            stream = [value for pixel in pixels for value in (*np.repeat(np.arange(64), pixel), 65535)]
            _add(file, "Data/SpectrumStream/0", np.array(stream, np.uint16)[:, None], of_stream)
            file["Data/SpectrumStream/0/AcquisitionSettings"] = [json.dumps({"bincount": "64"})]
        for name, (first, _) in RANGES_EV.items():
            if given[name] is not None:
                _add(
                    file, f"Data/EelsSpectrumImage/{name}", np.moveaxis(given[name], -1, 0).transpose(2, 0, 1), of_range
                )
                facts = {"Data": {"dispersion": DISPERSION_EV, "offset": given.get(f"{name}_from", first)}}
                raw = np.frombuffer(json.dumps(facts).encode().ljust(500, b"\0"), np.uint8)
                file[f"Data/EelsSpectrumImage/{name}/AcquisitionMetadata"] = raw[:, None]
    return path


def dm_scans(
    folder: Path, tilt: str, seed: int, *, angle_deg: float | None = None, size: tuple[int, int] = SIZE
) -> list[Path]:
    """DigitalMicrograph files of one tilt, one a signal; spectra with their energy axis first."""
    stage = {} if angle_deg is None else {"Stage Position": {"Stage Alpha": float(angle_deg)}}
    tags = {"Microscope Info": {"Voltage": 300000.0, **stage}}
    step = (4.63, 0.0, "nm")
    written = []
    for name, values in counts(seed, size).items():
        first, width = (RANGES_EV[name][0], DISPERSION_EV) if name in RANGES_EV else (-200.0, 20.0)
        energies = (width, -first / width, "eV")
        pixels = values if values.ndim == 2 else np.ascontiguousarray(np.moveaxis(values, -1, 0))
        axes = [step, step] if values.ndim == 2 else [step, step, energies]
        written.append(write_dm3(folder / f"{name}_{tilt}.dm3", pixels, axes, tags))
    return written


def packed(path: Path, files: Iterable[Path], manifest: str | None = None, *, compression: int = 0) -> Path:
    """Pack files as they are, with a list of scans if one is given."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for file in files:
            archive.write(file, file.name)
        if manifest is not None:
            archive.writestr("series.csv", manifest)
    return path
