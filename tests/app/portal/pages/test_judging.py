"""Protocols, verdicts, alarms, titrations, reports: what is judged and said, with its reasons."""

import html
import json
import re
from datetime import timedelta

import pytest

from app.infra.clock import now
from app.lab.access import SYSTEM
from app.lab.alarms.findings import Finding
from app.lab.composition import Lab
from tests.app.portal.test_pages import HTML, form
from tests.app.provenance.scene import Scene
from tests.conftest import add_sample


@pytest.fixture
def person(people, project):
    """Give an analyst of the project."""
    return people.make(role="analyst", project=project)


@pytest.fixture
def lithium(people, project):
    """Give a lithium sample that met 15 s of air."""
    admin = people.admin
    body = {"project_id": project.id, "name": "Lamella 3", "material": "lithium_metal_foil"}
    made = admin.post("/api/v1/samples", json=body).json()
    opened, moved = now() - timedelta(hours=30), now() - timedelta(hours=2)
    for event in (
        {"type": "disassembly", "occurred_at": opened.isoformat(), "atmosphere": "argon", "place": "Box 1"},
        {"type": "transfer", "occurred_at": moved.isoformat(), "method": "inert_gas_holder", "air_exposure_s": 15},
    ):
        assert admin.post(f"/api/v1/samples/{made['id']}/events", json=event).status_code == 201
    return made["id"]


def text_of(person, path):
    answer = person.get(path, headers=HTML)
    assert answer.status_code == 200, path
    return answer.text


def test_a_verdict_names_the_event_that_decides_it_and_links_to_it(person, lithium):
    text = text_of(person, f"/samples/{lithium}/compliance")
    assert 'class="badge bad">fail' in text
    event_id = re.search(r'href="/things/(evt_[0-9a-f]{32})"', text)[1]
    answer = person.get(f"/things/{event_id}", headers=HTML)
    assert answer.headers["location"].startswith(f"/samples/{lithium}?around=evt_")
    assert f'id="{event_id}"' in text_of(person, f"/samples/{lithium}")


def test_what_is_not_recorded_is_called_so_and_never_passes(person, sample):
    text = text_of(person, f"/samples/{sample.id}/compliance")
    assert 'class="badge not-known">not recorded' in text
    assert 'class="badge good">pass' not in text


def test_a_kept_verdict_stays_with_its_version(person, lithium):
    page = f"/samples/{lithium}/compliance"
    answer = form(person, "/evaluations", page, target_id=lithium, protocol_id="lithium_metal_tem")
    assert answer.status_code == 303, answer.text
    text = text_of(person, answer.headers["location"].partition("?")[0])
    assert "Version 1" in text
    assert "SHA-256" in text
    assert answer.headers["location"].partition("?")[0] in text_of(person, page)


def test_clocks_and_deadlines_show_state_reason_and_source(person, lithium):
    text = text_of(person, f"/samples/{lithium}")
    assert re.search(r'Lithium inventory in storage</strong><span class="badge bad">overdue', text)
    assert 'href="/things/evt_' in text
    listed = text_of(person, "/deadlines?state=overdue")
    assert "Lamella 3" in listed
    assert "Lamella 3" not in text_of(person, "/deadlines?state=fresh")


def test_the_history_is_drawn_without_script_and_stands_as_a_table(person, lithium):
    text = text_of(person, f"/samples/{lithium}")
    assert '<svg class="history-drawing"' in text
    assert "Where it was, as a table" in text
    assert not re.search(r"\sstyle=|\son[a-z]+=", text)


def test_protocols_are_listed_shown_and_added_by_managers(people, person):
    assert "Lithium metal in the transmission electron microscope" in text_of(person, "/protocols")
    assert person.get("/protocols/new", headers=HTML).status_code == 403
    address = "/protocols/alkali_metal_fib_sem"
    page = text_of(people.admin, "/protocols/new?like=alkali_metal_fib_sem")
    document = json.loads(html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)[1]))
    answer = form(people.admin, "/protocols/new", document=json.dumps(document | {"title": "Ours, colder"}))
    assert answer.status_code == 303, answer.text
    text = text_of(person, address)
    assert "Ours, colder" in text
    assert "Version 2" in text
    assert "Version 1" in text_of(person, f"{address}?version=1")
    assert form(people.admin, f"{address}/retirement", address).status_code == 303
    assert "Ours, colder" not in text_of(person, "/protocols")


