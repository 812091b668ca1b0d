"""What every page of a sample shows above its own: name, project, parent, rights, its other pages."""

from typing import Any

from app.infra.db.models import Sample
from app.lab.access import Action, allow
from app.portal.visit import Visit

ROOMS = (
    ("", "History"),
    ("/dose", "Dose and regions"),
    ("/series", "Series"),
    ("/compliance", "Compliance"),
    ("/report", "Report"),
)


def head(visit: Visit, sample: Sample, here: str = "") -> dict[str, Any]:
    """Return what the head of a sample's page needs; ``here`` is the end of the present page's address."""
    lab, actor = visit.lab, visit.actor
    return {
        "sample": sample,
        "project": lab.projects.get(actor, sample.project_id),
        "parent": lab.samples.get(actor, sample.parent_id) if sample.parent_id else None,
        "may_record": allow(actor, Action.RECORD, sample.project_id),
        "may_upload": allow(actor, Action.UPLOAD, sample.project_id),
        "may_share": allow(actor, Action.RUN, sample.project_id),
        "rooms_of_sample": ROOMS,
        "here_of_sample": here,
    }
