"""What the history of a thing looks like from outside."""

from typing import Literal

from app.lab.schemas import Out

Relation = Literal["used", "wasGeneratedBy", "wasDerivedFrom", "wasAttributedTo", "wasInformedBy"]
Direction = Literal["upstream", "downstream", "both"]
Kind = Literal["sample", "event", "exposure", "dataset", "job", "result"]


class NodeOut(Out):
    """One thing of the graph; `depth` counts arrows from the start, negative towards what was made of it."""

    id: str
    kind: Kind
    label: str
    state: str | None
    href: str
    depth: int


class EdgeOut(Out):
    """An arrow from what was made to what it came from; the relation is W3C PROV's."""

    source_id: str
    target_id: str
    relation: Relation


class LineageOut(Out):
    """The walk from one thing; `is_complete` is false when the graph goes on beyond the limits of the walk."""

    root_id: str
    direction: Direction
    nodes: list[NodeOut]
    edges: list[EdgeOut]
    is_complete: bool
