"""Counts of requests for Prometheus, by route template: an address never becomes a label."""

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import Scope

LATENCY_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0)


class Metrics:
    """What one process counts; gauges of the database are set when they are asked for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("lithoscope_requests_total", "Requests answered", labels, registry=self.registry)
        self._latency = Histogram(
            "lithoscope_request_seconds",
            "Time to the last byte of an answer [s]",
            ("method", "route"),
            buckets=LATENCY_S,
            registry=self.registry,
        )
        self.jobs = Gauge("lithoscope_jobs", "Jobs by state", ("state",), registry=self.registry)
        self.uploads = Gauge("lithoscope_uploads", "Uploads by state", ("state",), registry=self.registry)
        self.datasets = Gauge("lithoscope_datasets", "Datasets by state", ("state",), registry=self.registry)
        self.disk_free = Gauge("lithoscope_disk_free_bytes", "Bytes free below the data folder", registry=self.registry)
        self.disk_total = Gauge("lithoscope_disk_bytes", "Bytes of the data folder's disk", registry=self.registry)

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer."""
        route = _template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(method, route).observe(seconds)


def _template(scope: Scope) -> str:
    """Return the route's path with names for ids."""
    return getattr(scope.get("route"), "path", None) or "unmatched"


_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def install(app: FastAPI) -> None:
    """Give the application its counts."""
    app.state.metrics = Metrics()
