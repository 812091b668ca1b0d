"""What a new event is asked before it is appended: can it be true beside the others."""

from collections.abc import Sequence

from app.errors import Conflict, Invalid
from app.lab.custody.event_types import NewEvent
from app.lab.custody.happenings import Recorded, happenings
from lithoscope.rules.custody import Happening
from lithoscope.rules.custody_conflicts import contradicting_place, disposed_at, outlives_disposal


class ContradictoryPlace(Conflict):
    """Two records have a sample in two places at one time."""

    code, title = "contradictory-place", "In two places at one time"


class AfterDisposal(Conflict):
    """Something is said to have happened to what was no more."""

    code, title = "after-disposal", "After the disposal"


def check_history(new: NewEvent, recorded: Recorded, entries: Sequence[Recorded]) -> None:
    """Refuse an event that the standing ones contradict; the one it corrects does not count."""
    others = happenings(entry for entry in entries if entry.event.id != new.supersedes_id)
    (happening,) = happenings([recorded])
    check_disposal(happening, others)
    check_place(happening, others)


def check_place(new: Happening, others: Sequence[Happening]) -> None:
    """Refuse what would have the sample in two places at one time."""
    if (conflict := contradicting_place(new, others)) is not None:
        detail = "another record has the sample in another place at that time"
        raise ContradictoryPlace(
            f"At that time {conflict.id} has it in another place: end one where the other begins, or correct one.",
            errors=[{"pointer": "/body/place", "detail": detail}],
            conflicting_id=conflict.id,
        )


def check_air(new: NewEvent) -> None:
    """Refuse more seconds in air than the transfer lasted."""
    if new.type != "transfer" or new.air_exposure_s is None or new.ended_at is None:
        return
    if new.air_exposure_s > (new.ended_at - new.occurred_at).total_seconds():
        raise Invalid.field("/body/air_exposure_s", "Longer in air than the transfer lasted: correct one of them.")


def check_disposal(new: Happening, others: Sequence[Happening]) -> None:
    """Refuse what would begin, end or still run after a disposal, and a disposal before what is on record."""
    if not outlives_disposal(new, others):
        return
    gone_at = disposed_at(others)
    if gone_at is None or new.type == "disposal":
        raise AfterDisposal(
            "A record of this sample begins, ends or still runs after that: correct the time, or that record.",
            errors=[{"pointer": "/body/occurred_at", "detail": "another record goes on after it"}],
        )
    name, detail = "occurred_at", "lies after a recorded disposal"
    if new.occurred_at <= gone_at and new.details.get("is_running"):
        name, detail = "is_running", "it cannot run after a recorded disposal"
    elif new.occurred_at <= gone_at and new.ended_at is not None:
        name, detail = "ended_at", "lies after a recorded disposal"
    raise AfterDisposal(
        "The sample is recorded as disposed of before that: correct the time, or supersede the disposal.",
        errors=[{"pointer": f"/body/{name}", "detail": detail}],
    )
