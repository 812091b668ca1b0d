"""Files beside a tilt series: what they add, and how a mistake in them is named."""

from pathlib import Path

import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import read
from lithoscope.writers.mrc import write_mrc
from tests.lithoscope.writers import factories

MDOC = """PixelSpacing = 9.26
Voltage = 300
ImageFile = a.mrc

[T = SerialEM: Tilt axis angle = 85.3, binning = 1  spot = 3  camera = 0]

[ZValue = 0]
TiltAngle = -60.01
ExposureDose = 2.5
ExposureTime = 0.5
Magnification = 33000
DateTime = 14-Mar-26  15:14:15

[ZValue = 1]
TiltAngle = -20.0

[ZValue = 2]
TiltAngle = 20.0

[ZValue = 3]
TiltAngle = 60.0
"""


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """Four images whose pixel size and angles the file does not hold."""
    series = factories.tilt_series()
    write_mrc(type(series)(series.values, "tyx", kind="tilt_series"), tmp_path / "a.mrc")
    return tmp_path / "a.mrc"


def beside(stack: Path, suffix: str, text: str) -> Path:
    path = stack.with_suffix(suffix)
    path.write_text(text)
    return path


@pytest.mark.parametrize("suffix", [".rawtlt", ".tlt"])
def test_a_list_of_angles_makes_a_stack_a_tilt_series(stack: Path, suffix: str):
    reading = read(stack, companions=[beside(stack, suffix, " -60.0\n-20.5\n\n20.5\n60\n")])
    assert reading.arrays[0].kind == "tilt_series"
    assert reading.arrays[0].coordinates["t"].tolist() == [-60, -20.5, 20.5, 60]
    assert "slice_spacing_nm" not in reading.calibration


def test_an_mdoc_gives_angles_dose_pixel_size_and_tilt_axis(stack: Path):
    reading = read(stack, companions=[beside(stack, ".mdoc", MDOC)])
    assert reading.arrays[0].coordinates["t"].tolist() == [-60.01, -20, 20, 60]
    assert reading.arrays[0].spacing["x"].value == pytest.approx(0.926)
    assert reading.calibration["tilt_axis_deg"].value == 85.3
    metadata = reading.metadata
    assert (metadata["beam_energy_kV"].value, metadata["magnification"].value) == (300, 33_000)
    assert (metadata["dose_per_frame_e_per_A2"].value, metadata["dose_per_frame_e_per_A2"].unit) == (2.5, "e/A^2")
    assert metadata["dose_rate_e_per_A2_s"].value == 5.0
    assert reading.acquired_at == "14-Mar-26  15:14:15"


@pytest.mark.parametrize(
    ("suffix", "text", "where"),
    [
        (".rawtlt", "-60\nabc\n20\n60\n", "a.rawtlt, line 2, is not a number"),
        (".rawtlt", "-60\n-20\nnan\n60\n", "a.rawtlt, line 3, is not a finite number"),
        (".tlt", "-60\n-20\n20\n6000\n", "a.tlt, line 4, is no tilt angle"),
        (".rawtlt", "-60\n-20\n", "a.rawtlt lists 2 angles and the stack has 4 images"),
        (".rawtlt", "\n", "a.rawtlt lists no angle"),
        (".mdoc", "PixelSpacing = 9\nnonsense\n", "a.mdoc, line 2, is neither"),
        (".mdoc", "[ZValue = 0]\nTiltAngle = steep\n", "a.mdoc, line 2, is not a number"),
        (".mdoc", "[ZValue = 0\n", "a.mdoc, line 1, begins a section"),
        (".mdoc", "[ZValue = 0]\nTiltAngle = 1\n[ZValue = 1]\nDose = 1\n", "gives a TiltAngle for 1 of its 2"),
        (".txt", "1\n", "is none of .rawtlt"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(stack: Path, suffix: str, text: str, where: str):
    with pytest.raises(ReaderError) as refusal:
        read(stack, companions=[beside(stack, suffix, text)])
    assert refusal.value.code == "bad-companion"
    assert where in str(refusal.value)


def test_angles_beside_a_file_that_is_no_stack_are_refused(stack: Path):
    spectrum = Path(__file__).parents[2] / "data/EELS_SI.dm4"
    with pytest.raises(ReaderError, match="holds no stack"):
        read(spectrum, companions=[beside(stack, ".tlt", "1\n2\n")])
