"""The facility at a glance, its disk, its health."""

from fastapi.responses import HTMLResponse

from app.portal.visit import CurrentVisit, portal_router

router = portal_router()
ADDRESSES = {
    "workers": "/queues",
    "queue": "/queues",
    "failures": "/jobs?state=failed",
    "disk": "/disk",
    "quota": "/projects/{}",
    "instrument": "/instruments/{}",
    "key": "/instruments/{}",
    "account": "/people",
    "alarm": "/alarms",
}
FULLEST = 6
INSTRUMENTS = 200


@router.get("/facility")
def show_facility(visit: CurrentVisit) -> HTMLResponse:
    """Show what needs attention, and each part of the facility in a line."""
    lab, actor = visit.lab, visit.actor
    glance = lab.attention.glance(actor)
    return visit.page(
        "facility/overview.html",
        attention=[(each, address_of(each.topic, each.object_id)) for each in glance.attention],
        queues=glance.queues,
        alive=[worker for worker in lab.queues.workers(actor) if worker.is_alive],
        disk=glance.disk,
        spaces=glance.spaces[:FULLEST],
        instruments=lab.instruments.page(actor, None, INSTRUMENTS),
        checks=glance.checks,
    )


def address_of(topic: str, object_id: str | None) -> str:
    """Return the page on which something that needs attention is seen to."""
    return ADDRESSES.get(topic, "/health").format(object_id or "")


@router.get("/disk")
def show_disk(visit: CurrentVisit) -> HTMLResponse:
    """Show how full the disk is and of what, and what each project takes of its quota."""
    lab, actor, settings = visit.lab, visit.actor, visit.lab.house.settings
    disk, kinds = lab.space.disk(actor), lab.space.kinds(actor)
    return visit.page(
        "facility/disk.html",
        disk=disk,
        kinds=kinds,
        measured_at=kinds[0].measured_at if kinds else None,
        spaces=lab.space.projects(actor),
        warned_from=settings.quota_warning_fraction,
        warned_below=settings.free_disk_warning_fraction,
    )


@router.get("/health")
def show_health(visit: CurrentVisit) -> HTMLResponse:
    """Show every part of the service as it was found just now."""
    return visit.page("facility/health.html", checks=visit.lab.health_report.checks(visit.actor))
