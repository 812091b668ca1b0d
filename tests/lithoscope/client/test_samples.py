"""A sample's state, clocks, dose, budgets and verdicts, and the facility's own questions, as a notebook asks them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lithoscope.client import ChangedMeanwhile, ClientError, Conflict, Invalid, NotFound
from lithoscope.client.facts import Clock
from lithoscope.client.sample import Sample
from lithoscope.units import Quantity
from tests.live import wait_for

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
BEAM: dict[str, Any] = {
    "mode": "tem_field",
    "beam_energy_kV": {"value": 200.0, "source": "user"},
    "dose_rate_e_per_A2_s": {"value": 100.0, "unit": "e/(A^2 s)", "source": "measured"},
    "exposure_s": {"value": 1.0, "source": "user"},
    "temperature_K": {"value": 293.15, "source": "user"},
}
SQUARE = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]


def hours(later: float) -> str:
    return (START + timedelta(hours=later)).isoformat()


@pytest.fixture(scope="module")
def lithium(service) -> Any:
    """Give a lithium deposit that was opened, carried and looked at."""
    with service.client() as client:
        sample = client.samples.create(
            "deposit", project=service.project_id, material="lithium_electrodeposited", electrolyte="Gen2"
        )
        glovebox = {"atmosphere": "argon", "o2_ppm": 0.05, "h2o_ppm": 0.05, "temperature_K": 293.15}
        sample.record_event("disassembly", hours(0), **glovebox)
        sample.record_event("storage", hours(0), ended_at=hours(4), place="glovebox 1", **glovebox)
        moved = {"method": "inert_gas_holder", "air_exposure_s": 0.0, "temperature_K": 293.15}
        sample.record_event("transfer", hours(4), **moved)
        region = sample.add_region("grain", SQUARE, phases=["LiF"])
        sample.record_exposure(occurred_at=hours(5), region_id=region.id, **BEAM)
        yield sample


def test_state_and_chain_say_where_it_was(lithium: Sample):
    state = lithium.state(START + timedelta(hours=1))
    assert (state.place, state.atmosphere, state.is_gap) == ("glovebox 1", "argon", False)
    assert state.temperature_K.value == 293.15
    assert state.at == START + timedelta(hours=1)
    assert lithium.stays()[-1].is_gap
    with pytest.raises(ClientError, match="zone"):
        lithium.state(datetime(2026, 1, 1))


def test_clocks_and_deadlines_agree(lithium: Sample, client):
    clocks = {clock.name: clock for clock in lithium.clocks()}
    assert all(isinstance(clock, Clock) for clock in clocks.values())
    found = [each for each in client.deadlines() if each.sample_id == lithium.id]
    assert found
    assert {each.clock for each in found} <= {*clocks}
    assert all(each.due_at == clocks[each.clock].due_at for each in found)


def test_dose_and_budget_count_what_was_recorded(lithium: Sample, client):
    dose = lithium.dose()
    assert dose["by_beam_energy"][0].total.value == 100.0
    assert lithium.regions[0].dose().record
    budget = lithium.budget("LiF", rate_e_per_A2_s=100.0)
    assert (budget.phase, budget.state) == ("LiF", "unknown")  # nobody answered for the beam besides
    every = ["search", "focus", "flyback", "parked"]
    lithium.record_beam(kind="operator", from_at=hours(4.9), to_at=hours(5.1), intervals=[], covers=every)
    assert lithium.budget("LiF", "grain").state in {"within", "near"}
    assert [each["kind"] for each in lithium.beam_records()] == ["operator"]
    assert [each.state for each in lithium.regions[0].follow_budget("LiF")][-1] == lithium.budget("LiF").state
    with pytest.raises(ClientError, match="has grain"):
        lithium.budget("LiF", "another")
    curve = client.dose_curve(lithium.exposures()[0]["id"])
    assert curve.record


def test_a_sample_is_changed_once_and_not_over_another_s_change(client, service):
    sample = client.samples.create("first", project=service.project_id, capacity_mAh_per_cm2=1.5)
    stale = client.samples.get(sample.id)
    sample.change(name="second")
    assert (sample.name, sample.capacity_mAh_per_cm2) == ("second", 1.5)
    assert stale.version == 1
    with pytest.raises(ChangedMeanwhile):
        stale.change(name="third")


def test_a_region_is_changed_and_retired(client, service):
    sample = client.samples.create("regions", project=service.project_id)
    region = sample.add_region("first", SQUARE)
    region.change(name="second")
    assert [each.name for each in sample.regions] == ["second"]
    region.retire()
    assert sample.regions == []


def test_protocols_judge_and_their_verdicts_are_kept(lithium: Sample, client):
    assert {"lithium_metal_tem"} <= {protocol.id for protocol in client.protocols()}
    previews = lithium.compliance()
    assert previews
    kept = lithium.evaluate(previews[0].protocol_id)
    assert kept.verdict == previews[0].verdict
    assert [each.verdict for each in lithium.evaluations()] == [kept.verdict]
    held = client.protocol(kept.protocol_id)
    assert client.protocol(held.id, held.version).title == held.title


def test_a_protocol_of_the_facility_is_added_and_retired(client):
    document = dict(client.protocol("lithium_metal_tem")["document"].record)
    own = client.add_protocol({**document, "id": "house_lithium", "title": "House rules"})
    assert own.title == "House rules"
    client.retire_protocol(own.id)
    with pytest.raises(Invalid):
        client.add_protocol({"id": "house_nothing"})


def test_limits_of_the_literature_stand_beside_those_of_the_laboratory(client):
    assert {limit.phase for limit in client.dose_limits()} >= {"LiF", "Li2CO3"}
    found = client.dose_limit("LiF", temperature_K=293.15, beam_energy_kV=200.0, rate_e_per_A2_s=100.0)
    assert found.record


def test_a_dose_and_a_chain_are_planned_and_nothing_is_kept(lithium: Sample, client):
    plan = client.plan_dose(
        phase="LiF", temperature_K=293.15, beam_energy_kV=200.0, beam_current_nA=0.01, dwell_s=1e-6, step_nm=0.1
    )
    assert isinstance(plan.dose, Quantity)
    air = {"type": "transfer", "occurred_at": hours(12), "method": "ambient_air", "air_exposure_s": 15.0}
    chain = client.plan_chain(sample_id=lithium.id, events=[air], protocol_ids=["lithium_metal_tem"])
    assert chain.state.air_exposure.value == 15.0
    assert chain.evaluations[0].verdict == "fail"
    assert lithium.state().air_exposure.value == 0.0
    with pytest.raises(Invalid):
        client.plan_chain()


def test_reports_come_as_objects_bytes_and_files(lithium: Sample, tmp_path):
    report = lithium.report()
    assert report.record
    assert b"<html" in lithium.report("html").lower()
    saved = lithium.report("pdf", tmp_path / "report.pdf")
    assert saved.read_bytes().startswith(b"%PDF")
    with pytest.raises(ClientError, match="exists"):
        lithium.report("pdf", saved)


def test_publishing_refuses_with_what_is_missing(client, service):
    bare = client.samples.create("bare", project=service.project_id)
    with pytest.raises(Conflict) as refused:
        client.publish(bare)
    assert refused.value.code == "report-incomplete"
    assert refused.value.document["missing"]
    assert bare.id not in [each.target_id for each in client.publications()]
    assert client.statistics().record


def test_everything_a_verdict_or_a_list_names_can_be_fetched_by_its_identifier(lithium: Sample, client):
    kept = lithium.evaluate("lithium_metal_tem")
    assert client.evaluation(kept.id).verdict == kept.verdict
    versions = client.protocol_versions("lithium_metal_tem")
    assert client.protocol("lithium_metal_tem").version == versions[-1].version
    region, event = lithium.add_region("window", [(0, 0), (1, 0), (1, 1)]), lithium.events()[0]
    assert (client.region(region.id).name, client.event(event["id"]).type) == ("window", event["type"])
    assert lithium.children() == []
    for find in (client.exposure, client.publication, client.titrations.calibration):
        with pytest.raises(NotFound):
            find("nothing")


def test_alarms_are_seen_and_acknowledged(lithium: Sample, client):
    alarm = wait_for(lambda: next((each for each in client.alarms() if each.sample_id == lithium.id), None))
    assert alarm.acknowledged_at is None
    assert client.acknowledge(alarm).acknowledged_at is not None


def test_the_adviser_answers_with_citations(client):
    found = client.strategy("lithium_metal_foil", "bulk_morphology")
    assert all(line.citation for each in found["items"] for line in each.advice)
    assert client.strategy("lithium_metal_foil")["questions"]


def test_webhooks_and_titrations_can_be_walked(client):
    hook = client.add_webhook("http://127.0.0.1:9/hook")
    assert [each.id for each in client.webhooks()] == [hook.id]
    client.remove_webhook(hook.id)
    assert list(client.webhooks()) == []
    assert list(client.titrations.series()) == []
    with pytest.raises(NotFound):
        client.titrations.get("tgs_" + "0" * 32)


def test_a_number_leads_back_to_the_opening_of_the_cell_and_on_again(client, service, example):
    sample = client.samples.get(str(example.sample_id))
    opened = sample.record_event("disassembly", "2020-01-01T00:00:00Z")["id"]
    sample.record_exposure(mode="stem_raster", occurred_at="2020-01-02T00:00:00Z", dataset_id=example.id)
    job = client.run("tilt_series_subset", example, step_deg=28.0).wait(progress=False)
    series = job.outputs["tilt_series"]
    found = series.provenance(voxel=(0, 3, 4))
    assert found.value.value == float(series.to_xarray()[0, 3, 4])
    assert opened in {event.id for event in found["events"]}
    assert [run.method for run in found["runs"]] == ["tilt_series_subset"]
    assert job.result.id in {each.result_id for each in client.results_after(opened)}
    with pytest.raises(ClientError, match="part of a dataset"):
        next(iter(example.arrays.values())).provenance()


def test_a_label_is_given_a_phase_and_loses_it_again(client, example):
    subset = client.run("tilt_series_subset", example, step_deg=14.0).wait(progress=False)
    volume = client.run("tomogram_fbp", subset.outputs["tilt_series"]).wait(progress=False).outputs["volume"]
    result = client.run("segment_threshold", volume).wait(progress=False).result
    given = result.label_phase("labels", 2, "Li2O")
    assert (given.phase, given.possibly_beam_made) == ("Li2O", "unknown")
    assert [(each.label, each.phase) for each in result.labels()] == [(2, "Li2O")]
    assert result.outputs["labels"].provenance(label=2).label.phase == "Li2O"
    result.label_phase("labels", 2, None)
    assert result.labels() == []