@pytest.mark.parametrize("document", ["{", "id = ", '{"id": "x", "title": 3}', 'id = "x"\ntitle = "y"'])
def test_a_document_that_is_no_protocol_is_kept_and_its_faults_are_named(people, document):
    answer = form(people.admin, "/protocols/new", document=document)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert document.replace('"', "&#34;") in answer.text


def raised(house, sample_id, project_id):
    with house.database.writing() as session:
        finding = Finding("clock.due:x", "clock.due", project_id, sample_id, "Storage is due", now())
        Lab(house, session).alarms.raise_alarm(finding, now())


def test_an_open_alarm_rings_in_the_header_until_somebody_has_seen_it(house, person, project, sample):
    assert "Alarms: none open" in text_of(person, "/samples")
    raised(house, sample.id, project.id)
    assert '<span class="count">1</span>' in text_of(person, "/samples")
    home = text_of(person, "/")
    assert "Storage is due" in home
    address = re.search(r'action="(/alarms/alm_[0-9a-f]{32}/acknowledgement)"', home)[1]
    answer = form(person, address, "/", next="/")
    assert answer.headers["location"] == "/?done=alarm-acknowledged"
    assert '<span class="count">' not in text_of(person, "/samples")
    assert "Acknowledged" in text_of(person, "/alarms?state=acknowledged")


def test_a_viewer_sees_an_alarm_and_cannot_acknowledge_it(house, people, project, sample):
    viewer = people.make(role="viewer", project=project)
    raised(house, sample.id, project.id)
    text = text_of(viewer, "/alarms")
    assert "Storage is due" in text
    assert "I have seen it" not in text


def test_the_secret_of_a_webhook_is_shown_once(people):
    answer = form(people.admin, "/webhooks", url="https://facility.example/hook", **{"topics.clock.due": "true"})
    secret = re.search(r'<code class="secret" id="secret">([^<]+)</code>', answer.text)[1]
    text = text_of(people.admin, "/webhooks")
    assert secret not in text
    assert "https://facility.example/hook" in text
    address = re.search(r'action="(/webhooks/whk_[0-9a-f]{32}/retirement)"', text)[1]
    assert form(people.admin, address, "/webhooks").status_code == 303
    assert "facility.example" not in text_of(people.admin, "/webhooks")


def test_an_address_no_webhook_is_sent_to_is_a_fault_of_its_field(people):
    answer = form(people.admin, "/webhooks", url="http://facility.example/hook")
    assert answer.status_code == 422
    assert 'value="http://facility.example/hook"' in answer.text
    assert 'id="url-wrong"' in answer.text


STANDARDS = "0, 5\n0.02, 25.5\n0.04, 45\n0.06; 65\n0.08 85.2\n0.1, 105"
BOTTLES = "0, 87\n0, 86\n0, 88\n24, 81, 82\n24, 80\n24, 82\n168, 73\n168, 74\n168, 72"


def test_a_titrated_series_is_recorded_with_its_calibration_and_plotted(people, person, project, device):
    admin = people.admin
    given = {"instrument_id": device.instrument.id, "measured_at": "2026-03-01T10:00", "measured_at.zone": "+00:00"}
    made = form(admin, "/titrations/calibrations/new", standard="lithium_mg", points=STANDARDS, **given)
    assert made.status_code == 303, made.text
    calibration = made.headers["location"].partition("?")[0]
    assert '<svg class="xy"' in text_of(person, calibration)
    series = {"project_id": project.id, "material": "lithium_electrodeposited", "electrolyte": "Gen2"}
    answer = form(
        person, "/titrations/series/new", **series, gas_calibration_id=calibration.rpartition("/")[2], bottles=BOTTLES
    )
    assert answer.status_code == 303, answer.text
    text = text_of(person, answer.headers["location"].partition("?")[0])
    assert '<svg class="xy"' in text
    assert "Square root" in text
    assert "Bottle by bottle" in text
    assert "Gen2" in text_of(person, "/titrations")


def test_a_line_that_is_no_pair_is_named_by_its_number(people, device):
    given = {"instrument_id": device.instrument.id, "measured_at": "2026-03-01T10:00", "measured_at.zone": "+00:00"}
    answer = form(people.admin, "/titrations/calibrations/new", standard="lithium_mg", points="0, 5\n1, x", **given)
    assert answer.status_code == 422
    assert "Line 2" in answer.text
    assert "0, 5\n1, x" in answer.text


