"""Notes and tags as pages of things show them: `annotations.html` takes what `shown` returns."""

from typing import Any

from app.lab.access import Action, allow
from app.portal.visit import Visit

NOTES = 20


def shown(visit: Visit, thing: Any) -> dict[str, Any]:
    """
    Return what the component needs.

    Parameters
    ----------
    visit : Visit
        Who looks.
    thing : Sample, Dataset or Result
        What is annotated.
    """
    return {
        "annotated": thing.id,
        "said": visit.lab.annotations.of(visit.actor, thing.id, limit=NOTES),
        "most_notes": NOTES,
        "may_annotate": allow(visit.actor, Action.RECORD, thing.project_id),
    }
