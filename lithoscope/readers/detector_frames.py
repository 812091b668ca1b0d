"""
Frames of pixel detectors in HDF5: CXI files, and Eiger masters with their frames inside or in files sent with them.

Steps of the detector are no steps in the specimen, so that the frames have none; they stand in the calibration.
"""

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5_values import attribute_text, first_text, whole
from lithoscope.readers.header_units import known
from lithoscope.readers.limits import Limits, claimed_bytes
from lithoscope.readers.plain import plain
from lithoscope.tables import Table
from lithoscope.units import Quantity

_JOULE_PER_KEV, _NM_KEV = 1.602176634e-16, 1.2398419843320026
_NO_STEP = "the frames are patterns on a detector, whose pixel stands in the calibration"
_MOST_PLACES = 1_000_000
#: CXI is in SI throughout and writes no unit; an Eiger writes them, and where it does not, these.
_CXI = {
    "exposure": ("detector_1/count_time", "s", {"": 1.0}),
    "energy": ("source_1/energy", "keV", {"": 1 / _JOULE_PER_KEV}),
    "distance": ("detector_1/distance", "mm", {"": 1e3}),
    "x": ("detector_1/x_pixel_size", "um", {"": 1e6}),
    "y": ("detector_1/y_pixel_size", "um", {"": 1e6}),
}
_EIGER = {
    "exposure": ("detector/count_time", "s", {"": 1.0, "s": 1.0, "ms": 1e-3}),
    "energy": ("detector/detectorSpecific/photon_energy", "keV", {"": 1e-3, "eV": 1e-3, "keV": 1.0}),
    "distance": ("detector/detector_distance", "mm", {"": 1e3, "m": 1e3, "mm": 1.0}),
    "x": ("detector/x_pixel_size", "um", {"": 1e6, "m": 1e6, "um": 1.0, "mm": 1e3}),
    "y": ("detector/y_pixel_size", "um", {"": 1e6, "m": 1e6, "um": 1.0, "mm": 1e3}),
}

_WAVELENGTHS = {
    "source_1/wavelength": {"": 1e9},
    "beam/incident_wavelength": {"": 0.1, "angstrom": 0.1, "A": 0.1, "nm": 1.0, "m": 1e9},
}
_EIGER_DATE = "entry/instrument/detector/detectorSpecific/data_collection_date"


def recognises(file: h5py.File) -> bool:
    """Tell CXI by its version and an Eiger master by the group only its server writes."""
    return "cxi_version" in file or "entry/instrument/detector/detectorSpecific" in file


def read(file: h5py.File, limits: Limits) -> Reading:
    """
    Read the frames of an open file that the walk has passed, with mask and places of the scan where it has them.

    Raises
    ------
    ReaderError
        ``unreadable-file`` if there are no frames, ``too-large``.
    """
    is_cxi = "cxi_version" in file
    place = file.get("entry_1/instrument_1" if is_cxi else "entry/instrument")
    frames = list(_frames(file, is_cxi=is_cxi))
    if place is None or not frames:
        raise ReaderError("the file holds no frames of its detector: send the files of its frames with it")
    facts = {name: _fact(place, *each) for name, each in (_CXI if is_cxi else _EIGER).items()}
    warnings = ("Only the first entry was read.",) if "entry_2" in file else ()
    return Reading(
        arrays=(_stack(frames, limits), *_mask(place.get("detector_1/mask") if is_cxi else None, limits)),
        metadata=_metadata(place, facts),
        calibration={"detector_pixel_um": facts["x"], "detector_pixel_y_um": facts["y"]},
        original=plain({"format": "CXI" if is_cxi else "Eiger", "frames": [each.name for each in frames]}),
        acquired_at=first_text(file.get("entry_1/start_time" if is_cxi else _EIGER_DATE)),
        warnings=warnings,
        tables=_places(file.get("entry_1/sample_1/geometry_1/translation")) if is_cxi else {},
    )


