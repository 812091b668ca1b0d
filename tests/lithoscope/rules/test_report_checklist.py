"""The checklist asks of each material and technique what its papers ask, and names what is missing."""

from dataclasses import replace

import pytest

from lithoscope.rules.custody import Happening
from lithoscope.rules.report import Report
from lithoscope.rules.report_checklist import demands
from lithoscope.units import Quantity
from tests.lithoscope.rules.reported import history, hours, lamella, leg, report_of, sample


def states(report: Report) -> dict[str, str]:
    return {item.id: item.state for item in report.checklist}


def test_the_flawless_chain_lacks_nothing():
    assert lamella().missing == ()


def test_a_lower_bound_is_stated_as_one_and_not_missing():
    assert states(lamella())["dose_completeness"] == "lower_bound"
    whole = report_of(history(), [leg(1, start=35, seconds=1, rate=10.0)], dose_is_complete=True)
    assert states(whole)["dose_completeness"] == "stated"


@pytest.mark.parametrize(
    ("field", "item"),
    [("beam_energy", "beam_energy"), ("fluence", "dose"), ("rate", "dose_rate"), ("temperature_K", "temperature")],
)
def test_an_exposure_that_does_not_state_a_field_is_named(field: str, item: str) -> None:
    known = leg(1, start=35, seconds=1, rate=10.0)
    silent = replace(leg(2, start=36, seconds=1, rate=10.0), **{field: Quantity.unknown(getattr(known, field).unit)})
    report = report_of(history(), [known, silent])
    assert [(each.item, each.record_id) for each in report.missing] == [(item, silent.exposure_id)]


def test_a_transfer_that_does_not_state_its_air_is_named():
    events = [*history(), Happening("transfer", hours(34.9), None, {"method": "ambient_air"}, id="evt_" + "f" * 32)]
    report = report_of(events, [leg(1, start=35, seconds=1, rate=10.0)])
    assert [(each.item, each.record_id, each.field) for each in report.missing] == [
        ("air_exposure", "evt_" + "f" * 32, "air_exposure_s")
    ]


def test_milling_without_currents_or_energy_is_named():
    events = [
        Happening("fib_milling", hours(1), None, {"ion_source": "Ga", "steps": [{"purpose": "rough"}]}, id="evt_1")
    ]
    found = {each.item for each in report_of(events, []).missing}
    assert {"ion_energy", "ion_currents", "milling_temperature"} <= found
    assert "ion_source" not in found


def test_a_powder_seen_by_x_rays_needs_no_ion_source_and_no_dose_rate():
    xray = replace(
        leg(1, start=1, seconds=100, rate=None),
        mode="xray",
        beam_energy=Quantity(7.0, "keV", "header"),
        fluence=Quantity(2e7, "photons/um^2", "header"),
        rate=Quantity.unknown("photons/(um^2 s)"),
    )
    report = report_of([], [xray], of=sample(material="lithium_rich_nmc"))
    assert report.missing == ()
    for item in ("ion_source", "dose_rate", "preparation", "storage", "transfer", "cell_history"):
        assert states(report)[item] == "not_demanded"


def test_a_sample_without_any_record_lacks_all_that_decides():
    found = {each.item for each in report_of([], []).missing}
    assert {
        "beam_energy",
        "dose",
        "dose_rate",
        "temperature",
        "storage",
        "transfer",
        "preparation",
        "instrument",
    } <= found


def test_a_tip_must_state_how_it_was_milled():
    tip = sample(material="nmc")
    dataset = replace(tip, id="ds_" + "1" * 32, kind="dataset", title="dataset", fields={"technique": "atom_probe"})
    found = {each.item for each in report_of([], [], of=tip, others=(dataset,)).missing}
    assert {"ion_source", "ion_energy", "ion_currents"} <= found
    assert "dose" not in found


def test_electrodeposited_lithium_must_state_its_electrolyte():
    found = {
        (each.item, each.field) for each in report_of([], [], of=sample(material="lithium_electrodeposited")).missing
    }
    assert {("cell_history", "electrolyte"), ("cell_history", "cell_history")} <= found


def test_every_demand_is_cited():
    assert all(demand.citation[:3].isdigit() for demand in demands())