def test_a_beam_calibration_is_recorded_on_the_instruments_page(people, device):
    address = f"/instruments/{device.instrument.id}"
    given = {
        "kind": "faraday",
        "measured_at": "2026-03-01T10:00",
        "measured_at.zone": "+00:00",
        "beam_energy_kV": "200",
    }
    answer = form(people.admin, f"{address}/beam-calibrations", address, **given, set_current_nA="1")
    assert answer.status_code == 422
    assert 'id="measured_current_nA-wrong"' in answer.text
    currents = {"set_current_nA": "1", "measured_current_nA": "0.93", "uncertainty_nA": "0.02"}
    assert form(people.admin, f"{address}/beam-calibrations", address, **given, **currents).status_code == 303
    assert "(0.930 ± 0.020)\u00a0nA" in text_of(people.admin, address)


def test_a_report_lists_what_is_missing_and_refuses_to_be_published(person, lithium):
    address = f"/samples/{lithium}/report"
    text = text_of(person, address)
    assert "statements missing" in text
    assert "Methods paragraph" in text
    assert 'class="badge bad">missing' in text
    answer = form(person, "/publications", address, target_id=lithium)
    assert answer.status_code == 409
    assert "The report is incomplete" in answer.text
    assert "statements missing" in answer.text


def test_statistics_stand_beside_the_literature(person):
    text = text_of(person, "/reporting?counts=yes")
    assert "66" in text
    assert "more than 80\u00a0%" in text or "more than 80 %" in text


def test_a_voxel_and_a_label_lead_back_to_what_was_done(house, people, tmp_path):
    scene = Scene(house, tmp_path)
    opened = scene.event(scene.cell, "disassembly", 0, atmosphere="argon")
    scene.event(scene.cell, "split", 2, child_ids=[scene.lamella.id])
    data = scene.dataset(scene.lamella)
    scene.exposure(scene.lamella, 6, dataset_id=data)
    result = scene.result(data)
    person = people.make(role="viewer", project=scene.project)
    page = f"/results/{result}/outputs/volume/provenance"
    assert "Name a place" in text_of(person, page)
    text = text_of(person, f"{page}?voxel=1,2,3")
    assert "45\u00a0counts" in text
    assert "30\u00a0e/Å²" in text
    assert opened in text
    wrong = person.get(f"{page}?voxel=9,9,9", headers=HTML)
    assert wrong.status_code == 422
    assert 'value="9,9,9"' in wrong.text
    assert "Label 2" in text_of(person, f"/results/{result}/outputs/labels/provenance?label=2")
    later = text_of(person, f"/events/{opened}/results")
    assert result in later


def test_a_label_said_to_be_a_decay_product_is_judged(house, people, tmp_path):
    scene = Scene(house, tmp_path)
    result = scene.result(scene.dataset(scene.lamella))
    person = people.make(role="contributor", project=scene.project)
    answer = form(person, f"/results/{result}/labels", output="labels", label="2", phase="Li2O")
    assert answer.status_code == 303, answer.text
    text = text_of(person, f"/results/{result}/labels")
    assert "beam-made: unknown" in text
    with house.database.reading() as session:
        judged = Lab(house, session).labels.of_result(SYSTEM, result)
    assert [each.row.phase for each in judged] == ["Li2O"]
    assert form(person, f"/results/{result}/labels", output="labels", label="2", phase="").status_code == 303
    assert "Nobody has said" in text_of(person, f"/results/{result}/labels")


def test_things_of_others_are_not_found_by_their_identifier(house, people, project, lithium):
    stranger = people.make()
    event = people.admin.get(f"/api/v1/samples/{lithium}/events").json()["items"][0]["id"]
    for path in (
        f"/things/{event}", f"/samples/{lithium}/dose", f"/samples/{lithium}/compliance", f"/samples/{lithium}/report",
        f"/events/{event}/results", f"/samples/{lithium}/regions/new", f"/samples/{lithium}/beam-records/new",
        "/things/nothing", f"/planner?region_id=rgn_{'0' * 32}",
    ):  # fmt: skip
        assert stranger.get(path, headers=HTML).status_code == 404, path


def test_a_child_shows_the_history_it_inherited(house, people, project, person, lithium):
    body = {"project_id": project.id, "name": "Part", "material": "lithium_metal_foil", "parent_id": lithium}
    child = people.admin.post("/api/v1/samples", json=body).json()["id"]
    assert "15\u00a0s" in text_of(person, f"/samples/{child}")
    assert add_sample(house, project, "LS-2026-9009").code in text_of(person, "/samples")
