"""Samples on pages: found by facets, seen as a tree, labelled, split."""

import html
import re

import segno

from app.portal.codes import QUIET_MODULES
from tests.app.portal.test_codes import modules
from tests.app.portal.test_pages import HTML, PROBE, form


def registered(who, project, **about):
    body = {"project_id": project.id, "name": "it", "material": "nmc", **about}
    return who.post("/api/v1/samples", json=body).json()


def test_a_facet_says_how_many_it_finds_and_leads_to_them(people, project, sample):
    who = people.make(role="contributor", project=project)
    for kind in ("powder", "powder", "tip"):
        registered(who, project, kind=kind, name=f"a {kind}")
    text = who.get("/samples", headers=HTML).text
    address, count = re.search(
        r'href="(/samples\?kind=powder)"><span>Powder</span><span class="count small">(\d+)', text
    ).groups()
    assert count == "2"
    found = who.get(html.unescape(address), headers=HTML).text
    assert found.count("a powder</a>") == 2
    assert "a tip</a>" not in found
    assert "What it is: Powder" in found


def test_a_search_that_finds_nothing_says_so_and_leads_back(people, project):
    text = people.make(role="contributor", project=project).get("/samples?kind=tip&q=none", headers=HTML).text
    assert "No sample of your projects has all of this" in text


def test_an_odd_search_is_shown_as_text(people, project):
    answer = people.make(role="viewer", project=project).get(
        "/samples", params={"q": PROBE, "kind": PROBE[:40]}, headers=HTML
    )
    assert answer.status_code == 200
    assert "<img src=x" not in answer.text


def test_parts_stand_below_what_they_were_split_from(people, project, sample):
    who = people.make(role="contributor", project=project)
    given = {
        "occurred_at": "2026-10-01T08:00",
        "occurred_at.zone": "+00:00",
        "process": "lift-out",
        "parts.0.name": "lamella A",
        "parts.0.kind": "lamella",
        "parts.1.name": "lamella B",
    }
    answer = form(who, f"/samples/{sample.id}/split", **given)
    assert answer.headers["location"] == f"/samples/{sample.id}?done=sample-split"
    assert "lamella A</a>" in who.get(answer.headers["location"], headers=HTML).text
    tree = who.get("/samples/tree", headers=HTML).text
    assert tree.index(sample.name) < tree.index("lamella A") < tree.index("lamella B")


def test_a_split_without_a_name_names_the_field_and_registers_nothing(people, project, sample):
    who = people.make(role="contributor", project=project)
    answer = form(who, f"/samples/{sample.id}/split", occurred_at="2026-10-01T08:00", **{"parts.0.kind": "tip"})
    assert answer.status_code == 422
    assert 'id="parts.0.name-wrong"' in answer.text
    assert who.get(f"/api/v1/samples/{sample.id}/children").json()["items"] == []


def test_a_label_carries_code_name_and_project_and_its_code_leads_to_the_sample(people, project, sample):
    who = people.make(role="viewer", project=project)
    text = who.get(f"/samples/{sample.id}/label", headers=HTML).text
    label = re.search(r'<article class="label">.*?</article>', text, re.S)[0]
    assert all(each in html.unescape(label) for each in (sample.code, sample.name, project.title))
    address = f"{who.client.base_url}/samples/by-code/{sample.code}".replace("//samples", "/samples")
    code = segno.make_qr(address, error="m", boost_error=True).matrix_iter(border=QUIET_MODULES)
    assert modules(label) == {(y, x) for y, row in enumerate(code) for x, bit in enumerate(row) if bit}
    answer = who.get(f"/samples/by-code/{sample.code}", headers=HTML)
    assert answer.headers["location"] == f"/samples/{sample.id}"


def test_a_sheet_has_the_labels_of_a_search_in_as_many_copies_as_asked(people, project):
    who = people.make(role="contributor", project=project)
    codes = [registered(who, project, kind="powder")["code"] for _ in range(3)]
    registered(who, project, kind="tip")
    text = who.get("/samples/labels?kind=powder&copies=2", headers=HTML).text
    assert sorted(re.findall(r'class="label-code">([^<]+)', text)) == sorted(codes * 2)


def test_nobody_labels_what_they_may_not_see(people, sample):
    stranger = people.make()
    assert stranger.get(f"/samples/{sample.id}/label", headers=HTML).status_code == 404
    assert stranger.get(f"/samples/labels?id={sample.id}", headers=HTML).status_code == 404
    answer = stranger.get(f"/samples/by-code/{sample.code}", headers=HTML)
    assert answer.headers["location"] == f"/samples?q={sample.code}"


def test_a_row_is_added_without_a_script_and_keeps_what_was_answered(people, project, sample):
    who = people.make(role="contributor", project=project)
    address = f"/samples/{sample.id}/split"
    rows = {f"parts.{i}.name": f"lamella {i}" for i in range(6)}
    assert '<noscript><button class="small" name="look" value="parts"' in who.get(address, headers=HTML).text
    text = form(who, address, **rows, look="parts").text
    assert 'value="lamella 5"' in text
    assert 'name="parts.6.name"' in text
    assert 'name="parts.7.name"' not in text
    named = {"occurred_at": "2026-10-01T08:00", "occurred_at.zone": "+00:00", "process": "lift-out"}
    form(who, address, **named, **rows, **{"parts.6.name": "lamella 6"})
    assert "lamella 6</a>" in who.get(f"/samples/{sample.id}", headers=HTML).text
