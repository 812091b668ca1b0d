"""
Every page of the portal on the embedded default among 10,000 samples and 100,000 jobs: first contentful paint.

Run as ``python -m benchmarks.bench_portal``; prints a Markdown table, the most work first. ``--share 0.01`` for a look,
``--only /samples`` for some pages, ``--data FOLDER`` to fill a folder once and measure it again and again. The paint is
that of headless Chromium, software rendering; queries are counted in this process over the same rows.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from json import dumps, loads
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute
from playwright.sync_api import BrowserContext
from sqlalchemy import event
from starlette.testclient import TestClient

from app.cli.migrating import migrate
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.doors.dependencies import LOGIN_COOKIE
from app.lab.review_links.schemas import NewReviewLink
from app.main import create_app
from app.portal.routes import routers
from app.settings import Settings
from benchmarks.portal_rows import Facility, fill, sign_in
from tests.journeys.portal import browser
from tests.live import LiveService

LOADS = 3
TARGET_MS = 500
PAINT = """() => new Promise((tell) => {
  const look = () => {
    const [found] = performance.getEntriesByName("first-contentful-paint");
    found ? tell(found.startTime) : setTimeout(look, 10);
  };
  look();
})"""
ANSWER = "performance.getEntriesByType('navigation')[0].responseEnd"
WITHOUT_SIGN_IN = {"/sign-in", "/setup"}
GUIDE = "/docs/{name}"  # the name of an array elsewhere, of a document here
KEPT_AS = {"rules": {"rule_id": "processing_rule_id"}, "series": {"series_id": "live_series_id"}}
DESCRIBED = {"operation_id": "getResult", "schema_name": "ResultOut"}
_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")


@dataclass(frozen=True)
class Page:
    """What one page took: paint of each load, answer, own work, longest query [ms]."""

    path: str
    who: str
    paints: list[float]
    answer_ms: float
    work_ms: float
    queries: int
    longest_ms: float
    longest: str

    @property
    def paint_ms(self) -> float:
        """Return the median first contentful paint."""
        return statistics.median(self.paints)


def line_of(page: Page) -> str:
    """Write a page's row of the table."""
    path = re.sub(r"_[0-9a-f]{32}|(?<=^/review/)[^/]+", lambda found: "_…" if found[0][0] == "_" else "…", page.path)
    times = f"{page.paint_ms:.0f} ms | {max(page.paints):.0f} ms | {page.answer_ms:.0f} ms | {page.work_ms:.0f} ms"
    return f"| {path} | {page.who} | {times} | {page.queries} | {page.longest_ms:.1f} ms |"


def pages(ids: dict[str, str]) -> Iterator[str]:
    """Fill the address of every page with the thing of its kind; says which parameters it knows no thing for."""
    for route in (route for router in routers() for route in router.routes):
        if not isinstance(route, APIRoute) or "GET" not in route.methods or route.path in WITHOUT_SIGN_IN:
            continue
        if route.path == GUIDE:
            yield "/docs/custody-and-dose"
            continue
        wanted = _PARAMETER.findall(route.path)
        if unknown := sorted(set(wanted) - set(ids)):
            print(f"not measured: {route.path} ({', '.join(unknown)})")
            continue
        kept_as = KEPT_AS.get(route.path.split("/")[1], {})
        yield _PARAMETER.sub(lambda found, kept_as=kept_as: ids[kept_as.get(found[1], found[1])], route.path)


@contextmanager
def facility(folder: Path, share: float) -> Iterator[tuple[House, Facility]]:
    """Fill a folder, or take it as an earlier run left it."""
    settings = Settings(data=folder, workers=0, requests_per_second=100_000)
    house, memory = House(settings), folder / "bench.json"
    folder.mkdir(parents=True, exist_ok=True)
    migrate(house.database)
    if not memory.exists():
        numbers = (max(100, int(10_000 * share)), max(1_000, int(100_000 * share)))
        made = fill(house, samples=numbers[0], events=numbers[1], share=share)
        memory.write_text(dumps({"ids": made.ids, "people": made.people}))
    found = Facility(**loads(memory.read_text()))
    yield house, replace(found, ids=found.ids | _shown(house, found.ids))
    house.database.dispose()


