"""
Maps of Oxford Instruments (.h5oina): X-ray spectra, images of the detectors and the quality maps of EBSD.

Layout of the published specification; a slice is a numbered group, maps are lists of pixels line by line.
"""

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5_values import attribute_text, first_text, whole
from lithoscope.readers.header_units import angle_factor_deg, energy_factor_eV, known, step
from lithoscope.readers.limits import Limits
from lithoscope.readers.plain import plain
from lithoscope.units import Quantity

_MAKER = "Oxford Instruments"
_TECHNIQUES = ("EDS", "Electron Image", "EBSD")
_EBSD_MAPS = ("Band Contrast", "Band Slope", "Mean Angular Deviation", "Phase")
_KV, _S, _MM = {"kV": 1.0, "V": 1e-3}, {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6}, {"mm": 1.0, "m": 1e3}


def recognises(file: h5py.File) -> bool:
    """Tell the layout by its maker and its version."""
    return "Format Version" in file and first_text(file.get("Manufacturer")).startswith(_MAKER)


def read(file: h5py.File, limits: Limits) -> Reading:
    """
    Read the first slice of an open file that the walk has passed.

    Raises
    ------
    ReaderError
        ``unreadable-file`` if it holds no map, ``too-large``.
    """
    slices = sorted((name for name in file if name.isdigit()), key=int)
    techniques = [file[slices[0]].get(each) for each in _TECHNIQUES] if slices else []
    arrays = tuple(array for group in techniques if isinstance(group, h5py.Group) for array in _arrays(group, limits))
    if not arrays:
        raise ReaderError("the file holds neither spectra nor maps: export it with its data")
    headers = [group["Header"] for group in techniques if isinstance(group, h5py.Group) and "Header" in group]
    pixel = arrays[0].spacing["x"]
    energy = {"energy_step_eV": arrays[0].spacing["e"]} if "e" in arrays[0].axes else {}
    return Reading(
        arrays=arrays,
        metadata={**_metadata(headers), "pixel_size_nm": pixel},
        calibration={"pixel_size_nm": pixel, **energy},
        original=plain({"version": first_text(file["Format Version"]), "slices": len(slices)}),
        acquired_at=next(filter(None, (first_text(each.get("Acquisition Date")) for each in headers)), ""),
        warnings=(f"The file holds {len(slices)} slices: the first was read.",) if len(slices) > 1 else (),
    )


def _arrays(group: h5py.Group, limits: Limits) -> Iterator[LabelledArray]:
    """Go through what lies on the raster that the header of a technique gives."""
    header, data = group.get("Header"), group.get("Data")
    if not isinstance(header, h5py.Group) or not isinstance(data, h5py.Group):
        return
    lengths = [_whole_number(header.get(f"{axis} Cells")) for axis in "YX"]
    spacing = {axis: _step(header, f"{axis.upper()} Step") for axis in "yx"}
    count = lengths[0] * lengths[1]
    spectra = data.get("Spectrum")
    if isinstance(spectra, h5py.Dataset) and spectra.ndim == 2 and spectra.dtype.kind in "iuf":
        _check_count(spectra, count)
        yield _of_spectra(whole(spectra, limits).reshape(*lengths, -1), spacing, header)
    for name, item in _maps(group, data):
        _check_count(item, count)
        yield LabelledArray(whole(item, limits).reshape(lengths), "yx", spacing, "counts", {}, "image", name)


def _maps(group: h5py.Group, data: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    if group.name.endswith("EBSD"):
        candidates = [(name, data.get(name)) for name in _EBSD_MAPS]
    else:
        kinds = [data.get(kind) for kind in ("SE", "BSE", "FSE")]
        candidates = [(name, each[name]) for each in kinds if isinstance(each, h5py.Group) for name in each]
    for name, item in candidates:
        if isinstance(item, h5py.Dataset) and item.ndim == 1 and item.dtype.kind in "iuf":
            yield name, item


def _check_count(stored: h5py.Dataset, count: int) -> None:
    if stored.shape[0] != count or count == 0:
        raise ReaderError(
            f"{stored.name} has {stored.shape[0]} pixels and its header says {count}: export it again",
            code="truncated-file",
        )


def _of_spectra(values: Any, spacing: dict[str, Quantity], header: h5py.Group) -> LabelledArray:
    width, start = (_number(header.get(name)) for name in ("Channel Width", "Start Channel"))
    factors = [
        energy_factor_eV(attribute_text(header.get(name), "Unit")) for name in ("Channel Width", "Start Channel")
    ]
    if width is None or start is None or None in factors:
        unknown = Quantity.unknown("eV", "Header/Channel Width or Start Channel is missing or has no unit of energy")
        return LabelledArray(values, "yxe", {**spacing, "e": unknown}, "counts", {}, "spectra", "EDS")
    channel = known(width, unit="eV", key="Header/Channel Width", factor=factors[0] or 1.0)
    places = start * (factors[1] or 1.0) + width * (factors[0] or 1.0) * np.arange(values.shape[-1], dtype=np.float64)
    return LabelledArray(values, "yxe", {**spacing, "e": channel}, "counts", {"e": places}, "spectra", "EDS")


def _step(header: h5py.Group, name: str) -> Quantity:
    return step(_number(header.get(name)), attribute_text(header.get(name), "Unit"), key=f"Header/{name}")


def _metadata(headers: list[Any]) -> dict[str, Quantity]:
    def entry(name: str, unit: str, factors: dict[str, float], *, zero_is_known: bool = False) -> Quantity:
        found = [each[name] for each in headers if name in each and _number(each[name]) is not None]
        if not found:
            return Quantity.unknown(unit, f"the file has no Header/{name}")
        factor = factors.get(attribute_text(found[0], "Unit"))
        if factor is None:
            return Quantity.unknown(unit, f"Header/{name} has no unit we know")
        return known(_number(found[0]), unit=unit, key=f"Header/{name}", factor=factor, zero_is_known=zero_is_known)

    degrees = {"rad": angle_factor_deg("rad") or 1.0, "deg": 1.0}
    return {
        "beam_energy_kV": entry("Beam Voltage", "kV", _KV),
        "beam_current_nA": Quantity.unknown("nA", "h5oina files do not hold the beam current"),
        "dwell_s": entry("Dwell Time", "s", _S),
        "exposure_s": entry("Camera Exposure Time", "s", _S),
        "magnification": entry("Magnification", "1", {"": 1.0}),
        "stage_alpha_deg": entry("Tilt Angle", "deg", degrees, zero_is_known=True),
        "working_distance_mm": entry("Working Distance", "mm", _MM),
        "temperature_K": Quantity.unknown("K", "h5oina files do not hold the specimen temperature"),
    }


def _number(item: Any) -> float | None:
    if not isinstance(item, h5py.Dataset) or item.size != 1 or item.dtype.kind not in "iuf":
        return None
    return float(np.asarray(item[...]).reshape(-1)[0])


def _whole_number(item: Any) -> int:
    value = _number(item)
    return int(value) if value is not None and 0 < value < 1 << 31 else 0
