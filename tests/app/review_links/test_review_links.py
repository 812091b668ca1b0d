"""A reviewer's link shows one thing to who holds it, for a while, and writes down every look."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from app.infra.clock import now
from app.infra.db.models import IdempotencyRecord, ReviewLink
from app.infra.house import House
from app.lab.doors.middleware import told
from app.lab.review_links import signing
from lithoscope.arrays import LabelledArray
from tests.app.results.publishing import NM, RUN_RECORD, add_job, publish
from tests.conftest import beside, settings_for
from tests.datasets import add_dataset


@pytest.fixture
def dataset(house: House, project: Any, sample: Any) -> Any:
    return add_dataset(house, project, sample)


@pytest.fixture
def result(house: House, project: Any, sample: Any, dataset: Any, tmp_path: Path) -> Any:
    return publish(house, add_job(house, project, sample, volume=dataset.id), tmp_path)


@pytest.fixture
def stranger(client: Any) -> Any:
    """Somebody with no account, no cookie, nothing but an address."""
    return beside(client)


def make(who: Any, target_id: str, **more: Any) -> dict[str, Any]:
    answer = who.post("/api/v1/review-links", json={"target_id": target_id, "purpose": "Referee 2", **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made | {"text": made["address"].rpartition("/")[2]}


def at(link: dict[str, Any], rest: str = "") -> str:
    return f"/api/v1/review/{link['text']}{rest}"


def looks(people: Any, link: dict[str, Any]) -> list[str]:
    acts = people.admin.get(f"/api/v1/audit-entries?object_id={link['id']}").json()["items"]
    return [act["details"]["what"] for act in reversed(acts) if act["action"] == "review.look"]


def test_who_holds_the_link_reads_the_result_without_signing_in(
    analyst: Any, stranger: Any, result: Any, dataset: Any
) -> None:
    link = make(analyst, result.id)
    found = stranger.get(at(link)).json()
    assert (found["kind"], found["purpose"]) == ("result", "Referee 2")
    assert [each["id"] for each in found["results"]] == [result.id]
    whole = stranger.get(at(link, f"/results/{result.id}")).json()
    assert whole["run_record"] == RUN_RECORD
    assert dataset.filename in [node["label"] for node in whole["lineage"]]
    assert "href" not in whole["lineage"][0]


def test_its_arrays_tables_pictures_and_copies_are_read(analyst: Any, stranger: Any, result: Any) -> None:
    link = make(analyst, result.id)
    home = at(link, f"/results/{result.id}")
    assert stranger.get(f"{home}/outputs/volume/zarr/zarr.json").json()["node_type"] == "group"
    assert stranger.get(f"{home}/outputs/volume/slices/z.png").headers["content-type"] == "image/png"
    assert stranger.get(f"{home}/outputs/classes/table").status_code == 200
    copy = stranger.get(f"{home}/download?output=volume&format=mrc")
    assert copy.headers["content-disposition"].startswith("attachment")


def test_voxels_and_parts_of_its_arrays_are_told(analyst: Any, stranger: Any, result: Any) -> None:
    link = make(analyst, result.id)
    here, there = (f"/results/{result.id}/outputs/volume", f"/api/v1/results/{result.id}/outputs/volume")
    for what in ("voxel?z=1&y=2&x=3", "statistics?box=0,1,0,2,0,2"):
        answer = stranger.get(at(link, f"{here}/{what}"))
        assert answer.status_code == 200, answer.text
        assert answer.json() == analyst.get(f"{there}/{what}").json()
    refused = stranger.get(at(link, f"{here}/voxel?z=1&y=2"))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/x")


def test_labels_of_what_the_link_does_not_lead_to_choose_nothing(
    house: House, project: Any, analyst: Any, stranger: Any, tmp_path: Path
) -> None:
    made = [publish(house, add_job(house, project, None), tmp_path, chosen()) for _ in range(2)]
    link = make(analyst, made[0].id)
    own, foreign = (f"/results/{made[0].id}/outputs/volume/statistics?label=1&by={each.id}/labels" for each in made)
    assert stranger.get(at(link, own)).json()["n"] == 4
    assert analyst.get(f"/api/v1{foreign}").status_code == 200
    refused = stranger.get(at(link, foreign))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/by")
    assert "no such array" in refused.text


def chosen() -> dict[str, Any]:
    steps = dict.fromkeys("zyx", NM)
    labels = np.zeros((2, 2, 2), np.uint8)
    labels[0] = 1
    return {
        "volume": LabelledArray(np.ones((2, 2, 2), np.float32), "zyx", steps, "counts", kind="volume", name="volume"),
        "labels": LabelledArray(labels, "zyx", steps, "1", kind="labels", name="labels"),
    }


def test_nothing_else_opens_by_it(
    house: House, project: Any, sample: Any, analyst: Any, stranger: Any, result: Any, dataset: Any, tmp_path: Path
) -> None:
    other = publish(house, add_job(house, project, None), tmp_path)
    link = make(analyst, result.id)
    assert stranger.get(at(link, f"/results/{other.id}")).status_code == 404
    assert stranger.get(at(link, f"/results/{other.id}/outputs/volume/zarr/zarr.json")).status_code == 404
    assert stranger.get(at(link, f"/results/{other.id}/download?output=volume&format=mrc")).status_code == 404
    for what in ("voxel?z=0&y=0&x=0", "statistics"):
        assert stranger.get(at(link, f"/results/{other.id}/outputs/volume/{what}")).status_code == 404
    assert stranger.get(at(link, "/report")).status_code == 404
    for path in (f"samples/{sample.id}", f"datasets/{dataset.id}", f"results/{result.id}", f"lineage/{result.id}"):
        bearer = stranger.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {link['text']}"})
        assert bearer.status_code == 401


def test_a_link_to_a_sample_shows_its_report_and_its_results(
    house: House, project: Any, sample: Any, analyst: Any, stranger: Any, result: Any, tmp_path: Path
) -> None:
    of_another = publish(house, add_job(house, project, None), tmp_path)
    link = make(analyst, sample.id)
    assert [each["id"] for each in stranger.get(at(link)).json()["results"]] == [result.id]
    assert stranger.get(at(link, f"/results/{result.id}")).status_code == 200
    assert stranger.get(at(link, f"/results/{of_another.id}")).status_code == 404
    assert stranger.get(at(link, "/report")).json()["target_id"] == sample.id
    assert "text/html" in stranger.get(at(link, "/report?format=html")).headers["content-type"]


def test_the_text_is_shown_once_and_only_its_digest_is_kept(house: House, analyst: Any, result: Any) -> None:
    link = make(analyst, result.id)
    listed = analyst.get(f"/api/v1/review-links?target_id={result.id}")
    assert link["text"] not in listed.text
    assert [each["id"] for each in listed.json()["items"]] == [link["id"]]
    with house.database.reading() as session:
        row = session.get(ReviewLink, link["id"])
        assert row is not None
        assert link["text"] not in str(vars(row))


def test_a_repeated_request_does_not_give_the_text_again(house: House, analyst: Any, result: Any) -> None:
    body, key = {"target_id": result.id, "purpose": "x"}, {"Idempotency-Key": "the same"}
    first = analyst.post("/api/v1/review-links", json=body, headers=key)
    assert (first.status_code, first.headers["cache-control"]) == (201, "no-store")
    again = analyst.post("/api/v1/review-links", json=body, headers=key)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/secret-not-kept")
    with house.database.reading() as session:
        assert [row.body for row in session.scalars(select(IdempotencyRecord))] == [None]


def test_a_revoked_link_finds_nothing_at_once(analyst: Any, stranger: Any, result: Any) -> None:
    link = make(analyst, result.id)
    piece = f"/results/{result.id}/outputs/volume/zarr/zarr.json"
    asked = [f"/results/{result.id}/outputs/volume/{what}" for what in ("voxel?z=0&y=0&x=0", "statistics")]
    assert [stranger.get(at(link, each)).status_code for each in (piece, *asked)] == [200, 200, 200]
    for _ in range(2):
        assert analyst.delete(f"/api/v1/review-links/{link['id']}").status_code == 204
    assert stranger.get(at(link)).status_code == 404
    assert [stranger.get(at(link, each)).status_code for each in (piece, *asked)] == [404, 404, 404]
    assert analyst.get("/api/v1/review-links").json()["items"][0]["state"] == "revoked"


def test_an_expired_link_finds_nothing(house: House, analyst: Any, stranger: Any, result: Any) -> None:
    link = make(analyst, result.id, days=1)
    with house.database.writing() as session:
        past = now() - timedelta(seconds=1)
        session.execute(update(ReviewLink).where(ReviewLink.id == link["id"]).values(expires_at=past))
    assert stranger.get(at(link)).status_code == 404
    assert analyst.get("/api/v1/review-links").json()["items"][0]["state"] == "expired"


def test_a_link_to_a_deleted_result_finds_nothing(
    people: Any, project: Any, analyst: Any, stranger: Any, result: Any
) -> None:
    link = make(analyst, result.id)
    steward = people.make(role="steward", project=project)
    gone = steward.delete(f"/api/v1/results/{result.id}?reason=wrong", headers={"If-Match": f'"{result.digest}"'})
    assert gone.status_code == 200
    assert stranger.get(at(link)).status_code == 404


def test_a_changed_letter_is_no_link(analyst: Any, stranger: Any, result: Any) -> None:
    link = make(analyst, result.id)
    for place in (0, 40, -2):
        letters = list(link["text"])
        letters[place] = "0" if letters[place] != "0" else "1"
        answer = stranger.get(f"/api/v1/review/{''.join(letters)}")
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/not-found"


def test_only_what_this_service_signed_is_looked_up() -> None:
    text = signing.make(f"rvl_{'1' * 32}", "key")
    assert signing.link_of(text, "key") == f"rvl_{'1' * 32}"
    assert signing.link_of(text, "another key") is None
    assert signing.link_of(text + "\n", "key") is None
    assert signing.link_of("", "key") is None


def test_every_look_is_in_the_audit_log_and_pieces_of_an_array_are_one(
    people: Any, analyst: Any, stranger: Any, result: Any
) -> None:
    link = make(analyst, result.id)
    home = f"/results/{result.id}"
    stranger.get(at(link))
    stranger.get(at(link))
    stranger.get(at(link, home))
    for path in ("zarr/zarr.json", "zarr/0/zarr.json", "slices/z.png"):
        assert stranger.get(at(link, f"{home}/outputs/volume/{path}")).status_code == 200
    for path in ("voxel?z=0&y=0&x=0", "voxel?z=1&y=0&x=0", "statistics", "statistics?box=0,1,0,1,0,1"):
        assert stranger.get(at(link, f"{home}/outputs/volume/{path}")).status_code == 200
    stranger.get(at(link, f"{home}/download?output=fraction&format=csv"))
    assert looks(people, link) == [
        "page",
        "page",
        f"result {result.id}",
        f"output volume of {result.id}",
        f"voxels of volume of {result.id}",
        f"statistics of volume of {result.id}",
        f"download fraction of {result.id} as csv",
    ]
    row = analyst.get("/api/v1/review-links").json()["items"][0]
    assert (row["looks"], row["last_look_at"] is None) == (7, False)
    assert people.admin.get("/api/v1/audit-verification").json()["is_intact"]


def test_what_was_refused_is_no_look(people: Any, analyst: Any, stranger: Any, result: Any) -> None:
    link = make(analyst, result.id)
    stranger.get(at(link, "/report"))
    for what in ("none/zarr/zarr.json", "volume/voxel?z=99&y=0&x=0", "volume/statistics?box=1"):
        stranger.get(at(link, f"/results/{result.id}/outputs/{what}"))
    assert looks(people, link) == []


def test_a_review_leaves_no_cookie_and_no_trace_with_search_engines(analyst: Any, stranger: Any, result: Any) -> None:
    link = make(analyst, result.id)
    for path in (at(link), at({"text": "none"}), at(link, f"/results/{result.id}/outputs/volume/slices/z.png")):
        answer = stranger.get(path)
        assert "set-cookie" not in answer.headers
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_no_log_line_holds_the_text_of_a_link() -> None:
    assert told("/review/abc.def/results/res_1") == "/review/.../results/res_1"
    assert told("/api/v1/review/abc.def") == "/api/v1/review/..."
    assert told("/reviewing/abc") == "/reviewing/abc"


def test_links_are_made_and_ended_by_those_who_publish(people: Any, project: Any, analyst: Any, result: Any) -> None:
    link = make(analyst, result.id)
    contributor = people.make(role="contributor", project=project)
    body = {"target_id": result.id, "purpose": "x"}
    assert contributor.post("/api/v1/review-links", json=body).status_code == 403
    assert contributor.delete(f"/api/v1/review-links/{link['id']}").status_code == 403
    assert contributor.get("/api/v1/review-links").status_code == 200


@pytest.mark.parametrize("target", ["dataset", "project"])
def test_only_results_samples_and_publications_are_shared(
    analyst: Any, dataset: Any, project: Any, target: str
) -> None:
    body = {"target_id": {"dataset": dataset, "project": project}[target].id, "purpose": "x"}
    assert analyst.post("/api/v1/review-links", json=body).status_code == 404


@pytest.mark.parametrize("settings", [5], indirect=True)
def test_a_link_is_read_only_so_often(analyst: Any, stranger: Any, result: Any) -> None:
    link = make(analyst, result.id)
    answers = [stranger.get(at(link)).status_code for _ in range(8)]
    assert answers[0] == 200
    assert 429 in answers


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    more = {"requests_per_second": request.param} if hasattr(request, "param") else {}
    return settings_for(tmp_path / "data", **more)
