"""What-if plans: built step by step on the page, judged by the service, stored nowhere."""

import html
import re

from tests.app.portal.test_pages import HTML, form

UTC = {"occurred_at.zone": "+00:00", "ended_at.zone": "+00:00"}


def plan_of(answer):
    return html.unescape(re.search(r'name="plan" value="([^"]+)"', answer.text)[1])


def begun(person, **given):
    return form(person, "/what-if", act="begin", **given)


def added(person, plan, kind, **answers):
    return form(person, "/what-if", act="add", plan=plan, kind=kind, **UTC, **answers)


def test_a_plan_begins_with_a_material_and_shows_what_the_protocols_say(people, project):
    person = people.make(role="viewer", project=project)
    answer = begun(person, material="lithium_metal_foil")
    assert answer.status_code == 200
    assert "Lithium metal in the transmission electron microscope" in answer.text
    assert '"material": "lithium_metal_foil"' in plan_of(answer)


def test_a_plan_needs_a_sample_or_a_material(people, project):
    answer = begun(people.make(role="viewer", project=project), purpose="sei")
    assert answer.status_code == 422
    assert 'id="sample_id-wrong"' in answer.text


def test_air_in_a_planned_transfer_fails_before_it_happens(people, project):
    person = people.make(role="viewer", project=project)
    plan = plan_of(begun(person, material="lithium_metal_foil"))
    asked = form(person, "/what-if", act="form", plan=plan, kind="transfer")
    assert 'name="air_exposure_s"' in asked.text
    step = {"occurred_at": "2030-01-01T10:00", "method": "inert_gas_holder", "air_exposure_s": "15"}
    answer = added(person, plan, "transfer", **step)
    assert answer.status_code == 200
    assert '"air_exposure_s": 15.0' in plan_of(answer)
    assert "events/0" in answer.text
    shorter = form(person, "/what-if", act="remove:events/0", plan=plan_of(answer))
    assert '"events": []' in plan_of(shorter)


def test_a_beam_is_planned_with_its_dose(people, project):
    person = people.make(role="viewer", project=project)
    plan = plan_of(begun(person, material="lithium_metal_foil"))
    beam = {
        "occurred_at": "2030-01-01T10:00",
        "beam_energy_kV.value": "200",
        "dose_rate_e_per_A2_s.value": "3500",
        "exposure_s.value": "0.5",
    }
    sources = {f"{name.partition('.')[0]}.source": "user" for name in beam if "." in name}
    answer = added(person, plan, "tem_field", **beam, **sources)
    assert "1750\u00a0e/Å²" in answer.text


def test_a_refused_step_keeps_its_answers_and_the_plan(people, project):
    person = people.make(role="viewer", project=project)
    plan = plan_of(begun(person, material="lithium_metal_foil"))
    answer = added(person, plan, "storage", occurred_at="2030-01-02T10:00", ended_at="2030-01-01T10:00", place="Box 7")
    assert answer.status_code == 422
    assert 'value="Box 7"' in answer.text
    assert 'id="ended_at-wrong"' in answer.text
    assert plan_of(answer) == plan


def test_a_damaged_plan_is_refused_without_repeating_it(people, project):
    person = people.make(role="viewer", project=project)
    answer = form(person, "/what-if", act="show", plan='{"material": "<script>alert(1)</script>"}')
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_nothing_of_a_plan_is_stored(people, project, sample):
    person = people.make(role="contributor", project=project)
    answer = person.get(f"/what-if?sample_id={sample.id}", headers=HTML)
    added(person, plan_of(answer), "storage", occurred_at="2030-01-02T10:00")
    assert person.get(f"/api/v1/samples/{sample.id}/events").json()["items"] == []


def test_a_sample_of_others_is_no_base_of_a_plan(people, sample):
    assert people.make().get(f"/what-if?sample_id={sample.id}", headers=HTML).status_code == 404
