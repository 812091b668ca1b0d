from dataclasses import replace

import pytest

from lithoscope.rules.dose import example_exposure
from lithoscope.rules.exposure import ImpossibleExposure, RasterExposure
from lithoscope.units import Quantity


@pytest.fixture
def exposure() -> RasterExposure:
    return example_exposure()["exposure"]


def test_exposure_survives_json(exposure):
    assert RasterExposure.from_json(exposure.to_json()) == exposure
    unknown = replace(exposure, frame_pixels=None, beam_current_nA=Quantity.unknown("nA"))
    assert RasterExposure.from_json(unknown.to_json()) == unknown


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"beam_current_nA": Quantity(0.0, "nA", "header")}, "beam_current_nA"),
        ({"step_nm": Quantity(-1.0, "nm", "user")}, "step_nm"),
        ({"dwell_s": Quantity(float("nan"), "s", "user")}, "dwell_s"),
        ({"beam_current_nA": Quantity(300.0, "pA", "user")}, "nA"),
        ({"recorded_scans": 14}, "recorded_scans"),
        ({"frames": 0}, "frame"),
        ({"frame_pixels": (0, 64)}, "frame_pixels"),
    ],
)
def test_impossible_exposure_is_refused_by_name(exposure, change, named):
    with pytest.raises(ImpossibleExposure, match=named):
        replace(exposure, **change)
