"""Notes, tags, searches, splits and reviewers' links, from Python and from a terminal."""

import json
from typing import Any

import httpx
import pytest

from lithoscope.client import Client, ClientError, Invalid, NotFound
from lithoscope.client.sample import Sample


@pytest.fixture
def foil(client: Client, service) -> Sample:
    return client.samples.create("Foil of the Östling cell", project=service.project_id, material="nmc", kind="powder")


def found(client: Client, text: str | None = None, **facets: Any) -> set[str]:
    return {each.id for each in client.samples.search(text, **facets)}


def test_notes_stay_with_who_wrote_them(client: Client, foil: Sample):
    assert foil.notes() == []
    foil.write_note("torn at the rim")
    foil.write_note("the other rim too")
    assert [(each.text, each.author) for each in foil.notes()] == [
        ("the other rim too", "Facility head"),
        ("torn at the rim", "Facility head"),
    ]
    assert foil.notes()[0].created_at.tzinfo is not None


def test_a_tag_finds_its_things_until_it_is_taken_off(client: Client, foil: Sample):
    foil.add_tags("For the Paper", "rate c/20")
    assert foil.tags() == ["for the paper", "rate c/20"]
    assert foil.id in {each.id for each in client.tagged("For the paper", kind="sample")}
    assert {each.tag: each.things for each in client.tags()}["rate c/20"] >= 1
    assert foil.id in found(client, tag="rate c/20")
    foil.remove_tags("rate c/20")
    assert foil.tags() == ["for the paper"]
    assert foil.id not in found(client, tag="rate c/20")
    with pytest.raises(Invalid):
        foil.add_tags("!")


def test_samples_are_found_by_words_and_facets(client: Client, foil: Sample):
    assert foil.id in found(client, "ÖSTLING CELL")
    assert foil.id in found(client, "östling", material="nmc", kind="powder", state="kept")
    assert foil.id not in found(client, "östling", material="lfp")
    counts = client.samples.facets("östling")
    assert counts.total >= 1
    assert "powder" in {each.value for each in counts["kind"]}


def test_a_split_makes_parts_and_a_disposal_ends_a_sample(client: Client, foil: Sample):
    piece, tip = foil.split(["a piece", {"name": "a tip", "kind": "tip"}], process="lift-out")
    assert (piece.parent_id, piece.material, tip.kind) == (foil.id, "nmc", "tip")
    assert {each.id for each in foil.children()} == {piece.id, tip.id}
    tip.dispose(reason="broken")
    assert tip.id in found(client, state="disposed")
    assert tip.id not in found(client, "a tip", state="kept")


def test_a_reviewer_s_link_leads_to_one_thing_until_it_is_revoked(client: Client, foil: Sample):
    link = client.make_review_link(foil, "Journal of Cells", days=7)
    read = link.address.replace("/review/", "/api/v1/review/")
    with httpx.Client(timeout=60) as stranger:
        assert stranger.get(read).json()["kind"] == "sample"
        client.revoke_review_link(link.id)
        assert stranger.get(read).status_code == 404
    (listed,) = client.review_links(foil)
    assert (listed.id, listed.state, listed.looks) == (link.id, "revoked", 1)
    with pytest.raises(NotFound):
        client.make_review_link("smp_" + "0" * 32, "nobody")


def test_a_terminal_notes_tags_searches_and_splits(lithoscope):
    made = lithoscope(
        "sample", "register", "grid", "--material", "nmc", "--kind", "powder", "--tag", "Batch 7", "--json"
    )
    sample = json.loads(made.stdout)
    label = sample["code"]
    assert (sample["kind"], sample["tags"]) == ("powder", ["batch 7"])
    assert "batch 7" in lithoscope("sample", "show", label).stdout
    assert lithoscope("note", "add", label, "cracked").returncode == 0
    assert "Facility head: cracked" in lithoscope("note", "list", label).stdout
    assert json.loads(lithoscope("tag", "add", label, "Rim", "--json").stdout) == ["batch 7", "rim"]
    assert sample["id"] in lithoscope("tag", "find", "rim").stdout
    assert json.loads(lithoscope("tag", "remove", label, "rim", "--json").stdout) == ["batch 7"]
    assert "batch 7" in lithoscope("tag", "list").stdout
    parts = json.loads(lithoscope("sample", "split", label, "left", "right:lamella", "--json").stdout)
    assert [(part["name"], part["kind"]) for part in parts] == [("left", None), ("right", "lamella")]
    assert lithoscope("sample", "dispose", parts[0]["code"], "--reason", "spent").returncode == 0
    gone = json.loads(lithoscope("search", "left", "--state", "disposed", "--json").stdout)
    assert parts[0]["id"] in {row["id"] for row in gone}
    assert "samples" in lithoscope("search", "--facets", "--material", "nmc").stdout


def test_a_terminal_makes_lists_and_revokes_a_reviewer_s_link(lithoscope):
    label = lithoscope("sample", "register", "given", "--material", "nmc").stdout.split()[1]
    link = json.loads(lithoscope("review", "make", label, "Journal", "--days", "3", "--json").stdout)
    assert link["address"].startswith("http")
    assert "active" in lithoscope("review", "list", label).stdout
    assert lithoscope("review", "revoke", link["id"]).returncode == 0
    assert "revoked" in lithoscope("review", "list", label).stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("note", "list", "NO-SUCH-LABEL"), 1),
        (("tag", "find", "x", "--kind", "place"), 2),
        (("search", "--material", "unobtainium"), 5),
        (("review", "revoke", "rvl_" + "0" * 32), 5),
    ],
)
def test_exit_codes_say_what_kind_of_thing_went_wrong(lithoscope, words, code):
    ended = lithoscope(*words)
    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False), ended.stderr


def test_a_label_that_nobody_carries_is_said(client: Client):
    with pytest.raises(ClientError, match="label"):
        client.samples.get("NO-SUCH-LABEL")
