"""The order in which a page tells what a result came from."""

from app.lab.lineage.schemas import EdgeOut, LineageOut, NodeOut
from app.portal.lineage_graph import causes_first

ARROWS = [
    ("ds_1", "smp_1", "wasAttributedTo"),
    ("job_a", "ds_1", "used"),
    ("res_a", "job_a", "wasGeneratedBy"),
    ("res_a", "ds_1", "wasDerivedFrom"),
    ("job_b", "res_a", "used"),
    ("res_b", "job_b", "wasGeneratedBy"),
    ("res_b", "res_a", "wasDerivedFrom"),
]
KINDS = {"ds": "dataset", "smp": "sample", "job": "job", "res": "result"}


def walk(depths, root="res_b"):
    nodes = [
        NodeOut(id=id_, kind=KINDS[id_.split("_")[0]], label=id_, state=None, href="/", depth=depth)
        for id_, depth in depths.items()
    ]
    edges = [EdgeOut(source_id=made, target_id=cause, relation=relation) for made, cause, relation in ARROWS]
    return LineageOut(root_id=root, direction="upstream", nodes=nodes, edges=edges, is_complete=True)


DEPTHS = {"res_b": 0, "job_b": 1, "res_a": 1, "job_a": 2, "ds_1": 2, "smp_1": 3}


def test_each_thing_stands_after_all_it_came_from_and_results_speak_for_their_jobs():
    assert [node.id for node in causes_first(walk(DEPTHS))] == ["smp_1", "ds_1", "res_a", "res_b"]


def test_a_job_whose_history_is_asked_is_shown_with_its_result():
    assert [node.id for node in causes_first(walk(DEPTHS, root="job_b"))] == [
        "smp_1",
        "ds_1",
        "res_a",
        "job_b",
        "res_b",
    ]
