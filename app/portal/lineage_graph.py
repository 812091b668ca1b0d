"""What a thing came from and what was made of it as a drawing: causes above, boxes that lead to the things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from app.lab.lineage.schemas import LineageOut, NodeOut
from app.portal.graphs import BOX_HEIGHT, BOX_WIDTH, GAP_X, GAP_Y, MARGIN

MOST_IN_A_ROW = 7
MOST_ROWS = 24
LETTERS = 22
ADDRESSES = {"dataset": "/datasets/", "job": "/jobs/", "result": "/results/", "sample": "/samples/"}
Causes = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Thing:
    """
    A box: a thing with its place, or the number of things that found no room beside it.

    Parameters
    ----------
    name, kind, title, state : str
        Of the thing; a box for many has no name.
    x, y : float
        Of its left upper corner [pixels].
    address : str
        Where it is shown; empty where there is no such page.
    is_root : bool
        Whether the drawing is about it.
    """

    name: str
    kind: str
    title: str
    state: str
    x: float
    y: float
    address: str
    is_root: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the title in at most two lines that fit."""
        words = self.title.replace("_", " ").split()
        first: list[str] = []
        while words and len(" ".join([*first, words[0]])) <= LETTERS:
            first.append(words.pop(0))
        rest = " ".join(words)
        shown = rest if len(rest) <= LETTERS else f"{rest[: LETTERS - 1]}…"
        return tuple(line for line in (" ".join(first), shown) if line)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing [pixels]; `left_out` counts the things that only the list below it names."""

    things: tuple[Thing, ...]
    arrows: tuple[str, ...]
    width: float
    height: float
    left_out: int
    box_width: float = BOX_WIDTH
    box_height: float = BOX_HEIGHT


def drawing_of(found: LineageOut, titles: Mapping[str, str], *, addresses: Mapping[str, str] = ADDRESSES) -> Drawing:
    """
    Lay a walk out in rows, each thing one row below the lowest it came from.

    A job whose result is drawn is left out: the result says what ran. An arrow that a longer way already tells is left
    out as well. Of a row too long to be read the nearest things are drawn and the others counted; so are rows far away.

    Parameters
    ----------
    found : LineageOut
        The walk.
    titles : mapping of str to str
        What to call a thing, by its id.
    addresses : mapping of str to str
        By kind: where the pages of things begin; empty for a reader who has none.
    """
    nodes = {node.id: node for node in shown(found)}
    causes = _causes(found, nodes)
    rows, spare = _cut(_near(_rows(causes), found.root_id), nodes)
    kept = {name for row in rows for name in row}
    causes = _direct({name: causes[name] & kept for name in kept})
    return _placed(_Laid(_untangled(rows, causes), spare, causes, nodes, found.root_id), titles, addresses)


@dataclass(frozen=True, slots=True)
class _Laid:
    rows: Sequence[list[str]]
    spare: Sequence[int]
    causes: Causes
    nodes: Mapping[str, NodeOut]
    root_id: str


def shown(found: LineageOut) -> list[NodeOut]:
    """Return the things of a walk without the jobs whose results are among them: the result says what ran."""
    told = {
        edge.target_id
        for edge in found.edges
        if edge.relation == "wasGeneratedBy" and edge.source_id.startswith("res_")
    }
    return [node for node in found.nodes if node.id not in told or node.id == found.root_id]


def _causes(found: LineageOut, nodes: Mapping[str, NodeOut]) -> Causes:
    causes: Causes = {name: set() for name in nodes}
    for edge in found.edges:
        if edge.source_id in nodes and edge.target_id in nodes and edge.source_id != edge.target_id:
            causes[edge.source_id].add(edge.target_id)
    return causes


def _direct(causes: Causes) -> Causes:
    """Leave out an arrow to what is reached through another cause as well."""
    above: Causes = {}
    for name in TopologicalSorter(causes).static_order():
        above[name] = set(causes[name]).union(*(above[cause] for cause in causes[name]))
    return {name: {each for each in found if not _is_above(each, found, above)} for name, found in causes.items()}


def _is_above(name: str, others: set[str], above: Causes) -> bool:
    return any(name in above[other] for other in others if other != name)


def causes_first(found: LineageOut) -> list[NodeOut]:
    """Order what is shown of a walk so that each thing stands after all it came from."""
    rank = _ranks(_causes(found, {node.id: node for node in found.nodes}))
    return sorted(shown(found), key=lambda node: (rank[node.id], -node.depth))


def _ranks(causes: Causes) -> dict[str, int]:
    """Return how many things stand above each, by the longest way."""
    rank: dict[str, int] = {}
    for name in TopologicalSorter(causes).static_order():
        rank[name] = 1 + max((rank[cause] for cause in causes[name]), default=-1)
    return rank


def _rows(causes: Causes) -> list[list[str]]:
    rank = _ranks(causes)
    rows: list[list[str]] = [[] for _ in range(1 + max(rank.values(), default=-1))]
    for name in sorted(rank):
        rows[rank[name]].append(name)
    return rows


def _near(rows: Sequence[list[str]], root_id: str) -> list[list[str]]:
    """Keep the rows about the root, of a history too long to be read in one piece."""
    own = next(index for index, row in enumerate(rows) if root_id in row)
    first = max(min(own - MOST_ROWS // 2, len(rows) - MOST_ROWS), 0)
    return list(rows[first : first + MOST_ROWS])


def _cut(rows: Sequence[list[str]], nodes: Mapping[str, NodeOut]) -> tuple[list[list[str]], list[int]]:
    """Keep the nearest things of each row; return the rows with the number of those left out of each."""
    kept = [sorted(row, key=lambda name: (abs(nodes[name].depth), name))[:MOST_IN_A_ROW] for row in rows]
    return kept, [len(row) - len(short) for row, short in zip(rows, kept, strict=True)]


def _untangled(rows: Sequence[list[str]], causes: Causes) -> list[list[str]]:
    """Put each thing below the middle of what it came from, which crosses few arrows."""
    places: dict[str, float] = {}
    ordered = []
    for row in rows:
        middles = {name: _middle([places[each] for each in causes[name] if each in places]) for name in row}
        ordered.append(sorted(row, key=lambda name, of=middles: (of[name], name)))  # type: ignore[misc]
        places |= {name: (place + 0.5) / len(row) for place, name in enumerate(ordered[-1])}
    return ordered


def _middle(places: Sequence[float]) -> float:
    return sum(places) / len(places) if places else 0.5


def _placed(laid: _Laid, titles: Mapping[str, str], addresses: Mapping[str, str]) -> Drawing:
    counts = [len(row) + bool(more) for row, more in zip(laid.rows, laid.spare, strict=True)]
    width = max(counts, default=1) * (BOX_WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    boxes: dict[str, Thing] = {}
    for index, row in enumerate(laid.rows):
        left, y = (width - counts[index] * (BOX_WIDTH + GAP_X) + GAP_X) / 2, MARGIN + index * (BOX_HEIGHT + GAP_Y)
        for column, name in enumerate(row):
            node, home = laid.nodes[name], addresses.get(laid.nodes[name].kind)
            x = left + column * (BOX_WIDTH + GAP_X)
            is_root = name == laid.root_id
            where = f"{home}{name}" if home and not is_root else ""
            boxes[name] = Thing(name, node.kind, titles.get(name, node.label), node.state or "", x, y, where, is_root)
        if laid.spare[index]:
            x = left + len(row) * (BOX_WIDTH + GAP_X)
            boxes[f"row {index}"] = Thing("", "more", f"and {laid.spare[index]} more", "", x, y, "")
    arrows = [_arrow(boxes[cause], boxes[name]) for name in boxes for cause in sorted(laid.causes.get(name, ()))
              if cause in boxes]  # fmt: skip
    drawn = sum(1 for box in boxes.values() if box.name)
    height = max(len(laid.rows), 1) * (BOX_HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN
    return Drawing(tuple(boxes.values()), tuple(arrows), width, height, len(laid.nodes) - drawn)


def _arrow(above: Thing, below: Thing) -> str:
    x0, y0 = above.x + BOX_WIDTH / 2, above.y + BOX_HEIGHT
    x1, y1 = below.x + BOX_WIDTH / 2, below.y - 5
    middle = (y0 + y1) / 2
    return f"M{x0:g} {y0:g}C{x0:g} {middle:g} {x1:g} {middle:g} {x1:g} {y1:g}"
