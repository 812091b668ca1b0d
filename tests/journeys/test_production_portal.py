"""The portal on PostgreSQL, Redis and Celery workers: where it could differ from one process on SQLite."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.infra.db.models import Instrument, Sample
from app.infra.house import House
from app.lab.composition import Lab
from app.settings import Settings
from lithoscope.client import Client
from tests.journeys.crawling import Crawl
from tests.journeys.portal import PASSWORD, Visitor, founded_by_its_pages
from tests.journeys.test_production import celery_worker, served
from tests.live import LiveService, made
from tests.objects import add_records
from tests.servers import PostgresCluster, RedisServer, need

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.browser]
SERIES = Path(__file__).parents[2] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
WAIT_MS = 60_000
RELOADS = 200


@dataclass
class Facility:
    """A production facility, its administrator at a browser, and the broker that a test may stop."""

    service: LiveService
    visitor: Visitor
    redis: RedisServer


@pytest.fixture(scope="module")
def facility(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory, postgres_cluster: PostgresCluster
) -> Iterator[Facility]:
    """Found a facility on a broker of its own."""
    need("redis", RedisServer.missing())
    redis = RedisServer(tmp_path_factory.mktemp("broker"))
    redis.start()
    try:
        with served(tmp_path_factory.mktemp("service") / "data", postgres_cluster, redis) as service:
            visitor = founded_by_its_pages(
                service, chromium, project=("NMC-1", "Layered oxides"), sample=("Korn Ö7 [42]", "nmc")
            )
            yield Facility(service, visitor, redis)
            assert visitor.complaints == []
            visitor.context.close()
    finally:
        redis.stop()


def until_said(visitor: Visitor, address: str, words: str) -> Page:
    """Look at a page again and again until it says something."""
    for _ in range(RELOADS):
        page = visitor.open(address)
        if page.get_by_text(words).count():
            return page
        page.wait_for_timeout(250)
    raise TimeoutError(f"{address} never said {words!r}")


def test_health_says_what_broker_and_workers_do(facility: Facility):
    visitor = facility.visitor
    expect(visitor.open("/health").locator("main")).to_contain_text("No worker was heard")
    with celery_worker(facility.service):
        page = until_said(visitor, "/health", "Workers are there and take jobs.")
        expect(page.locator("main")).to_contain_text("PostgreSQL")
        expect(page.locator("main")).to_contain_text("The broker answers.")
        facility.redis.stop()
        page = visitor.open("/health")
        expect(page.locator("main")).to_contain_text("The broker does not answer")
        expect(page.locator("main")).to_contain_text("hear of no job until the broker answers")
        facility.redis.start()
        until_said(visitor, "/health", "Workers are there and take jobs.")
    expect(visitor.open("/health").locator("main")).to_contain_text("No worker was heard")


def test_a_job_in_a_paused_queue_says_why_it_waits_and_is_followed_to_its_end(facility: Facility):
    visitor = facility.visitor
    page = visitor.open("/samples")
    page.get_by_role("link", name="Korn Ö7 [42]").first.click()
    page.get_by_role("link", name="Upload data").click()
    page.locator("#files").set_input_files([SERIES])
    with celery_worker(facility.service):
        page.get_by_role("link", name="See the dataset").click(timeout=WAIT_MS)
        expect(page.get_by_text("17.99").first).to_be_visible(timeout=WAIT_MS)
        page.goto(f"{visitor.url}/queues")
        for queue in ("cpu-short", "cpu-long"):
            part = page.get_by_role("region", name=re.compile(queue))
            part.get_by_text("Pause it").click()
            part.get_by_label("Why, for those who wait").fill("disks are changed")
            part.get_by_role("button", name=re.compile("^Pause ")).click()
            expect(page.get_by_role("status")).to_contain_text("Queue paused")
        page.goto(f"{visitor.url}/methods/tomogram_sirt/run")
        page.get_by_label("Clean tilt series, tilt axis along y").select_option(index=1)
        page.get_by_label("Iterations").fill("3")
        page.get_by_role("button", name="Start the job").click()
        expect(page.locator("[data-paused]")).to_contain_text("disks are changed")
        other = visitor.context.new_page()
        other.goto(f"{visitor.url}/queues")
        while (again := other.get_by_role("button", name="Serve it again")).count():
            again.first.click()
            expect(other.get_by_role("status")).to_contain_text("served again")
        other.close()
        expect(page.get_by_role("link", name="See the result")).to_be_visible(timeout=WAIT_MS)


def test_samples_are_found_by_letters_of_any_alphabet_and_size(facility: Facility):
    page = facility.visitor.open("/samples?q=KORN+ö7+[42]")
    page.get_by_role("link", name="Korn Ö7 [42]").first.click()
    page.get_by_label("Tag", exact=True).fill("Für Später")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="für später").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tagged “für später”")
    expect(facility.visitor.open("/samples?tag=für+später&state=kept").locator("main")).to_contain_text("Korn Ö7")


def test_the_chain_of_the_log_holds(facility: Facility):
    page = facility.visitor.open("/audit")
    page.get_by_role("link", name="Verify the chain").click()
    expect(page.get_by_role("status")).to_contain_text("entries fit the chain", timeout=WAIT_MS)


@contextmanager
def signed_in(service: LiveService, login: str) -> Iterator[httpx.Client]:
    """Give a person's client, with the cookie of their sign-in."""
    with httpx.Client(base_url=service.url, timeout=60, follow_redirects=True) as client:
        session = made(client, "/api/v1/sessions", {"login": login, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = session["csrf_token"]
        yield client


@dataclass
class Work:
    """What the crawls meet: ids in the project of the member, and of one they must not see."""

    sample_id: str
    result_id: str
    hidden: tuple[str, ...]


@pytest.fixture(scope="module")
def work(facility: Facility) -> Work:
    """Let people work in two projects: data, a result, records of every kind; a viewer belongs to one."""
    service = facility.service
    with signed_in(service, "ada") as admin:
        own = next(each for each in listed(admin, "/samples") if each["name"] == "Korn Ö7 [42]")
        other = made(admin, "/api/v1/projects", {"code": "OTHER", "title": "Of others"})
        body = {"project_id": other["id"], "name": "Not theirs", "material": "lfp"}
        foreign = made(admin, "/api/v1/samples", body)
        for code in ("talos", "titan"):
            made(admin, "/api/v1/instruments", {"code": code, "name": code.title(), "technique": "tem"})
        made(admin, "/api/v1/users", {"login": "viewer", "display_name": "Viewer", "password": PASSWORD})
        path = f"/api/v1/projects/{own['project_id']}/members/viewer"
        admin.put(path, json={"role": "viewer"}).raise_for_status()
        token = made(admin, "/api/v1/tokens", {"name": "work", "scopes": ["data:read", "uploads:write", "jobs:run"]})
    result_id = worked(service, token["key"], own["id"])
    hidden = recorded(service, own["id"], foreign["id"])
    return Work(own["id"], result_id, (other["id"], foreign["id"], *hidden))


def listed(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/api/v1{path}").raise_for_status().json()["items"]
    return items


def worked(service: LiveService, key: str, sample_id: str) -> str:
    """Send a tilt series and reconstruct it; return the result."""
    with celery_worker(service), Client(service.url, key, progress=False) as client:
        dataset = client.upload(SERIES, sample=sample_id).wait()
        return str(client.run("tomogram_sirt", projections=dataset, iterations=2).wait().result.id)


def recorded(service: LiveService, *sample_ids: str) -> list[str]:
    """Record one of everything for each sample; return the ids of the last one's records."""
    house = House(Settings(data=service.folder, database_url=service.environment["LITHOSCOPE_DATABASE_URL"]))
    with house.database.writing() as session:
        lab = Lab(house, session)
        instruments = session.scalars(select(Instrument).order_by(Instrument.id)).all()
        for sample_id, instrument in zip(sample_ids, instruments, strict=True):
            ids = add_records(lab, session.get_one(Sample, sample_id), instrument)
    house.database.dispose()
    return [value for name, value in ids.items() if name.endswith("_id") and name != "gas_calibration_id"]


def test_every_link_a_viewer_is_shown_opens_for_them(facility: Facility, work: Work):
    with signed_in(facility.service, "viewer") as client:
        met = Crawl(client).begin("/", f"/samples/{work.sample_id}", f"/results/{work.result_id}")
    assert met.refused == []
    assert not [address for address, url in met.ends.items() if "/sign-in" in url]
    assert not [address for address in met.statuses if any(each in address for each in work.hidden)]


def test_every_link_a_reviewer_is_shown_opens_without_an_account(facility: Facility, work: Work):
    with signed_in(facility.service, "ada") as admin:
        bodies = [{"target_id": target, "purpose": "referee"} for target in (work.sample_id, work.result_id)]
        links = [made(admin, "/api/v1/review-links", body)["address"] for body in bodies]
    with httpx.Client(base_url=facility.service.url, timeout=60, follow_redirects=True) as stranger:
        met = Crawl(stranger).begin(*(urlsplit(link).path for link in links))
    assert met.refused == []
    closed = {address for address, url in met.ends.items() if "/sign-in" in url}
    assert [each for each in closed if met.shown_on[each].startswith("/review/")] == []
    assert not [address for address in met.statuses if any(each in address for each in work.hidden)]
