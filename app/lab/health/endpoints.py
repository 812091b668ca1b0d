"""Health and metrics over HTTP, at the root."""

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.errors import NotFound
from app.lab.doors import CurrentActor, CurrentLab, catalogue, refuses, room_router
from app.lab.doors.problems import refuses_only
from app.lab.health.schemas import Alive, CheckOut, HealthReportOut, ProblemType, Ready

router = room_router("service", prefix="")


@router.get("/healthz", operation_id="getHealth", responses=refuses_only(429))
def get_health() -> Alive:
    """Say that the process answers."""
    return Alive()


@router.get("/readyz", operation_id="getReadiness", responses=refuses_only(429, 503))
def get_readiness(lab: CurrentLab) -> Ready:
    """Say whether database, store and queue do their work."""
    return Ready(checks=lab.health.readiness())


@router.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **refuses_only(429)},
)
def get_metrics(request: Request, lab: CurrentLab) -> Response:
    """Return counts for Prometheus; none of a project."""
    metrics = request.app.state.metrics
    lab.health.measure(metrics)
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/v1/health-report", operation_id="getHealthReport", responses=refuses())
def get_health_report(actor: CurrentActor, lab: CurrentLab) -> HealthReportOut:
    """Look at every part of the service, and say what was found; for managers, administrators and auditors."""
    return HealthReportOut(checks=[CheckOut.model_validate(check) for check in lab.health_report.checks(actor)])


@router.get("/problems/{code}", operation_id="getProblem", responses=refuses_only(404, 422, 429))
def get_problem(code: str) -> ProblemType:
    """Say what a problem type means."""
    problem = catalogue.known(code)
    if problem is None:
        raise NotFound
    return ProblemType(code=problem.code, status=problem.status, meaning=problem.meaning)
