"""What a person knows better goes into every array it is about, and into no other."""

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.readers.base import Reading
from lithoscope.readers.recalibration import recalibrated
from lithoscope.units import Quantity

HEADER = Quantity(2.0, "nm", "header")
CORRECTED = Quantity(2.5, "nm", "user", 0.1, note="grating replica")


def image(name: str, step: Quantity) -> LabelledArray:
    return LabelledArray(np.zeros((3, 4)), "yx", {"y": step, "x": step}, name=name)


def test_a_corrected_pixel_size_reaches_both_axes_and_the_calibration():
    reading = Reading((image("adf", HEADER),), {"pixel_size_nm": HEADER}, {"pixel_size_nm": HEADER})
    corrected = recalibrated(reading, {"pixel_size_nm": CORRECTED})
    assert corrected.arrays[0].spacing == {"y": CORRECTED, "x": CORRECTED}
    assert corrected.calibration["pixel_size_nm"] == CORRECTED
    assert corrected.metadata["pixel_size_nm"] == HEADER
    assert reading.arrays[0].spacing["x"] == HEADER


def test_an_array_of_another_sampling_keeps_its_own():
    other = Quantity(158.0, "nm", "header")
    corrected = recalibrated(
        Reading((image("adf", HEADER), image("eds", other), image("bf", HEADER))), {"pixel_size_nm": CORRECTED}
    )
    assert [array.spacing["x"] for array in corrected.arrays] == [CORRECTED, other, CORRECTED]


def test_an_unknown_pixel_size_can_be_made_known():
    unknown = Reading((LabelledArray(np.zeros((2, 3, 3)), "tyx", kind="tilt_series"),))
    corrected = recalibrated(unknown, {"pixel_size_nm": CORRECTED})
    assert set(corrected.arrays[0].spacing) == {"y", "x"}


def test_an_energy_axis_keeps_its_first_channel():
    step = Quantity(1.0, "eV", "header")
    spectra = LabelledArray(
        np.zeros((1, 1, 4)), "yxe", {"e": step}, coordinates={"e": 600 + np.arange(4.0)}, kind="spectra"
    )
    corrected = recalibrated(Reading((spectra,)), {"energy_step_eV": Quantity(0.5, "eV", "user")})
    assert corrected.arrays[0].coordinates["e"] == pytest.approx([600, 600.5, 601, 601.5])
