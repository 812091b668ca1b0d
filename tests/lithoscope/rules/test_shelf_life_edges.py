"""Shelf-life clocks where a referee would look: air without a length, the end of the cold, cold without end."""

from lithoscope.rules.shelf_life import state_of
from tests.lithoscope.rules.happened import event, glovebox, hours
from tests.lithoscope.rules.test_shelf_life import BOXED, FOIL, OPENED, at


def test_air_of_a_length_nobody_stated_ends_a_clock_at_once() -> None:
    found = at(5, OPENED, glovebox(0, 2), event("transfer", 2, method="ambient_air"), glovebox(2))["storage"]
    assert (found.state, found.due_at, found.overdue_at) == ("overdue", hours(2), hours(2))
    assert "for a time nobody stated" in found.reason


def test_air_that_lasted_into_the_life_of_a_surface_spoils_it() -> None:
    """A foil scraped in air is not fresh."""
    history = [event("storage", 0, 2, atmosphere="air"), event("surface_renewal", 1), glovebox(2)]
    assert at(3, *history, specimen=FOIL)["surface"].state == "overdue"


def test_a_clock_runs_again_from_the_moment_the_cold_ends() -> None:
    cold = event("storage", 1, 3, atmosphere="vacuum", temperature_K=95.0)
    assert [at(now, OPENED, glovebox(0, 1), cold, glovebox(3))["storage"].is_running for now in (2, 3, 4)] == [
        False,
        True,
        True,
    ]


def test_a_sample_kept_cold_without_end_stays_as_it_is() -> None:
    cold = event("storage", 1, atmosphere="vacuum", temperature_K=95.0)
    found = at(5, OPENED, glovebox(0, 1), cold)["storage"]
    assert (found.state, found.is_final, found.due_at, found.overdue_at) == ("fresh", True, None, None)
    assert state_of(found, hours(9000)) == "fresh"
    running = at(0.5, *BOXED)["storage"]
    assert not running.is_final


def test_long_air_is_told_in_minutes() -> None:
    found = at(5, OPENED, glovebox(0, 2), event("transfer", 2, method="glovebag", air_exposure_s=2400.0))
    assert "in air for 40 min: transfer@2" in found["storage"].reason