def _frames(file: h5py.File, *, is_cxi: bool) -> Iterator[h5py.Dataset]:
    group = file.get("entry_1/instrument_1/detector_1" if is_cxi else "entry/data")
    names = ("data",) if is_cxi else sorted(group or ())
    for name in names if isinstance(group, h5py.Group) else ():
        item = group.get(name)
        if item is None:
            raise ReaderError("the file names frames that are not there: send them with it")
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf" and item.ndim in (2, 3):
            yield item


def _stack(frames: list[h5py.Dataset], limits: Limits) -> LabelledArray:
    """Put the files of one exposure behind each other, of the size and type of the first."""
    shape, dtype = frames[0].shape[-2:], frames[0].dtype
    alike = [each for each in frames if each.shape[-2:] == shape and each.dtype == dtype]
    if sum(claimed_bytes(each.shape, dtype.itemsize) for each in alike) > limits.array_bytes:
        raise ReaderError("the frames together are larger than is allowed in memory: split them", code="too-large")
    values: NDArray[Any] = np.concatenate([whole(each, limits).reshape(-1, *shape) for each in alike])
    unknown = {axis: Quantity.unknown("nm", _NO_STEP) for axis in "yx"}
    return LabelledArray(values, "zyx", unknown, "counts", {}, "stack", "frames")


def _mask(stored: Any, limits: Limits) -> tuple[LabelledArray, ...]:
    if not isinstance(stored, h5py.Dataset) or stored.ndim != 2 or stored.dtype.kind not in "iu":
        return ()
    return (LabelledArray(whole(stored, limits), "yx", {}, "1", {}, "labels", "mask"),)


def _places(stored: Any) -> dict[str, Table]:
    """Read where the specimen stood at each frame, written in metres."""
    is_list = isinstance(stored, h5py.Dataset) and stored.dtype.kind == "f" and stored.ndim == 2
    if not is_list or stored.shape[1] != 3 or stored.shape[0] > _MOST_PLACES:
        return {}
    places = np.asarray(stored[...], np.float64) * 1e9
    if not np.isfinite(places).all():
        return {}
    columns = {f"{axis}_nm": places[:, i].tolist() for i, axis in enumerate("xyz")}
    return {"translations": Table(columns, dict.fromkeys(columns, "nm"))}


def _fact(place: Any, path: str, unit: str, factors: dict[str, float]) -> Quantity:
    item = place.get(path)
    if not isinstance(item, h5py.Dataset) or item.size != 1 or item.dtype.kind not in "iuf":
        return Quantity.unknown(unit, f"the file has no {path}")
    factor = factors.get(attribute_text(item, "units"))
    if factor is None:
        return Quantity.unknown(unit, f"{path} has no unit we know")
    return known(np.asarray(item[()]).item(), unit=unit, key=path, factor=factor)


def _metadata(place: Any, facts: dict[str, Quantity]) -> dict[str, Quantity]:
    energy = facts["energy"]
    for path, factors in _WAVELENGTHS.items():
        length = _fact(place, path, "nm", factors)
        if energy.value is None and length.value is not None:
            energy = Quantity(_NM_KEV / length.value, "keV", "header", note=path)
    nothing = "a file of X-ray frames does not hold it"
    return {
        "photon_energy_keV": energy,
        "exposure_s": facts["exposure"],
        "camera_length_mm": facts["distance"],
        "beam_energy_kV": Quantity.unknown("kV", nothing),
        "beam_current_nA": Quantity.unknown("nA", nothing),
        "dwell_s": Quantity.unknown("s", nothing),
        "magnification": Quantity.unknown("1", nothing),
        "stage_alpha_deg": Quantity.unknown("deg", nothing),
        "temperature_K": Quantity.unknown("K", nothing),
        "pixel_size_nm": Quantity.unknown("nm", _NO_STEP),
    }
