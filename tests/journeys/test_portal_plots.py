"""Plots in a browser: zoomed, read out by keys, saved; spectra of regions, with lines and edges out of the tables."""

import csv
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import select

from app.infra.db.models import Job, Project, Result
from app.infra.house import House
from app.settings import Settings
from lithoscope import wording
from lithoscope.arrays import LabelledArray, Table
from lithoscope.rules.spectral_lines import spectral_lines
from lithoscope.tables import Line, Plot
from lithoscope.units import Quantity
from tests.app.results.publishing import add_job, publish
from tests.datasets import add_dataset
from tests.journeys.portal import Visitor, founded, nameless, sideways_px
from tests.live import LiveService, wait_for

pytestmark = pytest.mark.browser
NM = Quantity(2.0, "nm", "header")
ENERGIES = 400.0 + 10.0 * np.arange(64)
COUNTS = np.random.default_rng(4).poisson(5.0, (12, 16, 64)).astype(np.uint16)
DERIVED: dict[str, str] = {}  # result of a dataset with spectra, by the address of the first result
DENSE = np.linspace(5000, 8000, 301)


def fitted() -> Table:
    model = 100 * np.exp(-(((DENSE - 5898) / 60) ** 2))
    columns = {
        "energy_eV": DENSE.tolist(),
        "mean": (model + 5).tolist(),
        "mean_sd": [2.0] * 301,
        "fit": (model + 5).tolist(),
        "Mn K": model.tolist(),
    }
    lines = (
        Line("mean", "mean_sd", "mean of all pixels", "step"),
        Line("fit", title="fit"),
        Line("Mn K", title="Mn K"),
    )
    units = {name: "eV" if name == "energy_eV" else "counts" for name in columns}
    return Table(columns, units, Plot("energy_eV", lines, "Mean spectrum", "energy", "counts"))


def outputs() -> dict[str, LabelledArray | Table]:
    image = COUNTS.sum(-1).astype(np.float32)
    steps = dict.fromkeys("yx", NM)
    residual = {"step": [1.0, 2.0, 3.0, 4.0], "residual": [1.0, 0.1, 0.0, 0.001]}
    return {
        "adf": LabelledArray(image, "yx", steps, "counts", kind="image", name="adf"),
        "core_loss": LabelledArray(COUNTS, "yxe", steps, "counts", {"e": ENERGIES}, "spectra", "core_loss"),
        "spectrum": fitted(),
        "residuals": Table(residual, {"step": "1", "residual": "1"}, Plot("step", (Line("residual"),), log_y=True)),
    }


@pytest.fixture(scope="module")
def looking(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, str]]:
    place = tmp_path_factory.mktemp("service")
    with LiveService(place / "data", workers=1) as service:
        visitor = founded(service, chromium, project=("NMC-1", "Layered oxides"), sample=("NMC111", "nmc"))
        house = House(Settings(data=place / "data"))
        with house.database.writing() as session:
            project = session.scalars(select(Project)).one()
            session.expunge(project)
        job = add_job(house, project, None)
        result = publish(house, job, place, outputs())
        with house.database.writing() as session:
            record = {**session.get_one(Result, result.id).run_record, "method_version": "1", "inputs": {}}
            session.get_one(Result, result.id).run_record = record
            session.get_one(Job, job.id).result_id = result.id
        arrays = [each for each in result.outputs if each["kind"] != "table"]
        raw = add_dataset(house, project, arrays=arrays, store_key=result.store_key, filename="core.dm4")
        derived = publish(house, add_job(house, project, None, image=f"{raw.id}/adf"), place, {"map": outputs()["adf"]})
        DERIVED[f"/results/{result.id}"] = derived.id
        house.database.dispose()
        yield visitor, f"/results/{result.id}"
        visitor.context.close()


def chart(visitor: Visitor, address: str, title: str) -> Locator:
    page = visitor.open(address)
    found = page.locator("figure.chart").filter(has_text=title)
    found.scroll_into_view_if_needed()
    expect(found.locator(".plot-stage canvas")).to_be_visible()
    return found


