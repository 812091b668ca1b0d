"""The drawing of a lineage: causes above, nothing drawn twice, and never more than can be read."""

from itertools import pairwise

import pytest

from app.lab.lineage.schemas import EdgeOut, LineageOut, NodeOut
from app.portal.lineage_graph import MOST_IN_A_ROW, MOST_ROWS, drawing_of
from tests.app.portal.pages.test_results import DEPTHS, walk

KINDS = {"ds": "dataset", "smp": "sample", "job": "job", "res": "result"}


def named(drawing):
    return {thing.name: thing for thing in drawing.things if thing.name}


def fan(count):
    """Return a dataset of which many results were made."""
    names = {"ds_1": 0} | {f"res_{number:03}": -1 for number in range(count)}
    nodes = [
        NodeOut(id=id_, kind=KINDS[id_.split("_")[0]], label=id_, state=None, href="/", depth=depth)
        for id_, depth in names.items()
    ]
    edges = [
        EdgeOut(source_id=node.id, target_id="ds_1", relation="wasDerivedFrom")
        for node in nodes
        if node.kind == "result"
    ]
    return LineageOut(root_id="ds_1", direction="both", nodes=nodes, edges=edges, is_complete=True)


def test_each_thing_stands_below_all_it_came_from():
    things = named(drawing_of(walk(DEPTHS), {}))
    heights = [things[name].y for name in ("smp_1", "ds_1", "res_a", "res_b")]
    assert heights == sorted(set(heights))
    assert set(things) == {"smp_1", "ds_1", "res_a", "res_b"}


def test_things_lead_to_their_pages_and_the_root_to_itself_does_not():
    things = named(drawing_of(walk(DEPTHS), {"res_a": "Tomogram"}))
    assert things["ds_1"].address == "/datasets/ds_1"
    assert (things["res_b"].address, things["res_b"].is_root) == ("", True)
    assert things["res_a"].title == "Tomogram"


def test_a_reader_without_pages_gets_names_only():
    assert {thing.address for thing in drawing_of(walk(DEPTHS), {}, addresses={}).things} == {""}


def test_what_a_longer_way_tells_is_not_drawn_again():
    found = walk(DEPTHS)
    shortcut = EdgeOut(source_id="res_b", target_id="ds_1", relation="wasDerivedFrom")
    more = found.model_copy(update={"edges": [*found.edges, shortcut]})
    assert drawing_of(more, {}).arrows == drawing_of(found, {}).arrows


@pytest.mark.parametrize("count", [MOST_IN_A_ROW + 1, 100, 1500])
def test_a_large_graph_is_bounded_and_says_what_is_left_out(count):
    drawing = drawing_of(fan(count), {})
    assert len(named(drawing)) == 1 + MOST_IN_A_ROW
    assert drawing.left_out == count - MOST_IN_A_ROW
    assert [thing.title for thing in drawing.things if thing.kind == "more"] == [f"and {count - MOST_IN_A_ROW} more"]
    assert drawing.width < 2000


def test_of_a_long_chain_the_rows_about_the_root_are_drawn():
    names = [f"res_{number:03}" for number in range(60)]
    nodes = [
        NodeOut(id=name, kind="result", label=name, state=None, href="/", depth=30 - place)
        for place, name in enumerate(names)
    ]
    edges = [EdgeOut(source_id=late, target_id=early, relation="wasDerivedFrom") for early, late in pairwise(names)]
    found = LineageOut(root_id="res_030", direction="both", nodes=nodes, edges=edges, is_complete=True)
    drawing = drawing_of(found, {})
    assert len(drawing.things) == MOST_ROWS
    assert "res_030" in named(drawing)
    assert drawing.left_out == 60 - MOST_ROWS


def test_boxes_never_overlap():
    places = [(thing.x, thing.y) for thing in drawing_of(fan(5), {}).things]
    assert len(set(places)) == len(places)


def test_a_thing_alone_is_one_box():
    drawing = drawing_of(fan(0), {})
    assert len(drawing.things) == 1
    assert (drawing.arrows, drawing.left_out) == ((), 0)
