"""A filled facility and every page of it, for tests that hold of each page."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.routing import APIRoute
from playwright.sync_api import Browser
from sqlalchemy import select
from starlette.routing import compile_path

from app.infra.clock import now
from app.infra.db.models import Instrument, Sample, Upload
from app.infra.house import House
from app.infra.ids import new_id
from app.lab.composition import Lab
from app.portal.routes import routers
from app.settings import Settings
from tests.journeys.portal import Visitor
from tests.live import LiveService, made
from tests.objects import add_records

CLI = [sys.executable, "-m", "lithoscope.client.cli"]
ELSEWHERE = {
    "/setup",  # there is an administrator
    "/things/{object_id}",  # leads to the thing's page
    "/samples/by-code/{code}",
    "/regions/{region_id}/budgets",  # a part of the region's page
    "/docs/images/{name}",
    "/audit/verification/piece",  # a part of the verification's page
    "/viewer/offers",  # a part of the viewer's page
}


@contextmanager
def filled(folder: Path) -> Iterator[tuple[LiveService, dict[str, str]]]:
    """
    Serve the demonstration's facility, with one of everything that people record besides.

    Yields
    ------
    service : LiveService
    ids : dict of str
        Of the objects besides, by the names that path parameters have.
    """
    data = folder / "data"
    subprocess.run([*CLI, "demo", "--data", str(data)], check=True, capture_output=True, timeout=280)
    house = House(Settings(data=data))
    with house.database.writing() as session:
        sample, instrument = (session.scalars(select(kind).limit(1)).one() for kind in (Sample, Instrument))
        ids = add_records(Lab(house, session), sample, instrument) | {"object_id": sample.id}
        session.add(refused := _refused_registration(sample))
        ids["upload_id"] = refused.id
    house.database.dispose()
    with LiveService(data, workers=1) as service:
        of_demo = {"run_id": _run(service), "operation_id": "recordEvent", "schema_name": "Storage"}
        yield service, ids | of_demo


def _refused_registration(sample: Sample) -> Upload:
    """Return a file on the facility's storage that could not be registered."""
    problem = {"title": "The file is not there", "detail": "No file lies at this place of the storage."}
    place = {"project_id": sample.project_id, "sample_id": sample.id, "root": "storage", "path": "2026/series.mrc"}
    told = {"filename": "series.mrc", "attributes": {}, "size_bytes": 9, "state": "failed", "problem": problem}
    return Upload(id=new_id("upl"), **place, **told, created_by="system", created_at=now(), expires_at=now())


def _run(service: LiveService) -> str:
    """Start a recipe as the demonstration's scientist."""
    told = _told(service)
    with service.client(told["scientist_token"]) as client:
        (dataset, *_) = client.get("/datasets").json()["items"]
        inputs = {"projections": dataset["id"]}
        body = {"recipe": "tilt_series_to_particle", "project_id": told["project_id"], "inputs": inputs}
        return str(made(client, "/recipe-runs", body)["id"])


def _told(service: LiveService) -> dict[str, str]:
    told: dict[str, str] = json.loads((service.folder / "demo.json").read_text())
    return told


def password_of(service: LiveService, person: str) -> str:
    """Return the password the demonstration gave to a person."""
    return _told(service)[f"{person}_password"]


def administrator(service: LiveService, chromium: Browser, **context: object) -> Visitor:
    """Sign the facility's administrator in."""
    visitor = Visitor(service.url, chromium.new_context(viewport={"width": 1280, "height": 900}, **context))  # type: ignore[arg-type]
    visitor.sign_in("administrator", password_of(service, "administrator"))
    return visitor


def routes() -> list[str]:
    """Return the paths of all pages, as they are declared."""
    found = [route for router in routers() for route in router.routes if isinstance(route, APIRoute)]
    return [route.path for route in found if "GET" in route.methods]


def pages(visitor: Visitor, ids: dict[str, str]) -> dict[str, str]:
    """
    Find an address for every page: by following links from the home page, else by the ids of the objects besides.

    Returns
    -------
    addresses : dict of str
        By the path as it is declared. Every route of the portal is here, or in `ELSEWHERE`.
    """
    patterns = {path: compile_path(path)[0] for path in sorted(routes(), key=lambda path: path.count("{"))}
    known = {path: path.format_map(_Known(ids)) for path in patterns if path not in ELSEWHERE}
    found, waiting = {"/": "/"}, ["/"]
    while waiting:
        for link in _links(visitor, waiting.pop(0)):
            path = re.split("[?#]", link)[0]
            declared = next((each for each, pattern in patterns.items() if pattern.match(path)), None)
            if declared is not None and declared not in found and declared not in ELSEWHERE:
                found[declared] = link.partition("#")[0]
                waiting.append(found[declared])
        if not waiting:
            besides = {path: address for path, address in known.items() if path not in found and "{" not in address}
            found |= besides
            waiting += besides.values()
    return found


def _links(visitor: Visitor, address: str) -> list[str]:
    visitor.open(address)
    every = "all => all.map((each) => each.getAttribute('href'))"
    links: list[str] = visitor.page.eval_on_selector_all("a[href^='/']", every)
    return links


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
