"""Records that cannot both be true."""

import pytest

from lithoscope.rules.custody import Happening
from lithoscope.rules.custody_conflicts import contradicting_place, outlives_disposal
from tests.lithoscope.rules.happened import event

IN_BOX = event("storage", 8, 20, place="glovebox")


@pytest.mark.parametrize(
    "new",
    [
        event("storage", 10, 12, place="FIB"),
        event("storage", 19, 30, place="FIB"),
        event("fib_milling", 7, 9, place="FIB"),
        event("mounting", 12, place="TEM"),
    ],
    ids=lambda new: new.id,
)
def test_two_places_at_one_time_contradict_each_other(new: Happening) -> None:
    assert contradicting_place(new, [IN_BOX]) == IN_BOX
    assert contradicting_place(IN_BOX, [new]) == new


@pytest.mark.parametrize(
    "new",
    [
        event("storage", 20, 30, place="FIB"),
        event("storage", 0, 8, place="FIB"),
        event("storage", 19.99, 30, place="FIB"),
        event("storage", 10, 12, place="Glovebox"),
        event("storage", 10, 12),
        event("transfer", 10, 12, place="corridor", method="glovebag"),
        event("note", 12, place="office", note="n"),
        event("storage", 6, place="FIB"),
        event("mounting", 20.01, place="TEM"),
        event("mounting", 7, place="TEM"),
    ],
    ids=lambda new: f"{new.id}-{new.place}",
)
def test_what_follows_within_clock_error_or_names_no_other_place_does_not(new: Happening) -> None:
    assert contradicting_place(new, [IN_BOX]) is None


def test_a_storage_without_end_contradicts_nothing_because_it_ends_where_the_next_begins() -> None:
    assert contradicting_place(event("storage", 10, 12, place="FIB"), [event("storage", 8, place="glovebox")]) is None


def test_nothing_but_notes_comes_after_a_disposal() -> None:
    gone = [event("disposal", 5)]
    assert outlives_disposal(event("split", 6), gone)
    assert not outlives_disposal(event("split", 4), gone)
    assert not outlives_disposal(event("note", 6, note="n"), gone)


def test_what_begins_before_a_disposal_ends_with_it_within_what_clocks_differ():
    gone = [event("disposal", 5)]
    assert outlives_disposal(event("storage", 4, 6), gone)
    assert outlives_disposal(event("exposure", 4, is_running=True), gone)
    assert not outlives_disposal(event("storage", 4, 5.03), gone)
    assert not outlives_disposal(event("storage", 4), gone)
    assert outlives_disposal(event("disposal", 5), [event("storage", 4, 6)])
    assert outlives_disposal(event("disposal", 5), [event("exposure", 4, is_running=True)])
    assert not outlives_disposal(event("disposal", 5), [event("storage", 4, 5.03)])


def test_a_disposal_does_not_come_before_what_is_recorded_after_it() -> None:
    assert outlives_disposal(event("disposal", 5), [event("split", 6)])
    assert not outlives_disposal(event("disposal", 5), [event("note", 6, note="n")])
