"""Real files through the portal: a quick look by kind, metadata with source, a corrected scale, a refused file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from app.lab.access import Action
from lithoscope.client import Client
from lithoscope.readers import read
from tests.journeys.portal import PASSWORD, Visitor, founded, nameless, sideways_px
from tests.lithoscope.readers.ion_files import epos, ions
from tests.live import LiveService, wait_for

pytestmark = pytest.mark.browser
DATA = Path(__file__).parents[1] / "data"
ENDS = {"readable", "rejected"}


class Facility:
    """A service with one sample, its administrator at a browser, and files sent by a program."""

    def __init__(self, visitor: Visitor, client: Client) -> None:
        self.visitor = visitor
        self._client = client
        self._sent: dict[Path, str] = {}

    def send(self, path: Path) -> str:
        """Send a file once and return the address of its page, when it was read."""
        if path not in self._sent:
            sample = next(iter(self._client.samples))
            dataset = self._client.upload(path, sample=sample, progress=False)
            wait_for(lambda: self._client.dataset(dataset.id).record["state"] in ENDS)
            self._sent[path] = f"/datasets/{dataset.id}"
        return self._sent[path]

    def open(self, path: Path) -> Any:
        """Open the page of a file."""
        return self.visitor.open(self.send(path))


@pytest.fixture(scope="module")
def facility(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    with LiveService(tmp_path_factory.mktemp("service") / "data", workers=1) as service:
        visitor = founded(service, chromium, project=("NMC-1", "Layered oxides"), sample=("NMC111", "nmc"))
        with service.client("") as http:
            del http.headers["Authorization"]
            signed_in = http.post("/sessions", json={"login": "ada", "password": PASSWORD}).json()
            token = {"name": "sending", "scopes": [action.value for action in Action]}
            made = http.post("/tokens", json=token, headers={"X-CSRF-Token": signed_in["csrf_token"]})
        with Client(service.url, made.json()["key"], progress=False) as client:
            yield Facility(visitor, client)
        visitor.context.close()


def row(page: Any, quantity: str) -> Any:
    return page.locator("section[aria-labelledby=metadata] tr").filter(has=page.get_by_role("rowheader", name=quantity))


def test_metadata_stand_in_groups_with_unit_source_and_the_header_that_says_so(facility):
    page = facility.open(DATA / "test_TEM.bcf")
    groups = page.locator("section[aria-labelledby=metadata] h3")
    expect(groups).to_have_text(["Sample and beam", "Acquisition", "Calibration"])
    for quantity, value, source, key in (
        ("Beam energy", "200 kV", "header", "TRTESMAHeader.PrimaryEnergy"),
        ("Beam current", "unknown", "unknown", "Bruker headers do not hold the beam current"),
        ("Pixel size", "0.771 nm", "header", "TRTSEMData.DX"),
    ):
        for text in (value, source, key):
            expect(row(page, quantity)).to_contain_text(text)
    for heading in ("Administrative", "Technical"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.locator("dt:has-text('Sent by') + dd")).to_have_text("Ada Curie")
    assert nameless(page) == []
    assert facility.visitor.complaints == []


def test_a_spectrum_image_shows_the_counts_of_the_file(facility):
    page = facility.open(DATA / "test_TEM.bcf")
    counts = np.asarray(read(DATA / "test_TEM.bcf").arrays[0].values)
    found = page.locator("[data-spectra]")
    found.scroll_into_view_if_needed()
    expect(found.locator(".viewer-status")).to_contain_text(f"{counts[32, 32].sum()} counts")
    found.get_by_text("Mark lines and edges of elements").click()
    expect(found.get_by_label("What is marked")).to_have_value("x_ray_line")
    found.get_by_role("button", name="Si", exact=True).click()
    expect(found.locator(".elements .soft")).to_contain_text("Si Kα 1739.8 eV")
    assert facility.visitor.complaints == []


def test_energy_losses_offer_edges_first(facility):
    page = facility.open(DATA / "NMC_coreloss_SI_440-1054eV.dm3")
    found = page.locator("[data-spectra]")
    found.scroll_into_view_if_needed()
    found.get_by_text("Mark lines and edges of elements").click()
    expect(found.get_by_label("What is marked")).to_have_value("edge")
    for element in ("O", "Mn", "Co", "Ni"):
        found.get_by_role("button", name=element, exact=True).click()
    expect(found.locator(".elements .soft")).to_contain_text("Ni L3 855 eV")
    assert facility.visitor.complaints == []


def test_an_array_of_one_axis_is_drawn_as_a_curve(facility):
    page = facility.open(DATA / "EDS_TEM_FePt_nanoparticles.hspy")
    (array,) = (each for each in read(DATA / "EDS_TEM_FePt_nanoparticles.hspy").arrays if each.axes == "x")
    expect(page.locator("[data-array-curve] canvas")).to_be_visible()
    page.locator("[data-array-curve] .plot-stage").focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-array-curve] .readout")).to_contain_text(f"{array.values[0]}")
    assert facility.visitor.complaints == []


def test_a_list_of_events_is_counted_by_any_of_its_columns(facility, tmp_path_factory):
    events = tmp_path_factory.mktemp("events") / "events.csv"
    rng = np.random.default_rng(5)
    places = rng.normal(0, 20, (400, 2)).tolist()
    events.write_text("x [nm],depth [nm]\n" + "\n".join(f"{x:.3f},{abs(y):.3f}" for x, y in places), encoding="utf-8")
    page = facility.open(events)
    page.get_by_text("Rows, and any column against another").click()
    look = page.locator(".stack:has(> .table-quick)")
    expect(look.get_by_label("What is drawn")).to_have_value("")
    expect(look.locator("canvas")).to_be_visible()
    look.get_by_label("Against which column").select_option("depth_nm")
    look.locator(".plot-stage").focus()
    page.keyboard.press("Home")
    expect(look.locator(".readout")).to_contain_text(re.compile(r"nm: rows \d+$"))
    assert facility.visitor.complaints == []


def test_a_list_of_ions_shows_its_number_box_spectrum_and_where_they_are(facility, tmp_path_factory):
    page = facility.open(epos(tmp_path_factory.mktemp("ions") / "R31_001.epos", ions(20_000)))
    facts = page.locator("section[aria-labelledby=events]")
    expect(facts).to_contain_text("20\u202f000")
    expect(facts.locator("dt:has-text('Along z') + dd")).to_have_text("0 to 30 nm")
    spectrum = page.locator("section:has(> .head h2:text('Mass spectrum'))")
    spectrum.scroll_into_view_if_needed()
    expect(spectrum.locator("canvas")).to_be_visible()
    expect(spectrum.get_by_label("Logarithmic")).to_be_checked()
    expect(spectrum).to_contain_text("all ions in bins of 0.01 Da")
    spectrum.locator(".plot-stage").focus()
    page.keyboard.press("Home")
    expect(spectrum.locator(".readout")).to_contain_text(re.compile(r"Mass-to-charge [\d.]+ Da: .*\d"))
    where = page.locator("section[aria-labelledby=where]")
    expect(where.locator("figcaption strong")).to_have_text(
        ["Ions seen along y.", "Ions seen along z.", "Hits on the detector."]
    )
    for picture in where.locator("img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("(img) => img.naturalWidth") > 300
    voltage = page.locator("section:has(> .head h2:text('Voltage'))")
    voltage.scroll_into_view_if_needed()
    expect(voltage.locator("canvas")).to_be_visible()
    expect(voltage).to_contain_text("means of 10 ions each")
    expect(row(page, "Temperature")).to_contain_text("the .epos format has no header")
    expect(page.get_by_text("Correct a calibration value")).to_have_count(0)
    assert nameless(page) == []
    where.get_by_role("link", name="Contrast, profiles and regions").last.click()
    expect(page.locator("[data-slices]")).to_contain_text(re.compile(r"Hits on the detector \d+ counts"))
    assert facility.visitor.complaints == []


def test_a_scale_is_corrected_with_its_reason_and_the_history_keeps_both(facility):
    page = facility.open(DATA / "genfire_vesicle.mrc")
    page.get_by_role("link", name="Correct pixel size").click()
    expect(page.get_by_label("Quantity", exact=True)).to_have_value("pixel_size_nm")
    page.get_by_role("spinbutton", name="Value").fill("1.25")
    page.get_by_label("Reason", exact=True).first.fill("measured on a cross grating")
    page.get_by_role("button", name="Save the value").click()
    corrections = page.locator("table").filter(has_text="Since then")
    expect(corrections).to_contain_text("measured on a cross grating")
    expect(corrections).to_contain_text("1.25 nm")
    expect(corrections).to_contain_text("Ada Curie")
    expect(row(page, "Pixel size").first).to_contain_text("user")
    assert facility.visitor.complaints == []


def test_a_refused_file_says_what_was_refused_and_how_to_mend_it(facility, tmp_path_factory):
    broken = tmp_path_factory.mktemp("broken") / "series.mrc"
    broken.write_bytes((DATA / "genfire_vesicle.mrc").read_bytes()[:5000])
    page = facility.open(broken)
    refusal = page.locator("section[aria-labelledby=refusal]")
    expect(refusal).to_contain_text("How to mend it")
    expect(refusal.get_by_role("listitem").first).to_contain_text("copy it from the instrument again")
    expect(refusal.get_by_role("link", name="Formats this facility reads")).to_be_visible()
    refusal.get_by_role("link", name="Upload the mended file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Upload")
    assert facility.visitor.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["test_TEM.bcf", "genfire_vesicle.mrc", "EDS_TEM_FePt_nanoparticles.hspy", "Si_2000.apt"]
)
def test_on_a_phone_nothing_of_a_dataset_stands_beyond_the_edge(facility, name: str, scheme: str):
    page = facility.visitor.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 740})
    facility.open(DATA / name)
    page.mouse.wheel(0, 4000)
    expect(page.get_by_role("heading", name="Technical")).to_be_visible()
    assert sideways_px(page) <= 0
    page.set_viewport_size({"width": 1280, "height": 900})
