"""Maps of Oxford Instruments, written as the published specification says."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import read

FACTS = {
    "X Cells": (3, ""),
    "Y Cells": (2, ""),
    "X Step": (0.5, "um"),
    "Y Step": (0.5, "um"),
    "Beam Voltage": (20.0, "kV"),
}


def oina(path: Path, **more: tuple[Any, str]) -> Path:
    with h5py.File(path, "w") as file:
        file["Manufacturer"], file["Format Version"] = ["Oxford Instruments"], ["5.0"]
        eds = {"Channel Width": (10.0, "eV"), "Start Channel": (-200.0, "eV"), "Working Distance": (8.5, "mm")}
        tilt = {"Tilt Angle": (np.radians(70), "rad"), "Magnification": (1500.0, "")}
        for technique, facts in (("EDS", {**FACTS, **eds, **more}), ("Electron Image", FACTS), ("EBSD", FACTS | tilt)):
            header = file.create_group(f"1/{technique}/Header")
            header["Acquisition Date"] = ["2026-03-14T15:09:26"]
            for name, (value, unit) in facts.items():
                header[name] = np.array([value])
                if unit:
                    header[name].attrs["Unit"] = unit
        file["1/EDS/Data/Spectrum"] = np.arange(24, dtype=np.int32).reshape(6, 4)
        file["1/Electron Image/Data/SE/Electron Image 1"] = np.arange(6, dtype=np.uint16)
        file["1/EBSD/Data/Band Contrast"] = np.arange(6, dtype=np.uint8)
    return path


def test_spectra_images_and_quality_maps_lie_on_their_raster(tmp_path: Path):
    spectra, image, contrast = read(oina(tmp_path / "a.h5oina")).arrays
    assert spectra.values[1, 0].tolist() == [12, 13, 14, 15]
    assert (spectra.axes, spectra.coordinates["e"][:2].tolist()) == ("yxe", [-200, -190])
    assert (image.name, image.values[1].tolist()) == ("Electron Image 1", [3, 4, 5])
    assert (contrast.name, contrast.spacing["x"].value) == ("Band Contrast", 500)


def test_each_setting_comes_with_its_key_and_in_our_unit(tmp_path: Path):
    reading = read(oina(tmp_path / "a.h5oina"))
    found = {name: (each.value, each.note) for name, each in reading.metadata.items() if each.value is not None}
    assert found == {
        "beam_energy_kV": (20, "Header/Beam Voltage"),
        "magnification": (1500, "Header/Magnification"),
        "stage_alpha_deg": (pytest.approx(70), "Header/Tilt Angle"),
        "working_distance_mm": (8.5, "Header/Working Distance"),
        "pixel_size_nm": (500, "Header/X Step"),
    }
    assert reading.acquired_at == "2026-03-14T15:09:26"


def test_a_setting_without_its_unit_is_unknown(tmp_path: Path):
    metadata = read(oina(tmp_path / "a.h5oina", **{"Dwell Time": (20.0, "")})).metadata
    assert (metadata["dwell_s"].source, metadata["dwell_s"].note) == (
        "unknown",
        "Header/Dwell Time has no unit we know",
    )


def test_a_map_that_does_not_fill_its_raster_is_refused(tmp_path: Path):
    with pytest.raises(ReaderError) as refusal:
        read(oina(tmp_path / "a.h5oina", **{"X Cells": (7, "")}))
    assert refusal.value.code == "truncated-file"
