"""
Files reach the service whole, whatever happens on the way.

A person sends 300 MB while the service is killed and starts again, while the network is away, and over a reload of the
page; folders keep their structure, and what the reader takes as one dataset becomes one upload.
"""

import hashlib
import os
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from lithoscope.client.packing import PackedFolder
from tests.journeys.portal import Visitor, founded
from tests.live import LiveService, wait_for

PIECE = 8 * 1024 * 1024
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """Start a service that reads no file: what is tested are the bytes."""
    with LiveService(tmp_path_factory.mktemp("uploads") / "data", workers=0) as running:
        yield running


@pytest.fixture(scope="module")
def facility(service: LiveService, chromium: Browser) -> Visitor:
    """Found a facility with one project and sample."""
    return founded(service, chromium, project=("SEI", "SEI of lithium"), sample=("Anode 7", "lithium_metal_foil"))


@pytest.fixture
def page(facility: Visitor) -> Iterator[Page]:
    """Open the upload page; what a test does not expect to be complained of fails it."""
    facility.complaints.clear()
    yield facility.open("/upload")
    lost = (
        "ERR_CONNECTION",
        "ERR_FAILED",
        "ERR_INTERNET",
        "ERR_EMPTY_RESPONSE",
        "ERR_SOCKET",
        "ERR_NETWORK_CHANGED",
        "status of 409",
        "status of 422",
    )
    assert [said for said in facility.complaints if not any(word in said for word in lost)] == []


def written(path: Path, mb: int) -> str:
    """Write a file of random bytes and return its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(mb):
            block = os.urandom(1_000_000)
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def datasets(facility: Visitor, text: str) -> list[dict]:
    return facility.context.request.get(f"{facility.url}/api/v1/datasets?q={text}").json()["items"]


def copied(facility: Visitor, dataset: dict, path: Path) -> str:
    """Copy a dataset's bytes as they were received and return their SHA-256."""
    cookies = {each["name"]: each["value"] for each in facility.context.cookies()}
    digest = hashlib.sha256()
    address = f"{facility.url}/api/v1/datasets/{dataset['id']}/content"
    with path.open("wb") as file, httpx.stream("GET", address, cookies=cookies, timeout=60) as answer:
        for block in answer.iter_raw():
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def stored_bytes(page: Page) -> float:
    return float(page.locator("progress").first.evaluate("bar => bar.value"))


def test_300_mb_arrive_whole_though_the_service_is_killed_and_the_network_is_cut(
    service: LiveService, facility: Visitor, page: Page, tmp_path: Path
):
    path = tmp_path / "large series.dat"
    sha256 = written(path, 300)
    offsets: list[int] = []
    page.on(
        "request",
        lambda asked: asked.method == "PATCH" and offsets.append(int(asked.headers["upload-offset"])),
    )
    page.locator("#files").set_input_files(path)
    wait_for(lambda: stored_bytes(page) > 0.2)
    service.kill()
    expect(page.get_by_text(re.compile("Trying again in"))).to_be_visible()
    shown = stored_bytes(page) * 300_000_000
    service.start()
    held = service_offset(service, facility)
    assert shown <= held + 1, "the bar shows only what the service acknowledged"
    wait_for(lambda: stored_bytes(page) > 0.6)
    page.context.set_offline(True)
    expect(page.get_by_text(re.compile("Trying again in"))).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("stored, digest verified")).to_be_visible()
    (found,) = datasets(facility, "large series")
    assert (found["size_bytes"], found["sha256"]) == (300_000_000, sha256)
    assert len(offsets) <= 300_000_000 // PIECE + 1 + 12, "what was stored is not sent again"
    assert copied(facility, found, tmp_path / "back.dat") == sha256


def service_offset(service: LiveService, facility: Visitor) -> int:
    kept = facility.page.evaluate("Object.entries(localStorage).find(([key]) => key.startsWith('tus::'))[1]")
    address = re.search(r"/api/v1/uploads/\w+", kept)
    assert address is not None
    answer = wait_for(lambda: state_of(facility, address[0]))
    return int(answer["offset_bytes"])


def state_of(facility: Visitor, address: str) -> dict | None:
    answer = facility.context.request.get(facility.url + address)
    return answer.json() if answer.ok else None


def test_an_upload_goes_on_after_the_page_was_closed(facility: Visitor, page: Page, tmp_path: Path):
    path = tmp_path / "closed.dat"
    sha256 = written(path, 40)
    page.route(
        "**/api/v1/uploads/*",
        lambda route: (
            route.abort()
            if route.request.method == "PATCH" and int(route.request.headers["upload-offset"]) >= 2 * PIECE
            else route.continue_()
        ),
    )
    page.locator("#files").set_input_files(path)
    expect(page.get_by_text(re.compile("Trying again in"))).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute("**/api/v1/uploads/*")
    page = facility.open("/upload")
    expect(page.get_by_text("16 MiB of 38.1 MiB stored")).to_be_visible()
    expect(page.get_by_text("choose the same file or folder again")).to_be_visible()
    offsets: list[str] = []
    page.on("request", lambda asked: asked.method == "PATCH" and offsets.append(asked.headers["upload-offset"]))
    page.locator("#files").set_input_files(path)
    expect(page.get_by_text("stored, digest verified")).to_be_visible()
    assert offsets[0] == str(2 * PIECE)
    (found,) = datasets(facility, "closed.dat")
    assert found["sha256"] == sha256
    expect(facility.open("/upload").locator(".transfer")).to_have_count(0)


