"""Samples, datasets and results are judged over HTTP, and a kept verdict never changes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.infra.db.models import Sample
from app.infra.house import House
from app.infra.ids import new_id
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.evaluations.schemas import EvaluationOut, NewEvaluation
from app.lab.samples.schemas import NewSample
from tests.app.results.publishing import add_job, publish
from tests.conftest import add_project, add_sample
from tests.datasets import add_dataset
from tests.lithoscope.rules.chains import Chain, cryo_transferred_004, lithium_004


@pytest.fixture
def foil(house: House, project: Any) -> str:
    with house.database.writing() as session:
        new = NewSample(project_id=project.id, name="foil", material="lithium_metal_foil")
        return Lab(house, session).samples.create(SYSTEM, new).id


def tell(who: Any, sample_id: str, chain: Chain) -> dict[str, str]:
    """Record a whole chain over HTTP; returns the ids the service gave, by those of the chain."""
    ids: dict[str, str] = {}
    for event in chain.history:
        details = {name: value for name, value in event.details.items() if name not in {"source"}}
        times = {"occurred_at": event.occurred_at.isoformat()}
        if event.ended_at is not None:
            times["ended_at"] = event.ended_at.isoformat()
        answer = who.post(f"/api/v1/samples/{sample_id}/events", json={"type": event.type, **times, **details})
        assert answer.status_code == 201, answer.text
        ids[event.id] = answer.json()["id"]
    return ids


def image(who: Any, sample_id: str, chain: Chain, **more: Any) -> str:
    """Record the image of a chain over HTTP."""
    leg = chain.legs[0]
    body = {
        "mode": "tem_field",
        "occurred_at": leg.started_at.isoformat(),
        "beam_energy_kV": {"value": 200, "source": "header"},
        "dose_rate_e_per_A2_s": {"value": 3500.0, "source": "measured", "unit": "e/(A^2 s)"},
        "exposure_s": {"value": 0.5, "source": "header"},
        "temperature_K": {"value": leg.temperature_K.value, "source": "user"},
        **more,
    }
    answer = who.post(f"/api/v1/samples/{sample_id}/exposures", json=body)
    assert answer.status_code == 201, answer.text
    exposure_id: str = answer.json()["id"]
    return exposure_id


def judge(who: Any, target_id: str, **more: Any) -> Any:
    answer = who.post("/api/v1/evaluations", json={"target_id": target_id, "protocol_id": "lithium_metal_tem", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def told(evaluation: dict[str, Any]) -> dict[str, str]:
    return {rule["rule_id"]: f"{rule['verdict']}: {rule['found']}" for rule in evaluation["rules"]}


def test_the_papers_chain_recorded_over_http_passes(contributor: Any, foil: str) -> None:
    chain = lithium_004()
    tell(contributor, foil, chain)
    image(contributor, foil, chain)
    evaluation = judge(contributor, foil)
    assert evaluation["verdict"] == "pass", told(evaluation)
    assert evaluation["protocol"]["id"] == "lithium_metal_tem"


def test_air_fails_and_names_the_event(contributor: Any, foil: str) -> None:
    chain = lithium_004().changed("evt_igst", air_exposure_s=15.0)
    ids = tell(contributor, foil, chain)
    image(contributor, foil, chain)
    evaluation = judge(contributor, foil)
    assert evaluation["verdict"] == "fail", told(evaluation)
    assert evaluation["decided_by"] == [ids["evt_igst"]]


def test_a_cryo_transfer_is_a_relaxation_and_fails_the_strict_form(contributor: Any, foil: str) -> None:
    chain = cryo_transferred_004()
    tell(contributor, foil, chain)
    image(contributor, foil, chain)
    assert judge(contributor, foil)["verdict"] == "relaxed_allowed"
    assert judge(contributor, foil, protocol_id="lithium_metal_tem_strict")["verdict"] == "fail"


def test_another_purpose_is_another_question(contributor: Any, foil: str) -> None:
    chain = lithium_004()
    tell(contributor, foil, chain)
    image(contributor, foil, chain)
    evaluation = judge(contributor, foil, purpose="sei")
    failed = {rule["rule_id"] for rule in evaluation["rules"] if rule["verdict"] == "fail"}
    assert (evaluation["verdict"], failed) == ("fail", {"dose-of-interphase"})


def test_a_kept_verdict_stays_when_the_record_and_the_protocol_change(contributor: Any, people: Any, foil: str) -> None:
    chain = cryo_transferred_004()
    tell(contributor, foil, chain)
    image(contributor, foil, chain)
    kept = judge(contributor, foil)
    document = {**kept["protocol"], "relaxations": "refused"}
    manager = people.make(facility_role="manager")
    assert manager.post("/api/v1/protocols", json={"document": document}).status_code == 201
    assert contributor.get(f"/api/v1/evaluations/{kept['id']}").json() == kept
    again = judge(contributor, foil)
    assert (again["verdict"], again["version"]) == ("fail", 2)
    assert judge(contributor, foil, protocol_version=1)["verdict"] == "relaxed_allowed"
    listed = contributor.get(f"/api/v1/evaluations?target_id={foil}").json()["items"]
    assert [(one["protocol_number"], one["verdict"]) for one in listed] == [
        (1, "relaxed_allowed"),
        (2, "fail"),
        (1, "relaxed_allowed"),
    ]


def test_a_dataset_is_judged_at_the_moment_of_its_exposure(
    house: House, contributor: Any, project: Any, foil: str
) -> None:
    chain = lithium_004()
    tell(contributor, foil, chain)
    dataset_id = add_dataset(house, project, foil).id
    image(contributor, foil, chain, dataset_id=dataset_id)
    later = {
        "type": "transfer",
        "method": "ambient_air",
        "air_exposure_s": 60,
        "occurred_at": (chain.at - timedelta(hours=1)).isoformat(),
    }
    assert contributor.post(f"/api/v1/samples/{foil}/events", json=later).status_code == 201
    assert judge(contributor, foil)["verdict"] == "fail"
    evaluation = judge(contributor, dataset_id)
    assert evaluation["verdict"] == "pass", told(evaluation)
    assert datetime.fromisoformat(evaluation["at"]) == chain.legs[0].started_at.astimezone(UTC) + timedelta(seconds=0.5)


def test_a_dataset_whose_exposure_states_no_end_is_judged_by_all_of_its_dose(
    house: House, contributor: Any, project: Any, foil: str
) -> None:
    chain = lithium_004()
    tell(contributor, foil, chain)
    dataset_id = add_dataset(house, project, foil).id
    image(contributor, foil, chain, dataset_id=dataset_id, exposure_s={"value": 5.0, "source": "header"})
    evaluation = judge(contributor, dataset_id)
    assert evaluation["verdict"] == "warned"
    assert "dose 17\u202f500 e/Å²" in told(evaluation)["dose-of-lithium"]


def test_a_dataset_whose_beam_still_runs_is_judged_by_the_beam_until_now(
    house: House, contributor: Any, project: Any, foil: str
) -> None:
    chain = lithium_004()
    tell(contributor, foil, chain)
    dataset_id = add_dataset(house, project, foil).id
    image(contributor, foil, chain, dataset_id=dataset_id, is_running=True)
    evaluation = judge(contributor, dataset_id)
    assert told(evaluation)["dose-of-lithium"].startswith("warned"), told(evaluation)


def test_a_result_is_judged_by_the_exposures_it_came_from_as_they_were_corrected(
    house: House, contributor: Any, project: Any, foil: str, tmp_path: Path
) -> None:
    chain = lithium_004()
    tell(contributor, foil, chain)
    dataset_id = add_dataset(house, project, foil).id
    first = image(contributor, foil, chain, dataset_id=dataset_id, temperature_K=None)
    with house.database.reading() as session:
        sample = session.get_one(Sample, foil)
    result = publish(house, add_job(house, project, sample, image=dataset_id), tmp_path)
    assert judge(contributor, result.id)["verdict"] == "not_recorded"
    corrected = image(contributor, foil, chain, dataset_id=dataset_id, supersedes_id=first)
    unrelated = (chain.legs[0].started_at + timedelta(days=2)).isoformat()
    image(contributor, foil, chain, occurred_at=unrelated, exposure_s=None)
    evaluation = judge(contributor, result.id)
    assert evaluation["verdict"] == "pass", told(evaluation)
    assert corrected in evaluation["decided_by"]
    assert judge(contributor, foil)["verdict"] == "fail"


def test_a_dataset_whose_exposure_nobody_recorded_says_so(
    house: House, contributor: Any, project: Any, foil: str
) -> None:
    tell(contributor, foil, lithium_004())
    evaluation = judge(contributor, add_dataset(house, project, foil).id)
    assert evaluation["verdict"] == "not_recorded"
    assert "no exposure is recorded" in evaluation["note"]


def test_beam_after_a_datasets_exposure_does_not_trouble_it(
    house: House, contributor: Any, project: Any, foil: str
) -> None:
    chain = lithium_004()
    tell(contributor, foil, chain)
    start = chain.legs[0].started_at
    dataset_id, end = add_dataset(house, project, foil).id, (start + timedelta(seconds=0.5)).isoformat()
    image(contributor, foil, chain, dataset_id=dataset_id, ended_at=end)
    log = {
        "kind": "valve_log",
        "from_at": (start - timedelta(minutes=5)).isoformat(),
        "to_at": (start + timedelta(hours=1)).isoformat(),
        "intervals": [
            {"from_at": start.isoformat(), "to_at": end},
            {
                "from_at": (start + timedelta(minutes=20)).isoformat(),
                "to_at": (start + timedelta(minutes=30)).isoformat(),
            },
        ],
    }
    answer = contributor.post(f"/api/v1/samples/{foil}/beam-records", json=log)
    assert answer.status_code == 201, answer.text

    def accounted(target_id: str) -> str:
        rules = judge(contributor, target_id, protocol_id="sei_imaging")["rules"]
        verdict: str = next(rule["verdict"] for rule in rules if rule["rule_id"] == "beam-accounted")
        return verdict

    assert accounted(foil) == "not_recorded"
    assert accounted(dataset_id) == "pass"


def test_a_dataset_of_no_sample_cannot_be_judged(house: House, contributor: Any, project: Any) -> None:
    target = {"target_id": add_dataset(house, project).id, "protocol_id": "lithium_metal_tem"}
    answer = contributor.post("/api/v1/evaluations", json=target)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/without-sample")


def test_a_preview_asks_every_protocol_of_the_material_and_keeps_nothing(contributor: Any, foil: str) -> None:
    tell(contributor, foil, lithium_004())
    previews = contributor.get(f"/api/v1/samples/{foil}/compliance").json()["items"]
    named = {one["protocol_id"] for one in previews}
    assert {"lithium_metal_tem", "lithium_metal_tem_strict", "alkali_metal_fib_sem", "sei_imaging"} <= named
    assert "battery_atom_probe" not in named
    of_sei = contributor.get(f"/api/v1/samples/{foil}/compliance?purpose=sei").json()["items"]
    assert {one["purpose"] for one in of_sei} == {"sei"}
    assert contributor.get("/api/v1/evaluations").json()["items"] == []


def test_a_preview_can_look_back(contributor: Any, foil: str) -> None:
    chain = lithium_004()
    tell(contributor, foil, chain)
    moment = (chain.history[0].occurred_at - timedelta(hours=1)).isoformat().replace("+", "%2B")
    previews = contributor.get(f"/api/v1/samples/{foil}/compliance?at={moment}").json()["items"]
    assert {one["verdict"] for one in previews} == {"not_recorded"}


def test_what_is_foreign_or_unknown_is_not_judged(contributor: Any, people: Any, foil: str) -> None:
    outsider = people.make()
    body = {"target_id": foil, "protocol_id": "lithium_metal_tem"}
    assert outsider.post("/api/v1/evaluations", json=body).status_code == 404
    for change in ({"target_id": new_id("smp")}, {"target_id": new_id("job")}, {"protocol_id": "nothing"}):
        assert contributor.post("/api/v1/evaluations", json={**body, **change}).status_code == 404


def test_a_verdict_is_kept_the_same_on_both_databases(any_house: House) -> None:
    project = add_project(any_house, "BOTH")
    sample = add_sample(any_house, project, "LS-2026-0900")
    with any_house.database.writing() as session:
        room = Lab(any_house, session).evaluations
        kept = room.create(SYSTEM, NewEvaluation(target_id=sample.id, protocol_id="battery_atom_probe"))
        named, told = kept.id, EvaluationOut.kept(kept)
    with any_house.database.reading() as session:
        room = Lab(any_house, session).evaluations
        assert EvaluationOut.kept(room.get(SYSTEM, named)) == told
        assert [row.id for row in room.page(SYSTEM, target_id=sample.id, limit=5)] == [named]
