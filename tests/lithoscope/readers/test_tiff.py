"""TIFF: each dialect's scale in nm, a print resolution never taken for one, compressions that matter."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from lithoscope.readers import inspect, read
from tests.lithoscope.readers.vendors import FEI_HEADER, fei_tiff

STACK = np.arange(3 * 8 * 9, dtype=np.uint8).reshape(3, 8, 9)


def test_an_fei_header_gives_scale_current_and_dwell_in_our_units(tmp_path: Path):
    fei_tiff(tmp_path / "a.tif")
    reading = read(tmp_path / "a.tif")
    assert reading.arrays[0].spacing["x"].value == pytest.approx(4.63)
    metadata = reading.metadata
    assert metadata["beam_energy_kV"].value == 200
    assert metadata["beam_current_nA"].value == pytest.approx(0.4)
    assert metadata["dwell_s"].value == pytest.approx(5e-6)
    assert metadata["stage_alpha_deg"].value == pytest.approx(30)
    assert reading.acquired_at == "03/14/2026 03:14:15 PM"


def test_an_fei_header_of_another_year_is_read_from_the_sections_of_its_beam(tmp_path: Path):
    older = "[User]\nDate=03/14/2026\nTime=03:14:15 PM\n[Beam]\nHV=2000\nBeam=IBeam\nScan=IScan\n[IBeam]\n"
    older += "BeamCurrent=9.3e-12\nWD=0.0165\n[IScan]\nDwell=1e-06\nPixelWidth=5e-09\nPixelHeight=5e-09\n"
    older += "[Stage]\nStageT=0.9075712110370514\n[Specimen]\nTemperature=110\n"
    fei_tiff(tmp_path / "a.tif", older)
    metadata = read(tmp_path / "a.tif").metadata
    found = {name: (value.value, value.note) for name, value in metadata.items() if value.value is not None}
    assert found == {
        "beam_energy_kV": (2, "Beam.HV"),
        "beam_current_nA": (pytest.approx(9.3e-3), "IBeam.BeamCurrent"),
        "dwell_s": (1e-6, "IScan.Dwell"),
        "stage_alpha_deg": (pytest.approx(52), "Stage.StageT"),
        "temperature_K": (110, "Specimen.Temperature"),
        "working_distance_mm": (16.5, "IBeam.WD"),
        "pixel_size_nm": (pytest.approx(5), "IScan.PixelWidth"),
    }


def test_zeros_of_an_fei_header_are_unknown_and_say_which_key(tmp_path: Path):
    fei_tiff(tmp_path / "a.tif", FEI_HEADER.replace("4.63e-09", "0").replace("4e-10", "0"))
    metadata = read(tmp_path / "a.tif").metadata
    assert (metadata["pixel_size_nm"].source, metadata["beam_current_nA"].source) == ("unknown", "unknown")
    assert "Scan.PixelWidth" in metadata["pixel_size_nm"].note
    assert "EBeam.BeamCurrent" in metadata["beam_current_nA"].note


def test_an_imagej_stack_has_its_scale_in_its_own_unit(tmp_path: Path):
    metadata = {"unit": "um", "spacing": 0.1, "axes": "ZYX"}
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, resolution=(50.0, 25.0), metadata=metadata)
    (volume,) = read(tmp_path / "a.tif").arrays
    assert [volume.spacing[axis].value for axis in "zyx"] == pytest.approx([100.0, 40.0, 20.0])
    assert np.array_equal(volume.values, STACK)


def test_an_ome_stack_keeps_its_order_and_scale(tmp_path: Path):
    values = np.arange(2 * 3 * 4 * 5, dtype=np.uint16).reshape(2, 3, 4, 5)
    metadata = {"axes": "CZYX", "PhysicalSizeX": 12.0, "PhysicalSizeXUnit": "nm", "PhysicalSizeZ": 0.05}
    tifffile.imwrite(tmp_path / "a.tif", values, ome=True, metadata=metadata)
    (volume,) = read(tmp_path / "a.tif").arrays
    assert volume.axes == "czyx"
    assert np.array_equal(volume.values, values)
    assert (volume.spacing["x"].value, volume.spacing["z"].value) == (12.0, pytest.approx(50.0))
    assert volume.spacing["y"].source == "unknown"


def test_an_ome_file_never_leads_to_another(tmp_path: Path):
    tifffile.imwrite(tmp_path / "secret.tif", STACK, photometric="minisblack")
    xml = """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0"
    DimensionOrder="XYZCT" Type="uint8" SizeX="9" SizeY="8" SizeZ="3" SizeC="1" SizeT="1">
    <TiffData IFD="0" PlaneCount="3"><UUID FileName="secret.tif">urn:uuid:0</UUID></TiffData></Pixels></Image></OME>"""
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 9), np.uint8), description=xml, metadata=None)
    assert read(tmp_path / "a.tif").arrays[0].values.tolist() == np.zeros((8, 9)).tolist()


@pytest.mark.parametrize("resolution", [(72.0, 72.0), (1.0, 1.0)])
def test_a_print_resolution_is_no_pixel_size(resolution: tuple[float, float], tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, resolution=resolution, resolutionunit="INCH", photometric="minisblack")
    assert read(tmp_path / "a.tif").calibration["pixel_size_nm"].source == "unknown"


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_common_compressions_are_read(compression: str, tmp_path: Path):
    pages = [Image.fromarray(page) for page in STACK]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:], compression=compression)
    assert np.array_equal(read(tmp_path / "a.tif").arrays[0].values, STACK)


def test_bigtiff_is_inspected_like_tiff(tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, bigtiff=True, photometric="minisblack")
    assert inspect(tmp_path / "a.tif").details["pages"] == 3
    assert np.array_equal(read(tmp_path / "a.tif").arrays[0].values, STACK)
