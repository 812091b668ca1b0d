"""A notebook records a whole chain, publishes its report, and reads a bottle of a titration."""

import pytest

from lithoscope.client import Conflict
from tests.app.reports.chain import CHAIN, IMAGE, at
from tests.app.titrations.test_titrations import GAS_BOTTLE, WORKED_MG, area_of, calibration_of, percent_of


def test_a_complete_report_is_published_and_stays_as_it_was_frozen(client, service):
    sample = client.samples.create("Li foil lamella", project=service.project_id, material="lithium_metal_foil")
    microscope = {"code": "talos-published", "name": "Talos", "technique": "tem", "vendor": "TF", "model": "F200X"}
    instrument_id = client.connection.post("/instruments", microscope)["id"]
    for start, end, event in CHAIN:
        until = {} if end is None else {"ended_at": at(end)}
        sample.record_event(occurred_at=at(start), **{**event, **until})
    with pytest.raises(Conflict) as refused:
        client.publish(sample)
    assert refused.value.document["missing"]
    sample.record_exposure(occurred_at=at(29), instrument_id=instrument_id, **IMAGE)
    assert not [lack for item in sample.report()["checklist"] for lack in item["missing"]]
    published = client.publish(sample)
    frozen = published.report()
    assert "milled with Ar ions" in "".join(piece["text"] for piece in frozen["methods"])
    sample.record_event("note", at(40), note="seen again")
    assert client.publication(published.id).report() == frozen
    assert published.id in [each.id for each in client.publications()]


def test_a_bottle_is_read_on_a_calibration_line_with_its_interval(client):
    chromatograph = {"code": "gc-read", "name": "GC", "technique": "other"}
    instrument_id = client.connection.post("/instruments", chromatograph)["id"]
    line = client.titrations.record_calibration(**calibration_of(instrument_id))
    bottle = {**GAS_BOTTLE, "area": [area_of(percent_of(WORKED_MG), scatter) for scatter in (-10.0, 0.0, 10.0)]}
    read = client.titrations.read_calibration(line["id"], **bottle, area_cm2=1.26677)
    lithium = read["lithium"]
    assert lithium.unit == "mg"
    assert lithium.value == pytest.approx(WORKED_MG, rel=0.02)
    assert abs(lithium.value - WORKED_MG) < lithium.uncertainty
    assert read["charge_per_area"].value == pytest.approx(0.25, rel=0.02)
    assert client.titrations.calibration(line["id"])["points"] == line["points"]
    assert line["id"] in [each["id"] for each in client.titrations.calibrations()]
