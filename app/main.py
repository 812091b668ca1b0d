"""The application: every room's endpoints under /api/v1, the portal at the root."""

import importlib
import importlib.util
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

import app.lab
from app.infra.house import House
from app.lab.accounts.last_seen import LastSeen
from app.lab.doors import background, grants, metrics, middleware, problems, rates, reviews, route
from app.lab.doors.event_streams import OpenStreams
from app.lab.doors.openapi import describe
from app.portal import routes as portal
from app.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application for these settings (from the environment when left out)."""
    house = House(settings or Settings())

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        application.state.signing_key = house.secret("cursor").encode()
        application.state.last_seen = LastSeen(house.database)
        async with background.every(15.0, application.state.last_seen.write):
            yield
        house.queue.close()
        house.database.dispose()

    application = FastAPI(title="Lithoscope", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    application.state.house = house
    application.state.open_streams = OpenStreams()
    problems.install(application)
    metrics.install(application)
    rates.install(application, house.settings)
    reviews.install(application)
    grants.install(application, house)
    middleware.install(application, house.settings)
    for room in pkgutil.iter_modules(app.lab.__path__):
        if room.ispkg and importlib.util.find_spec(f"app.lab.{room.name}.endpoints"):
            endpoints = importlib.import_module(f"app.lab.{room.name}.endpoints")
            make_router = getattr(endpoints, "make_router", None)  # routes whose schemas follow what the house offers
            for router in (*([make_router(house)] if make_router else []), endpoints.router):
                route.add(application, router)
    portal.install(application)
    describe(application)
    return application
