"""The graph from a number back to the cell, walkable both ways; nobody commits here."""

from app.errors import Conflict, NotFound
from app.infra.queue import TERMINAL
from app.lab.access import SYSTEM, Action, Actor, allow, require
from app.lab.lineage.repository import MAX_DEPTH, MAX_NODES, Found, LineageRepository
from app.lab.lineage.schemas import Direction, EdgeOut, LineageOut, NodeOut, Relation


class HasDependents(Conflict):
    """Something was made from it."""

    code, title = "has-dependents", "Something was made from it"


class LineageService:
    """Draws arrows from what was made to what it came from, and follows them."""

    def __init__(self, edges: LineageRepository) -> None:
        self._edges = edges

    def link(self, source_id: str, target_id: str, relation: Relation) -> None:
        """
        Draw an arrow in the transaction that makes the source; repeating it changes nothing.

        Parameters
        ----------
        source_id : str
            What was made or done.
        target_id : str
            What it came from.
        relation : Relation
            Activity ``used`` thing, thing ``wasGeneratedBy`` activity, thing ``wasDerivedFrom`` thing,
            ``wasAttributedTo``, activity ``wasInformedBy`` activity.
        """
        self._edges.link(source_id, target_id, relation)

    def forget(self, source_ids: list[str]) -> None:
        """Remove the arrows that begin at what was deleted before anybody saw or used it."""
        self._edges.forget(source_ids)

    def walk(self, actor: Actor, root_id: str, direction: Direction = "both") -> LineageOut:
        """
        Follow the arrows from one thing.

        Only things of projects the actor may read appear; a root the actor may not read is not found.
        """
        root = self._edges.describe([root_id]).get(root_id)
        if root is None:
            raise NotFound
        require(actor, Action.READ, root.project_id)
        depths, is_complete = self._depths(root_id, direction)
        found = self._edges.describe(list(depths))
        visible = {id_: node for id_, node in found.items() if allow(actor, Action.READ, node.project_id)}
        return LineageOut(
            root_id=root_id,
            direction=direction,
            nodes=[_node(visible[id_], depth) for id_, depth in depths.items() if id_ in visible],
            edges=[EdgeOut.model_validate(edge) for edge in self._edges.edges_among(sorted(visible))],
            is_complete=is_complete,
        )

    def dependents(self, object_id: str) -> list[str]:
        """
        Return the live results made from a thing, the unfinished jobs that use it, and the events it is evidence of.

        What came after an event was not made from its evidence. A walk that was cut short may have missed one: then
        every descendant counts.
        """
        walk = self.walk(SYSTEM, object_id, "downstream")
        made = _made_from(walk)
        return [
            node.id
            for node in walk.nodes
            if node.depth and ((node.id in made and _needs_its_input(node)) or not walk.is_complete)
        ]

    def check_unused(self, object_id: str) -> None:
        """Refuse to go on while live results, unfinished jobs or custody events need a thing; they are named."""
        if dependents := self.dependents(object_id):
            detail = (
                "Results were made from it, a job is using it, or a custody event names it as evidence: delete or "
                "cancel those, or correct the event, first."
            )
            raise HasDependents(detail, dependents=dependents)

    def _depths(self, root_id: str, direction: Direction) -> tuple[dict[str, int], bool]:
        depths: dict[str, int] = {}
        is_complete = True
        for way, sign in (("upstream", 1), ("downstream", -1)):
            if direction not in {way, "both"}:
                continue
            reached = self._edges.reach(root_id, upstream=sign == 1)
            outermost = [id_ for id_, depth in reached.items() if depth == MAX_DEPTH]
            is_cut = len(reached) > MAX_NODES or self._edges.goes_on(outermost, upstream=sign == 1)
            is_complete = is_complete and not is_cut
            for id_, depth in list(reached.items())[:MAX_NODES]:
                depths.setdefault(id_, sign * depth)
        return depths, is_complete


def _made_from(walk: LineageOut) -> set[str]:
    """Return what a walk against the arrows reaches from its root without passing through an event."""
    events = {node.id for node in walk.nodes if node.kind == "event"}
    found, todo = {walk.root_id}, [walk.root_id]
    while todo:
        here = todo.pop()
        after = {edge.source_id for edge in walk.edges if edge.target_id == here} - found
        found |= after
        todo += after - events
    return found


def _needs_its_input(node: NodeOut) -> bool:
    if node.kind == "event":
        return node.state != "superseded"
    if node.kind == "job":
        return node.state not in TERMINAL
    return node.kind == "result" and node.state != "deleted"


def _node(found: Found, depth: int) -> NodeOut:
    return NodeOut.model_validate(
        {
            "id": found.id,
            "kind": found.kind,
            "label": found.label,
            "state": found.state,
            "href": f"/api/v1/{found.kind}s/{found.id}",
            "depth": depth,
        }
    )
