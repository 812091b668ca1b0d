"""The scans of a dataset enter the ledger once, as their file tells them."""

import re
from typing import Any

import pytest

from app.infra.db.models import Dataset
from app.infra.house import House
from lithoscope.units import Quantity
from tests.app.dose.ledger import dose_of
from tests.conftest import add_project
from tests.datasets import add_dataset

HEADER = {
    "beam_energy_kV": (300.0, "kV"),
    "beam_current_nA": (0.3, "nA"),
    "dwell_s": (0.05, "s"),
    "pixel_size_nm": (4.63, "nm"),
}
QUANTITIES = {name: Quantity(value, unit, "header").to_json() for name, (value, unit) in HEADER.items()}
PLAIN: dict[str, Any] = {"unit": "counts", "dtype": "uint16", "spacing": {}, "coordinates": {}, "slices": []}
SERIES: list[dict[str, Any]] = [
    {**PLAIN, "name": name, "title": name, "kind": kind, "axes": axes, "shape": shape, "levels": 1}
    for name, kind, axes, shape in (
        ("dark_field", "tilt_series", "tyx", [15, 64, 48]),
        ("x_rays", "spectra", "tyxe", [15, 64, 48, 4096]),
        ("repeat_dark_field", "tilt_series", "tyx", [3, 64, 48]),
    )
]
ACQUIRED = "2026-05-04T10:00:00Z"


def series_of(house: House, project: Any, sample: Any = None, **fields: Any) -> Dataset:
    stated = {"arrays": SERIES, "quantities": QUANTITIES, "acquired_at": ACQUIRED, **fields}
    return add_dataset(house, project, sample, **stated)


def recorded(who: Any, dataset: Dataset, **body: Any) -> Any:
    return who.post(f"/api/v1/datasets/{dataset.id}/exposure", json=body)


def test_a_series_with_repeated_scans_gives_the_dose_of_the_published_one(contributor, house, project, sample):
    """15 tilts and two more scans at 0 deg: 6.55e5 and 7.42e5 e/A^2, from the header."""
    answer = recorded(contributor, series_of(house, project, sample))
    assert answer.status_code == 201, answer.text
    assert answer.json()["geometry"] == {"frame_pixels": [48, 64]}
    account = dose_of(contributor, sample.id)["exposures"][0]
    assert account["series"]["value"] == pytest.approx(6.551e5, rel=1e-3)
    assert account["recorded"]["value"] == pytest.approx(7.42e5, rel=1e-3)
    assert account["series"]["source"] == "header"
    curve = contributor.get(f"/api/v1/exposures/{answer.json()['id']}/dose-curve").json()["columns"]
    assert len(curve["frame"]) == 17


def test_it_is_recorded_once(contributor, house, project, sample):
    dataset = series_of(house, project, sample)
    first, again = recorded(contributor, dataset), recorded(contributor, dataset)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_header_without_current_leaves_the_dose_unknown(contributor, house, project, sample):
    silent = Quantity.unknown("nA", "not in the header").to_json()
    recorded(contributor, series_of(house, project, sample, quantities={**QUANTITIES, "beam_current_nA": silent}))
    series = dose_of(contributor, sample.id)["exposures"][0]["series"]
    assert (series["value"], series["source"]) == (None, "unknown")


def test_a_time_without_zone_is_asked_for(contributor, house, project, sample):
    dataset = series_of(house, project, sample, acquired_at="2026-05-04T10:00:00")
    refused = recorded(contributor, dataset)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/body/occurred_at"
    given = recorded(contributor, dataset, occurred_at=ACQUIRED, recorded_scans=19)
    assert given.json()["recorded_scans"] == 19


def test_a_dataset_of_no_sample_or_of_no_scan_is_refused(contributor, house, project, sample):
    refused = recorded(contributor, series_of(house, project))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/dataset-without-sample")
    image = [{"name": "image", "kind": "image", "axes": "yx", "shape": [8, 8]}]
    refused = recorded(contributor, series_of(house, project, sample, arrays=image, quantities={}))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-a-raster")


def test_nobody_records_on_a_foreign_dataset(contributor, house):
    assert recorded(contributor, series_of(house, add_project(house, "OTHER"))).status_code == 404


def test_the_form_begins_with_what_the_file_says(contributor, house, project, sample):
    dataset = series_of(house, project, sample)
    accept = {"Accept": "text/html"}
    page = contributor.get(f"/datasets/{dataset.id}", headers=accept).text
    address = f"/samples/{sample.id}/exposures/new?dataset={dataset.id}"
    assert address in page
    form = contributor.get(address, headers=accept).text
    for name, value in (("frames", "15"), ("recorded_scans", "17"), ("beam_current_nA.value", "0.3")):
        assert re.search(f'name="{re.escape(name)}"[^>]*value="{value}"', form), name
