"""What is doubtful about a dataset stands with its results until a method settles it."""

import pytest

from app.lab.jobs.doubts import AXIS_ELSEWHERE, AXIS_UNKNOWN, doubts_about, doubts_of_dataset, doubts_of_result
from lithoscope.methods import catalogue

SERIES = {"kind": "tilt_series", "name": "haadf"}


@pytest.mark.parametrize(
    ("calibration", "codes"),
    [
        ({}, [AXIS_UNKNOWN]),
        ({"tilt_axis_deg": {"value": None, "source": "unknown"}}, [AXIS_UNKNOWN]),
        ({"tilt_axis_deg": {"value": -79.2, "source": "header"}}, [AXIS_ELSEWHERE]),
        ({"tilt_axis_deg": {"value": 0.0, "source": "user"}}, []),
        ({"tilt_axis_deg": {"value": -179.8, "source": "header"}}, []),
    ],
)
def test_a_series_whose_axis_is_not_known_to_lie_along_y_is_doubtful(calibration, codes):
    assert [doubt.partition(":")[0] for doubt in doubts_of_dataset(SERIES, calibration)] == codes


def test_an_image_has_no_tilt_axis_to_doubt():
    assert doubts_of_dataset({"kind": "image", "name": "haadf"}, {}) == ()


def test_a_doubt_is_handed_on_once_and_settled_by_turning():
    (doubt,) = doubts_of_dataset(SERIES, {})
    handed_on = doubts_of_result({"warnings": [doubt, "mask: raise dilate_px"]})
    assert handed_on == (doubt,)
    assert doubts_about(catalogue()["tomogram_sirt"], [doubt, doubt]) == [doubt]
    assert doubts_about(catalogue()["tilt_series_turn"], [doubt]) == []


def test_a_cycled_particle_that_was_its_own_reference_is_doubtful_in_all_that_follows():
    doubt = "cycled-reference: after 100 cycles the particle is not what it was made as"
    handed_on = doubts_of_result({"warnings": ["k-factors: from this particle", doubt]})
    assert doubts_about(catalogue()["particle_rock_salt"], handed_on) == [doubt]
