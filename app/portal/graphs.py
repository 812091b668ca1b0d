"""The graph of a recipe as a drawing: steps as boxes in rows, arrows from what is taken to who takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT = 168, 60
GAP_X, GAP_Y, MARGIN = 16, 34, 6
LETTERS = 21
#: What stands beside the colour: a drawing must be read without it.
SIGNS = {
    "waiting": "○",
    "queued": "◔",
    "running": "▶",
    "cancelling": "■",
    "succeeded": "✓",
    "failed": "✕",
    "cancelled": "⊘",
    "skipped": "–",
}


@dataclass(frozen=True)
class Node:
    """What is drawn of a step: `needs` are the steps it takes from, `state` is empty where nothing runs."""

    name: str
    title: str
    needs: Sequence[str]
    state: str = ""
    is_reused: bool = False
    address: str = ""


@dataclass(frozen=True)
class Box:
    """A step with its place."""

    node: Node
    x: float
    y: float

    @property
    def lines(self) -> tuple[str, ...]:
        """Return its title in at most two lines that fit."""
        words = self.node.title.split()
        first: list[str] = []
        while words and len(" ".join([*first, words[0]])) <= LETTERS:
            first.append(words.pop(0))
        rest = " ".join(words)
        shown = rest if len(rest) <= LETTERS else f"{rest[: LETTERS - 1]}…"
        return tuple(line for line in (" ".join(first), shown) if line)

    @property
    def sign(self) -> str:
        """Return the sign of its state."""
        return SIGNS.get(self.node.state, "")


@dataclass(frozen=True)
class Graph:
    """The whole drawing, in pixels."""

    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    width: float
    height: float
    box_width: float = BOX_WIDTH
    box_height: float = BOX_HEIGHT


def graph_of(nodes: Sequence[Node]) -> Graph:
    """Place each step one row below the lowest of those it takes from."""
    rows = _rows(nodes)
    across: dict[int, list[Node]] = {}
    for node in nodes:
        across.setdefault(rows[node.name], []).append(node)
    widest = max((len(row) for row in across.values()), default=1)
    width = widest * (BOX_WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    places: dict[str, Box] = {}
    for index, row in across.items():
        left = (width - len(row) * (BOX_WIDTH + GAP_X) + GAP_X) / 2
        for column, node in enumerate(row):
            x, y = left + column * (BOX_WIDTH + GAP_X), MARGIN + index * (BOX_HEIGHT + GAP_Y)
            places[node.name] = Box(node, x, y)
    arrows = tuple(_arrow(places[name], places[node.name]) for node in nodes for name in node.needs if name in places)
    height = len(across) * (BOX_HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN
    return Graph(tuple(places.values()), arrows, width, height)


def _rows(nodes: Sequence[Node]) -> Mapping[str, int]:
    rows: dict[str, int] = {}
    for node in nodes:
        rows[node.name] = 1 + max((rows.get(name, -1) for name in node.needs), default=-1)
    return rows


def _arrow(above: Box, below: Box) -> str:
    x0, y0 = above.x + BOX_WIDTH / 2, above.y + BOX_HEIGHT
    x1, y1 = below.x + BOX_WIDTH / 2, below.y - 5
    middle = (y0 + y1) / 2
    return f"M{x0:g} {y0:g}C{x0:g} {middle:g} {x1:g} {middle:g} {x1:g} {y1:g}"
