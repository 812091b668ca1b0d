"""What a form offers for an input, and how it writes it."""

from datetime import UTC, datetime

from app.lab.jobs.offers import Offer, Stored
from app.portal.pickers import words_of

AT = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
SERIES = {"name": "series", "title": "Tilt series", "kind": "tilt_series", "axes": "tyx", "shape": [15, 64, 64]}


def test_an_array_is_called_by_its_file_with_shape_and_sample():
    stored = Stored("ds_1", "prj_1", "smp_1", "Particle 7", AT, [SERIES], filename="a.mrc")
    assert words_of(Offer("ds_1/series", stored, SERIES)) == "a.mrc: Tilt series (15 × 64 × 64), Particle 7"


def test_a_result_is_called_by_its_method_sample_and_moment():
    stored = Stored("res_1", "prj_1", "smp_1", "Particle 7", AT, [SERIES], method="tilt_series_align")
    told = words_of(Offer("res_1/series", stored, SERIES))
    assert told.startswith("Tilt series: align")
    assert "of Particle 7, 2026-05-04 10:00 UTC: Tilt series" in told


def test_an_exposure_is_called_by_its_sample_and_mode():
    about = {"kind": "exposure", "mode": "stem_raster", "frames": 1, "name": ""}
    stored = Stored("exp_1", "prj_1", "smp_1", "Particle 7", AT, ())
    assert words_of(Offer("exp_1", stored, about)) == "Particle 7: STEM raster, 1 frame, 2026-05-04 10:00 UTC"
