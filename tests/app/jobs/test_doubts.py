"""What is doubtful about a dataset stands with its results until a method settles it."""

import pytest

from app.lab.jobs.doubts import (
    AXIS_ELSEWHERE,
    AXIS_UNKNOWN,
    PIXEL_UNKNOWN,
    doubts_about,
    doubts_of_dataset,
    doubts_of_result,
    warnings_before,
)
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


def test_pixels_of_unknown_size_are_doubtful_and_known_ones_are_not():
    steps = {"x": {"value": None, "unit": "nm", "source": "unknown"}}
    axis = {"tilt_axis_deg": {"value": 0.0, "source": "user"}}
    (doubt,) = doubts_of_dataset({**SERIES, "spacing": steps}, axis)
    assert doubt.startswith(f"{PIXEL_UNKNOWN}: ")
    known = {"x": {"value": 1.5, "unit": "nm", "source": "header"}}
    assert doubts_of_dataset({**SERIES, "spacing": known}, axis) == ()


def test_a_warning_names_what_settles_it_and_is_given_once_where_a_volume_presumes_it():
    methods = catalogue()
    (doubt,) = doubts_of_dataset(SERIES, {})
    given = [("ds_1/haadf", "tilt_series", doubt)] * 2
    (warning,) = warnings_before(methods["tomogram_sirt"].presumes, given, methods)
    assert (warning.code, warning.reference, warning.remedies) == (AXIS_UNKNOWN, "ds_1/haadf", ("tilt_series_turn",))
    assert "'haadf'" in warning.detail
    for name in ("tilt_series_background", "tilt_axis_search", "tilt_series_turn"):
        assert warnings_before(methods[name].presumes, given, methods) == ()
