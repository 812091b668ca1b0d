"""Every type of custody event has a form that opens and can be corrected."""

import re

import pytest

from app.portal.pages.events import TYPES
from tests.app.portal.test_pages import HTML, form


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_type_of_event_has_its_form(people, project, sample, kind):
    answer = people.make(role="contributor", project=project).get(
        f"/samples/{sample.id}/events/new?type={kind}", headers=HTML
    )
    assert answer.status_code == 200
    assert 'name="occurred_at"' in answer.text


@pytest.fixture
def bench(people, project):
    """Someone who may record in the project."""
    return people.make(role="contributor", project=project)


def registered(who, project, **about):
    body = {"project_id": project.id, "name": "it", "material": "nmc", **about}
    return who.post("/api/v1/samples", json=body).json()["id"]


def offered(text):
    return re.findall(r'href="/samples/\w+/(?:events/new\?type=)?(\w+)"><strong>', text)


def test_what_is_usual_for_a_lamella_comes_first_and_the_rest_is_folded_with_its_reason(bench, project):
    lamella = registered(bench, project, kind="lamella")
    text = bench.get(f"/samples/{lamella}/events/new", headers=HTML).text
    usual, folded = text.split('<details class="others">')
    assert offered(usual)[:2] == ["mounting", "fib_milling"]
    assert "A lamella does not survive ultrasound." in folded
    assert sorted(offered(usual) + offered(folded)) == sorted(TYPES)


def test_a_sample_of_no_stated_kind_is_offered_everything(bench, sample):
    text = bench.get(f"/samples/{sample.id}/events/new", headers=HTML).text
    assert sorted(offered(text)) == sorted(TYPES)
    assert "What it is was not stated" in text


def test_an_unusual_event_is_recorded_and_its_form_says_why_it_is_unusual(bench, project):
    lamella = registered(bench, project, kind="lamella")
    page = f"/samples/{lamella}/events/new?type=sonication"
    assert "A lamella does not survive ultrasound." in bench.get(page, headers=HTML).text
    given = {"type": "sonication", "occurred_at": "2026-10-01T08:00", "occurred_at.zone": "+00:00", "solvent": "hexane"}
    answer = form(bench, f"/samples/{lamella}/events/new", page, **given)
    assert answer.headers["location"] == f"/samples/{lamella}?done=event-recorded"


def test_laser_pulses_are_asked_of_a_tip_and_folded_for_a_foil(bench, project):
    for kind, is_folded in (("tip", False), ("foil", True)):
        sample = registered(bench, project, kind=kind)
        text = bench.get(f"/samples/{sample}/events/new?type=exposure", headers=HTML).text
        before, _, folded = text.partition("Rarely stated of this kind")
        assert ('name="pulse_energy_pJ"' in folded) == is_folded
        assert ('name="pulse_energy_pJ"' in before) == (not is_folded)
