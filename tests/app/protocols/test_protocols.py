"""The facility adds protocols and versions of protocols; none is ever edited."""

import copy
from typing import Any

from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from tests.conftest import Person

OWN: dict[str, Any] = {
    "id": "lab_lithium",
    "title": "Our lithium",
    "citation": "our own habit",
    "techniques": ["tem"],
    "materials": ["nmc", "lithium_metal_foil"],
    "purposes": ["bulk"],
    "default_purpose": "bulk",
    "parameters": {"most_s": {"value": 5.0, "unit": "s", "meaning": "air we bear", "citation": "habit"}},
    "rules": [
        {
            "id": "short-air",
            "title": "Little air",
            "asks": "at most five seconds of air",
            "citation": "habit",
            "subject": {"of": "events", "types": ["transfer"]},
            "cases": [{"when": {"fact": "air_exposure_s", "at_most": {"parameter": "most_s"}}, "verdict": "pass"}],
            "otherwise": {"verdict": "fail", "words": "too much air"},
        }
    ],
}
PAPERS = {
    "lithium_metal_tem",
    "lithium_metal_tem_strict",
    "sei_imaging",
    "cathode_fib_sem",
    "alkali_metal_fib_sem",
    "cryo_liquid_electrolyte",
    "battery_atom_probe",
    "simultaneous_tomography",
    "xray_capillary",
}


def add(who: Any, document: dict[str, Any]) -> Any:
    return who.post("/api/v1/protocols", json={"document": document})


def test_every_paper_speaks_from_the_first_day(people: Any) -> None:
    listed = people.make().get("/api/v1/protocols").json()["items"]
    assert {protocol["id"] for protocol in listed} == PAPERS
    assert all(protocol["is_shipped"] and protocol["version"] == 1 for protocol in listed)
    assert all(rule["citation"] and rule["asks"] for protocol in listed for rule in protocol["rules"])


def test_a_manager_adds_a_protocol_and_its_next_version_stands_beside_the_first(manager: Person) -> None:
    first = add(manager, OWN)
    assert first.status_code == 201, first.text
    assert first.json()["version"] == 1
    stricter = copy.deepcopy(OWN)
    stricter["parameters"]["most_s"]["value"] = 1.0
    second = add(manager, stricter).json()
    assert second["version"] == 2
    assert second["digest"] != first.json()["digest"]
    assert manager.get("/api/v1/protocols/lab_lithium").json()["version"] == 2
    kept = manager.get(first.headers["Location"]).json()
    assert kept == first.json()
    numbers = [held["version"] for held in manager.get("/api/v1/protocols/lab_lithium/versions").json()["items"]]
    assert numbers == [1, 2]


def test_a_document_read_back_can_be_sent_again_as_the_next_version(manager: Person) -> None:
    held = manager.get("/api/v1/protocols/lithium_metal_tem").json()["document"]
    held["parameters"]["low_current_Ga_nA"]["value"] = 0.5
    answer = add(manager, held)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["version"], answer.json()["is_shipped"]) == (2, False)
    by_name = {stated["name"]: stated["value"] for stated in answer.json()["parameters"]}
    assert by_name["low_current_Ga_nA"] == 0.5
    assert manager.get("/api/v1/protocols/lithium_metal_tem/versions/1").json()["is_shipped"]


def test_retiring_the_facilitys_versions_brings_the_papers_own_back(manager: Person) -> None:
    held = manager.get("/api/v1/protocols/sei_imaging").json()["document"]
    add(manager, {**held, "title": "Our way"})
    assert manager.get("/api/v1/protocols/sei_imaging").json()["title"] == "Our way"
    assert manager.delete("/api/v1/protocols/sei_imaging").status_code == 204
    assert manager.get("/api/v1/protocols/sei_imaging").json()["version"] == 1
    retired = manager.get("/api/v1/protocols/sei_imaging/versions/2").json()
    assert retired["retired_at"] is not None
    assert add(manager, held).json()["version"] == 3


def test_a_retired_protocol_of_the_facility_is_gone_from_the_list_and_kept_by_number(manager: Person) -> None:
    add(manager, OWN)
    manager.delete("/api/v1/protocols/lab_lithium")
    assert {held["id"] for held in manager.get("/api/v1/protocols").json()["items"]} == PAPERS
    assert manager.get("/api/v1/protocols/lab_lithium").status_code == 404
    assert manager.delete("/api/v1/protocols/lab_lithium").status_code == 404
    assert manager.get("/api/v1/protocols/lab_lithium/versions/1").status_code == 200


def test_a_protocol_of_the_papers_cannot_be_retired(manager: Person) -> None:
    answer = manager.delete("/api/v1/protocols/xray_capillary")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/shipped-protocol")


def test_a_document_that_is_no_protocol_is_refused_with_every_place_named(manager: Person) -> None:
    broken = copy.deepcopy(OWN)
    broken["materials"] = ["kryptonite"]
    broken["rules"][0]["cases"][0]["when"] = {"fact": "smell", "is": "bad"}
    answer = add(manager, broken)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-protocol")
    named = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert named == {
        ("/body/document/materials", "bad-value"),
        ("/body/document/rules/0/cases/0/when/fact", "unknown-fact"),
    }
    assert "kryptonite" not in answer.text
    assert manager.get("/api/v1/protocols/lab_lithium").status_code == 404


def test_only_a_manager_adds_and_retires(people: Any, project: Any) -> None:
    steward = people.make(role="steward", project=project)
    assert add(steward, OWN).status_code == 403
    assert steward.delete("/api/v1/protocols/xray_capillary").status_code == 403


def test_a_protocol_nobody_knows_is_not_found(manager: Person) -> None:
    for path in ("nothing", "nothing/versions", "nothing/versions/1", "xray_capillary/versions/7"):
        assert manager.get(f"/api/v1/protocols/{path}").status_code == 404


def test_versions_and_their_retiring_are_the_same_on_both_databases(any_house: House) -> None:
    with any_house.database.writing() as session:
        room = Lab(any_house, session).protocols
        assert [room.create(SYSTEM, OWN).protocol.version for _ in range(3)] == [1, 2, 3]
        assert room.get("lab_lithium").protocol.version == 3
        room.retire(SYSTEM, "lab_lithium")
    with any_house.database.reading() as session:
        room = Lab(any_house, session).protocols
        assert [held.retired_at is None for held in room.versions("lab_lithium")] == [False] * 3
        assert room.get("lab_lithium", 2).document == {**OWN, "version": 2}
        assert {held.protocol.id for held in room.all()} == PAPERS
