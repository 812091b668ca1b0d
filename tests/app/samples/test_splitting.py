"""A split registers its parts and is recorded, or neither happens."""

from typing import Any

WHEN = "2026-10-03T08:00:00Z"


def split(who: Any, sample: Any, *parts: dict[str, Any], **more: Any) -> Any:
    return who.post(f"/api/v1/samples/{sample.id}/split", json={"occurred_at": WHEN, "parts": list(parts), **more})


def test_parts_are_registered_and_the_split_names_them(contributor, sample):
    answer = split(
        contributor, sample, {"name": "lamella 1", "kind": "lamella"}, {"name": "rest"}, process="lift-out", place="FIB"
    )
    assert answer.status_code == 201
    event, parts = answer.json()["event"], answer.json()["parts"]
    assert event["details"]["child_ids"] == [part["id"] for part in parts]
    assert (event["type"], event["place"], event["details"]["process"]) == ("split", "FIB", "lift-out")
    assert [(part["name"], part["kind"], part["parent_id"]) for part in parts] == [
        ("lamella 1", "lamella", sample.id),
        ("rest", None, sample.id),
    ]
    assert {part["material"] for part in parts} == {sample.material}


def test_a_part_inherits_what_happened_before_the_split_however_late_it_is_entered(contributor, sample):
    for day, kind in ((2, "coating"), (5, "note")):
        more = {"material": "Pt"} if kind == "coating" else {"note": "after"}
        body = {"type": kind, "occurred_at": f"2026-10-0{day}T08:00:00Z", **more}
        assert contributor.post(f"/api/v1/samples/{sample.id}/events", json=body).status_code == 201
    (part,) = split(contributor, sample, {"name": "lamella"}).json()["parts"]
    history = contributor.get(f"/api/v1/samples/{part['id']}/events").json()["items"]
    assert [event["type"] for event in history] == ["coating", "split"]


def test_a_refused_part_leaves_no_part_behind(contributor, sample):
    answer = split(contributor, sample, {"name": "one"}, {"name": "two", "code": sample.code})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (409, "/body/parts/1/code")
    assert contributor.get(f"/api/v1/samples/{sample.id}/children").json()["items"] == []


def test_a_split_after_the_disposal_leaves_no_part_behind(contributor, sample):
    gone = {"type": "disposal", "occurred_at": "2026-10-01T08:00:00Z"}
    assert contributor.post(f"/api/v1/samples/{sample.id}/events", json=gone).status_code == 201
    assert split(contributor, sample, {"name": "one"}).status_code == 409
    assert contributor.get(f"/api/v1/samples/{sample.id}/children").json()["items"] == []


def test_a_split_that_is_sent_twice_is_one(contributor, sample):
    first = split(contributor, sample, {"name": "one"}, client_event_id="bench-7").json()
    again = split(contributor, sample, {"name": "one"}, client_event_id="bench-7").json()
    assert again == first
    assert len(contributor.get(f"/api/v1/samples/{sample.id}/children").json()["items"]) == 1


def test_a_viewer_splits_nothing(people, project, sample):
    assert split(people.make(role="viewer", project=project), sample, {"name": "one"}).status_code == 403


def test_a_label_given_by_the_service_is_one_nobody_carries(contributor, project, sample):
    body = {"project_id": project.id, "name": "first", "material": "nmc"}
    first = contributor.post("/api/v1/samples", json=body).json()["code"]
    following = f"{first[:-4]}{int(first[-4:]) + 1:04d}"
    assert contributor.post("/api/v1/samples", json={**body, "code": following}).status_code == 201
    (part,) = split(contributor, sample, {"name": "part"}).json()["parts"]
    assert part["code"] not in {first, following}