def test_a_folder_keeps_its_structure_and_its_series_is_one_upload(facility: Visitor, page: Page, tmp_path: Path):
    root = tmp_path / "session 3"
    for place, name in (("", "overview.png"), ("grid A", "map.csv"), ("grid A/deep", "map.csv")):
        (root / place).mkdir(parents=True, exist_ok=True)
        (root / place / name).write_bytes(f"{place}/{name}".encode() * 20)
    series = root / "tilts"
    series.mkdir()
    scans = {f"core_loss_{angle}deg.dm4": os.urandom(5000) for angle in (-10, 0, 10)}
    for name, content in scans.items():
        (series / name).write_bytes(content)
    (root / ".DS_Store").write_bytes(b"litter")
    page.locator("#folder").set_input_files(root)
    expect(page.get_by_text("4 of 4 uploads done")).to_be_visible()
    expect(page.get_by_text("Left out: 1 file that the operating system keeps in folders.")).to_be_visible()
    found = {(each["attributes"].get("folder"), each["filename"]): each for each in datasets(facility, "")}
    assert {
        ("session 3", "overview.png"),
        ("session 3/grid A", "map.csv"),
        ("session 3/grid A/deep", "map.csv"),
        ("session 3/tilts", "tilts.zip"),
    } <= set(found)
    copied(facility, found["session 3/tilts", "tilts.zip"], tmp_path / "tilts.zip")
    assert unpacked(tmp_path / "tilts.zip") == scans


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_browser_packs_a_series_byte_for_byte_as_the_client_does(facility: Visitor, page: Page, tmp_path: Path):
    series = tmp_path / "run 9"
    series.mkdir()
    for index in range(3):
        (series / f"dark_field_{index:02d}.dm3").write_bytes(os.urandom(70_000 + index))
    rows = [f"{index},dark_field_{index:02d}.dm3\n" for index in range(3)]
    (series / "series.csv").write_text("angle_deg,dark_field\n" + "".join(rows))
    page.locator("#folder").set_input_files(series)
    expect(page.get_by_text("stored, digest verified")).to_be_visible()
    (found,) = datasets(facility, "run 9")
    with PackedFolder(series).open() as file:
        assert found["sha256"] == hashlib.sha256(file.read()).hexdigest()


def test_several_velox_files_are_asked_about_and_a_stack_takes_its_angles_along(page: Page, tmp_path: Path):
    folder = tmp_path / "velox"
    folder.mkdir()
    for index in range(3):
        (folder / f"scan {index}.emd").write_bytes(os.urandom(2000))
    (folder / "particle.mrc").write_bytes(os.urandom(3000))
    (folder / "particle.mrc.mdoc").write_text("PixelSpacing = 3\n")
    page.locator("#folder").set_input_files(folder)
    expect(page.get_by_text("with particle.mrc.mdoc")).to_be_visible()
    asked = page.locator(".transfer", has_text="3 Velox files in velox")
    expect(asked.get_by_text("Are they the tilts of one series")).to_be_visible()
    asked.get_by_role("button", name="3 datasets").click()
    expect(page.get_by_text("4 of 4 uploads done")).to_be_visible()


def test_files_may_be_dropped_and_known_bytes_lead_to_their_dataset(facility: Visitor, page: Page, tmp_path: Path):
    drop = """async (zone) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(3000).fill(7)], "dropped.dat", { lastModified: 1 }));
        zone.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }"""
    page.locator("#drop").evaluate(drop)
    expect(page.get_by_text("stored, digest verified")).to_be_visible()
    other = tmp_path / "another name.dat"
    other.write_bytes(struct.pack("B", 7) * 3000)
    page.locator("#files").set_input_files(other)
    expect(page.get_by_text("known already")).to_be_visible()
    (found,) = datasets(facility, "dropped")
    expect(page.locator(f'a[href="/datasets/{found["id"]}"]')).to_have_count(2)


def test_what_is_refused_says_what_to_do(page: Page, tmp_path: Path):
    empty = tmp_path / "empty.mrc"
    empty.touch()
    page.locator("#files").set_input_files(empty)
    expect(page.get_by_role("status").filter(has_text=re.compile("empty", re.I)).first).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="Leave out").click()
    expect(page.locator(".transfer")).to_have_count(0)