def inked(plot: Locator) -> int:
    """Count the colours a plot is drawn in."""
    return int(
        plot.locator("canvas").evaluate("""(canvas) => {
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          return new Set(new Uint32Array(data.buffer)).size;
        }""")
    )


def test_a_fit_shows_its_components_its_uncertainty_and_the_lines_of_its_families(looking):
    visitor, address = looking
    found = chart(visitor, address, "Mean spectrum")
    expect(found.locator(".plot-legend button")).to_have_text(["mean of all pixels", "fit", "Mn K"])
    alpha = next(line for line in spectral_lines() if line.name == "Mn Kα")
    expect(found.locator(".elements .soft")).to_contain_text("Mn Kα")
    found.locator(".plot-stage").focus()
    for _ in range(round((alpha.energy_eV - 5000) / 10) // 10):
        visitor.page.keyboard.press("PageUp")
    expect(found.locator(".readout")).to_contain_text("mean of all pixels")
    expect(found.locator(".readout")).to_contain_text("± 2 counts; fit ")
    expect(found.locator(".readout")).to_contain_text(f"Mn Kα at {alpha.energy_eV:g} eV")
    before = inked(found)
    for button in found.locator(".plot-legend button").all():
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
    wait_for(lambda: inked(found) < before)
    assert nameless(visitor.page) == []
    assert visitor.complaints == []


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show_and_says_so(looking):
    visitor, address = looking
    found = chart(visitor, address, "1 point that a logarithmic axis")
    expect(found.get_by_label("Logarithmic")).to_be_checked()
    expect(found.locator(".readout")).to_contain_text("1 point that a logarithmic axis cannot show is left out.")
    found.get_by_label("Logarithmic").uncheck()
    expect(found.locator(".readout")).not_to_contain_text("left out")
    assert visitor.complaints == []


def test_keys_zoom_move_and_show_the_whole(looking):
    visitor, address = looking
    found = chart(visitor, address, "Mean spectrum")
    keys, said = visitor.page.keyboard, found.locator(".readout")
    found.locator(".plot-stage").focus()
    keys.press("Home")
    expect(said).to_contain_text("energy 5000 eV")
    keys.press("+")
    expect(found.get_by_role("button", name="Whole width")).to_be_visible()
    keys.press("End")
    expect(said).to_contain_text("energy 8000 eV")
    keys.press("0")
    expect(found.get_by_role("button", name="Whole width")).to_be_hidden()
    assert visitor.complaints == []


def test_the_numbers_and_the_picture_are_saved(looking, tmp_path):
    visitor, address = looking
    found = chart(visitor, address, "Mean spectrum")
    with visitor.page.expect_download() as numbers:
        found.get_by_role("button", name="Save the numbers as CSV").click()
    numbers.value.save_as(tmp_path / "numbers.csv")
    with (tmp_path / "numbers.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == [
        "energy [eV]",
        "mean of all pixels [counts]",
        "mean of all pixels, standard uncertainty [counts]",
        "fit [counts]",
        "Mn K [counts]",
    ]
    assert [float(row[0]) for row in rows] == DENSE.tolist()
    assert {row[2] for row in rows} == {"2"}
    with visitor.page.expect_download() as picture:
        found.get_by_role("button", name="Save the picture as PNG").click()
    picture.value.save_as(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert picture.value.suggested_filename == "Mean_spectrum.png"
    assert visitor.complaints == []


def spectra(visitor: Visitor, address: str) -> Locator:
    page = visitor.open(address)
    found = page.locator("[data-spectra]")
    found.scroll_into_view_if_needed()
    middle = COUNTS[6, 8].sum()
    expect(found.locator(".viewer-status")).to_contain_text(f"{middle} counts")
    return found


def test_a_region_is_spanned_by_keys_and_has_a_mean_spectrum(looking):
    visitor, address = looking
    found = spectra(visitor, address)
    found.get_by_label("Counts of core_loss in every pixel").focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        visitor.page.keyboard.press(key)
    expect(found.locator(".plot-legend button")).to_have_text(
        ["mean of all pixels", "chosen pixel", "mean of the region"]
    )
    mean = COUNTS[6:8, 8:11].sum(-1).mean()
    expect(found.locator(".viewer-status")).to_contain_text(
        f"Region: y 6 to 7, x 8 to 10, 6 pixels, mean {mean:.4g} counts."
    )
    found.locator(".plot-stage").focus()
    visitor.page.keyboard.press("Home")
    first = COUNTS[6:8, 8:11, 0].mean()
    expect(found.locator(".readout")).to_contain_text(f"mean of the region {first:.4g} counts")
    found.get_by_label("Counts of core_loss in every pixel").focus()
    visitor.page.keyboard.press("Escape")
    expect(found.locator(".plot-legend button")).to_have_count(2)
    assert visitor.complaints == []


def test_edges_are_marked_with_the_energies_of_the_tables(looking):
    visitor, address = looking
    found = spectra(visitor, address)
    found.get_by_text("Mark lines and edges of elements").click()
    found.get_by_role("button", name="Mn", exact=True).click()
    edges = [line for line in spectral_lines() if line.kind == "edge" and line.element == "Mn"]
    for edge in edges:
        expect(found.locator(".elements .soft")).to_contain_text(f"{edge.name} {edge.energy_eV:g} eV")
    expect(found.locator(".elements .soft")).to_contain_text("EELS Atlas")
    assert visitor.complaints == []


def test_images_of_the_same_pixels_take_the_spectra_with_them(looking):
    visitor, address = looking
    found = spectra(visitor, address)
    images = visitor.page.locator("[data-slices]")
    expect(images.locator(".viewer-status")).to_contain_text("counts")
    images.get_by_label("adf, plane xy").focus()
    visitor.page.keyboard.press("ArrowRight")
    expect(images.locator(".viewer-status")).to_contain_text("x 9")
    expect(found.locator(".viewer-status")).to_contain_text(f"x 9 (18 nm): {COUNTS[6, 9].sum()} counts")
    images.get_by_text("Region statistics").click()
    for axis, (low, high) in {"y": (2, 4), "x": (5, 9)}.items():
        images.get_by_label(f"From {axis} [voxel]").fill(str(low))
        images.get_by_label(f"To {axis} [voxel]").fill(str(high))
    images.get_by_label("To x [voxel]").press("Tab")
    mean = wording.number(float(COUNTS[2:5, 5:10].sum(-1).mean()))
    expect(found.locator(".viewer-status")).to_contain_text(
        f"Region: y 2 to 4, x 5 to 9, 15 pixels, mean {mean} counts"
    )
    expect(found.locator(".plot-legend button")).to_contain_text(["mean of the region"])
    assert visitor.complaints == []


def test_a_voxel_of_a_result_leads_to_the_pixel_of_the_raw_spectra_in_their_dataset(looking):
    visitor, address = looking
    page = visitor.open(f"/viewer?show={DERIVED[address]}/map#at=4,11&told=1")
    told = page.locator(".voxel")
    expect(told).to_contain_text("y 4, x 11 the result has the pixels of the spectra")
    told.get_by_role("link", name="core loss of core.dm4").click()
    said = page.locator("[data-spectra] .viewer-status")
    expect(said).to_contain_text(f"y 4 (8 nm), x 11 (22 nm): {COUNTS[4, 11].sum()} counts")
    page.goto(page.url.replace(":4,11", ":2-4,5-9"))
    expect(said).to_contain_text("Region: y 2 to 4, x 5 to 9, 15 pixels")
    assert visitor.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plots_stand_on_a_phone_and_follow_the_theme(looking, scheme: str):
    visitor, address = looking
    page = visitor.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 740})
    found = chart(visitor, address, "Mean spectrum")
    assert sideways_px(page) <= 0
    wait_for(lambda: inked(found) > 10)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert visitor.complaints == []
