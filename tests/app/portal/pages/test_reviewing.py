"""Pages of results, their notes and tags, and what reviewers see by a link."""

import re
from typing import Any

import pytest

from app.infra.house import House
from tests.app.portal.test_pages import HTML, PROBE, form
from tests.conftest import beside
from tests.datasets import add_dataset


@pytest.fixture
def dataset(house: House, project: Any, sample: Any) -> Any:
    return add_dataset(house, project, sample)


@pytest.fixture
def used(dataset: Any) -> dict[str, str]:
    return {"volume": dataset.id}


def page(who: Any, path: str) -> str:
    answer = who.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def share(who: Any, target_id: str, **values: str) -> str:
    """Make a link by the page's form and return its path."""
    made = form(who, f"/review-links/{target_id}", purpose="Referee 2", days="7", **values)
    found = re.search(r"http://testserver(/review/[^<]+)</code>", made.text)
    assert found is not None, made.text
    return found[1]


def test_a_result_page_shows_its_history_drawn_how_to_cite_it_and_what_is_said_of_it(
    analyst: Any, result: Any, dataset: Any, sample: Any
) -> None:
    text = page(analyst, f"/results/{result.id}")
    drawn = text[text.index('class="graph lineage') : text.index("The same as a list")]
    assert f'href="/datasets/{dataset.id}"' in drawn
    assert "this one" in drawn
    assert "@misc{" in text
    assert f"of {sample.name} ({sample.code})" in text
    assert result.digest in text
    assert "No notes yet" in text


def test_a_note_and_a_tag_are_written_and_found_by_the_pages(analyst: Any, result: Any) -> None:
    home = f"/results/{result.id}"
    assert form(analyst, f"/annotations/{result.id}/notes", home, text=PROBE).headers["location"].endswith("#notes")
    form(analyst, f"/annotations/{result.id}/tags", home, tag="Low Dose")
    text = page(analyst, home)
    assert PROBE not in text
    assert "&lt;script&gt;" in text
    assert "/tagged?tag=low%20dose" in text
    assert f'href="{home}"' in page(analyst, "/results?tag=low%20dose")
    assert "No result fits" in page(analyst, "/results?tag=high%20dose")
    assert f'href="{home}"' in page(analyst, "/tagged?tag=low%20dose&kind=")
    assert f'href="{home}"' not in page(analyst, "/tagged?tag=low%20dose&kind=sample")
    form(analyst, f"/annotations/{result.id}/tags/removal", home, tag="low dose")
    assert "Nothing that you may see" in page(analyst, "/tagged?tag=low%20dose")


def test_a_tag_that_is_none_is_shown_again_with_what_was_wrong(analyst: Any, result: Any) -> None:
    answer = form(analyst, f"/annotations/{result.id}/tags", f"/results/{result.id}", tag="<b>")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert analyst.get("/tagged?tag=%3Cb%3E", headers=HTML).status_code == 422


def test_a_viewer_is_offered_no_forms(people: Any, project: Any, result: Any) -> None:
    viewer = people.make(role="viewer", project=project)
    text = page(viewer, f"/results/{result.id}")
    assert f"/annotations/{result.id}/notes" not in text
    assert f"/review-links/{result.id}" not in text
    assert "Make the link" not in page(viewer, f"/review-links/{result.id}")


def test_a_reviewer_sees_the_result_and_no_way_to_anything_else(
    client: Any, analyst: Any, result: Any, dataset: Any
) -> None:
    address = share(analyst, result.id)
    stranger = beside(client)
    text = page(stranger, address)
    assert "reviewer’s link" in text
    assert dataset.filename in text
    assert 'id="beam">Dose<' in text
    assert 'name="robots" content="noindex' in text
    links = set(re.findall(r'(?:href|src|data-table)="(/[^"]*)"', text))
    free = ("/static/", f"{address}", f"/api/v1{address}", "/openapi.json", "/api-docs")
    assert {each for each in links if not each.startswith(free)} == set()
    assert 'data-slices="' not in text or f"/api/v1{address}/results/{result.id}" in text
    assert f"/api/v1/results/{result.id}" not in text
    for each in sorted(links):
        if each.startswith(f"/api/v1{address}") and "download" not in each:
            assert stranger.get(each.replace("&amp;", "&")).status_code == 200, each


def test_a_reviewer_of_a_sample_reads_its_report_and_its_results(
    client: Any, analyst: Any, sample: Any, result: Any
) -> None:
    address = share(analyst, sample.id)
    stranger = beside(client)
    text = page(stranger, address)
    assert f"/api/v1{address}/report?format=html" in text
    assert f'href="{address}/results/{result.id}"' in text
    assert "reviewer’s link" in page(stranger, f"{address}/results/{result.id}")


def test_a_page_of_a_review_sets_no_cookie_and_tells_no_other_page_its_address(
    client: Any, analyst: Any, result: Any
) -> None:
    answer = beside(client).get(share(analyst, result.id), headers=HTML)
    assert "set-cookie" not in answer.headers
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]


def test_an_ended_link_shows_that_there_is_nothing(client: Any, analyst: Any, result: Any) -> None:
    address = share(analyst, result.id)
    listed = page(analyst, f"/review-links/{result.id}")
    assert address not in listed
    ended = re.search(r'action="(/review-links/rvl_[0-9a-f]+/revocation)"', listed)
    assert ended is not None
    form(analyst, ended[1], f"/review-links/{result.id}")
    closed = beside(client).get(address, headers=HTML)
    assert closed.status_code == 404
    assert "ask who sent it to you" in closed.text
    assert 'href="/"' not in closed.text
    assert "revoked" in page(analyst, f"/review-links/{result.id}")


def test_a_link_without_a_purpose_is_asked_for_one(analyst: Any, result: Any) -> None:
    answer = form(analyst, f"/review-links/{result.id}", purpose="", days="7")
    assert answer.status_code == 422
    assert "Referee" not in answer.text


def test_foreign_things_are_neither_shared_nor_annotated_by_pages(people: Any, result: Any) -> None:
    stranger = people.make()
    for path in (f"/review-links/{result.id}", f"/annotations/{result.id}", "/review/none"):
        assert stranger.get(path, headers=HTML).status_code == 404


@pytest.mark.parametrize("kind", ["sample", "dataset"])
def test_pages_of_samples_and_datasets_take_notes_and_tags(analyst: Any, sample: Any, dataset: Any, kind: str) -> None:
    thing = {"sample": sample, "dataset": dataset}[kind]
    home = f"/{kind}s/{thing.id}"
    form(analyst, f"/annotations/{thing.id}/notes", home, text="Handle with care")
    form(analyst, f"/annotations/{thing.id}/tags", home, tag="fragile")
    text = page(analyst, home)
    assert "Handle with care" in text
    assert "/tagged?tag=fragile" in text
    assert f'href="{home}"' in page(analyst, "/tagged?tag=fragile")


def test_a_form_with_a_nul_in_it_is_refused(people, project, sample):
    contributor = people.make(role="contributor", project=project)
    page = f"/samples/{sample.id}"
    refused = form(contributor, f"/annotations/{sample.id}/tags/removal", page, tag="a\0b")
    assert refused.status_code == 422