def _shown(house: House, ids: dict[str, str]) -> dict[str, str]:
    """Return what further pages are about; the text of a reviewer's link is kept nowhere, so each run makes one."""
    with house.database.writing() as session:
        new = NewReviewLink(target_id=ids["result_id"], purpose="measured")
        _, text = Lab(house, session).review_links.make(SYSTEM, new)
    return {"token": text, "target_id": ids["result_id"], **DESCRIBED}


@contextmanager
def counted(house: House) -> Iterator[list[tuple[float, str]]]:
    """Note every statement that runs meanwhile, with its seconds."""
    noted: list[tuple[float, str]] = []
    begun: list[float] = []

    def begin(*_: Any) -> None:
        begun.append(time.perf_counter())

    def end(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        noted.append((time.perf_counter() - begun.pop(), " ".join(statement.split())))

    engine = house.database.engine
    listeners: list[tuple[str, Callable[..., None]]] = [("before_cursor_execute", begin), ("after_cursor_execute", end)]
    for name, listener in listeners:
        event.listen(engine, name, listener)
    yield noted
    for name, listener in listeners:
        event.remove(engine, name, listener)


def work_of(client: TestClient, house: House, path: str) -> tuple[float, list[tuple[float, str]]] | None:
    """
    Ask for a page in this process, the second time measured; None where the answer is no whole page.

    Returns
    -------
    work_ms : float
        Processor time: on a machine shared with others the paint says more of them than of the page.
    noted : list of (float, str)
        Statements with their seconds.
    """
    first = client.get(path)
    if first.url.path == "/sign-in":
        raise RuntimeError(f"{path} asks for a sign-in")
    if first.status_code != 200 or "<!doctype html>" not in first.text[:200].lower():
        if first.status_code >= 400:
            print(f"{path} answers {first.status_code}", flush=True)
        return None
    with counted(house) as noted:
        begin = time.process_time()
        client.get(path)
        work_ms = (time.process_time() - begin) * 1e3
    return work_ms, noted


def painted(context: BrowserContext, address: str) -> tuple[list[float], float]:
    """Load a page some times; returns every first contentful paint and the median moment of the whole answer [ms]."""
    paints, answers = [], []
    for _ in range(LOADS):
        page = context.new_page()
        page.goto(address, wait_until="load", timeout=120_000)
        paints.append(float(page.evaluate(PAINT)))
        answers.append(float(page.evaluate(ANSWER)))
        page.close()
    return paints, statistics.median(answers)


def measure(house: House, found: Facility, only: str) -> Iterator[Page]:
    """Measure each page as an administrator, and the first pages as a member of one project."""
    paths = sorted({path for path in pages(found.ids) if path.startswith(only)})
    lists = [path for path in paths if path.count("/") == 1]
    app = create_app(house.settings)
    with (
        TestClient(app, headers={"accept": "text/html"}) as client,
        LiveService(house.settings.data, workers=0) as service,
        browser() as chromium,
    ):
        for who, asked in (("administrator", paths), ("member", lists)):
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            with house.database.writing() as session:
                cookie = sign_in(session, found.people[who])
            context.add_cookies([{"name": LOGIN_COOKIE, "value": cookie, "url": service.url}])
            client.cookies = {LOGIN_COOKIE: cookie}  # type: ignore[assignment]
            painted(context, f"{service.url}/")  # the browser has the portal's files from here on
            for path in asked:
                found_work = work_of(client, app.state.house, path)
                if found_work is None:
                    continue
                work_ms, noted = found_work
                paints, answer_ms = painted(context, service.url + path)
                seconds, longest = max(noted, default=(0.0, ""))
                yield Page(path, who, paints, answer_ms, work_ms, len(noted), seconds * 1e3, longest)
            context.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="First contentful paint of every page")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", default="/")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--statements", action="store_true", help="print the longest statement of slow pages")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as spare,
        facility(given.data or Path(spare) / "data", given.share) as (house, made),
    ):
        found = sorted(measure(house, made, given.only), key=lambda page: -page.work_ms)
    print("| page | seen by | paint, median | worst | answer complete | own work | queries | longest query |")
    print("|---|---|---|---|---|---|---|---|")
    for page in found:
        print(line_of(page))
        if given.statements and (page.paint_ms > TARGET_MS / 2 or page.longest_ms > 20):
            print(f"    {page.longest[:1500]}")
    slow = sum(page.paint_ms > TARGET_MS for page in found)
    print(f"\n{len(found)} pages, {slow} above {TARGET_MS} ms")


if __name__ == "__main__":
    main()
