"""Every page, the static files and the error pages, put into the application."""

import importlib
import pkgutil

from fastapi import APIRouter, FastAPI

from app.lab.doors import route
from app.portal import errors, pages, statics


def install(app: FastAPI) -> None:
    """Add the portal to the application; its pages are no part of the API's description."""
    for router in (statics.router, *routers()):
        route.add(app, router)
    errors.install(app)


def routers() -> list[APIRouter]:
    """Collect the router of every room's pages."""
    return [
        importlib.import_module(f"{pages.__name__}.{module.name}").router
        for module in pkgutil.iter_modules(pages.__path__)
    ]
