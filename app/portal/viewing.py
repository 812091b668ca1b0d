"""
What is shown together: the arrays of a page put into frames, each a set of maps cut at one shared place.

The page's script (`frontend/src/slices.js`) reads the maps' own chunks by HTTP Range, as any Zarr reader does, and
colours them in the browser: one chunk holds the planes of 64 steps in each direction, so moving through them asks for
nothing. Here is only said what there is: axes, lengths and steps of a frame (an unknown step stays unknown), and title,
unit, address and first colours of each map. The viewer's own page puts all volumes of known steps into one physical
frame.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from app.errors import LabError
from app.infra.house import House
from app.lab.doors.trees import described, tree_json
from app.portal import words
from app.portal.charts import Chart, chart_of
from lithoscope.tables import Plot

SPATIAL = "zyx"
DRAWN = {"zyx", "czyx", "tyx", "ctyx", "yx", "cyx"}
MOST_MAPS = 24
MOST_SHOWN = 12  # things in one address of the viewer
DEPTH = "depth"  # what `particle_profiles` calls the depth of each voxel
MOST_ROWS = 100_000
LARGEST_LOSS_EV = 3000.0  # spectra of energy losses seldom reach further, X-rays always do
_FOLDERS = {"display": "display", "zarr": "ome.zarr"}
_HOMES = {"results": "outputs", "datasets": "arrays"}  # rooms whose arrays the viewer's own page shows
_SIZES = {"nm": 1.0, "um": 1e3, "mm": 1e6, "angstrom": 0.1, "A": 0.1}


@dataclass(frozen=True)
class Shown:
    """
    An array of a page.

    Parameters
    ----------
    address : str
        Of the API.
    summary : mapping
    of : str
        Words before its title where several things stand.
    beside : sequence of mapping
        The arrays of the same thing, itself included.
    tree : str, optional
        Key of the tree it lies in.
    """

    address: str
    summary: Mapping[str, Any]
    of: str = ""
    beside: Sequence[Mapping[str, Any]] = ()
    tree: str | None = None

    @property
    def page(self) -> str:
        """Return the page of what holds it; nothing, this page, for what stands under another address."""
        parts = self.address.removeprefix("/api/v1/").split("/")
        return "" if self.reference is None else f"/{parts[0]}/{parts[1]}"

    @property
    def reference(self) -> str | None:
        """Return how the viewer's own page calls it, `res_.../volume`; None for what stands under another address."""
        match self.address.removeprefix("/api/v1/").split("/"):
            case [room, identifier, under, name] if _HOMES.get(room) == under:
                return f"{identifier}/{name}"
        return None


@dataclass
class Frame:
    """Maps that are cut together: of the same axes, lengths and steps, or of known steps in one physical frame."""

    axes: list[str]
    shape: list[int]
    steps: list[float | None]
    tilts: list[float] | None
    maps: list[dict[str, Any]] = field(default_factory=list)
    references: list[str | None] = field(default_factory=list)
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Say what the frame is."""
        if "z" in self.axes:
            return "Slices"
        return "Tilts" if "t" in self.axes else "Images"

    @property
    def size(self) -> str:
        """Say how many steps there are along each axis; of maps of several grids, that they differ."""
        shapes = {tuple(each["shape"]) for each in self.maps}
        words = " × ".join(map(str, self.shape)) if len(shapes) == 1 else "several grids in one physical frame"
        return f"{', '.join(self.axes)}: {words}"

    @property
    def address(self) -> str | None:
        """Return the address of the viewer's own page for these maps; None where it cannot show them."""
        known = [reference for reference in self.references if reference is not None]
        return viewer_address(known[:MOST_SHOWN]) if len(known) == len(self.references) else None

    def to_json(self) -> dict[str, Any]:
        """Return what the script reads."""
        frame = {"axes": self.axes, "shape": self.shape, "steps": self.steps, "tilts": self.tilts}
        return {"frame": frame, "maps": self.maps[:MOST_MAPS], "stored": self.stored}


def titled(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an array that is called by its name alone words for a title."""
    bare = summary["title"] == summary["name"]
    return {**summary, "title": words.title(summary["name"])} if bare else summary


def viewer_address(shown: Iterable[str]) -> str:
    """Return the address of the viewer's page for things named as in `Shown.reference`, words after an @ allowed."""
    named = "&".join(f"show={quote(each, safe='/@')}" for each in shown)
    return f"/viewer?{named}" if named else "/viewer"


def is_drawn(summary: Mapping[str, Any]) -> bool:
    """Say whether an array can be cut; spectra, tables and figures are left to others."""
    return summary.get("axes") in DRAWN and str(summary.get("path", "")).endswith(".ome.zarr")


def frames_of(things: Iterable[Shown], *, are_together: bool = False, house: House | None = None) -> list[Frame]:
    """
    Put the arrays that can be cut into frames, volumes first; spectra and figures are left to others.

    Parameters
    ----------
    things : iterable of Shown
        In the order they are shown.
    are_together : bool
        Whether arrays whose steps are known share one physical frame though their grids differ. Steps that nobody knows
        share nothing: pixels are not laid over nanometres. Tilt series stay apart, too.
    house : House, optional
        Where the arrays lie: the page then tells how they are stored, which its script need not ask for.
    """
    found: dict[tuple[Any, ...], Frame] = {}
    for thing in things:
        if is_drawn(thing.summary):
            frame = _frame(thing.summary)
            key: tuple[Any, ...] = (tuple(frame.axes), tuple(frame.shape), tuple(frame.steps), tuple(frame.tilts or ()))
            if are_together and "t" not in frame.axes and None not in frame.steps:
                key = key[:1]
            frame = found.setdefault(key, frame)
            frame.maps.extend(_maps(thing))
            frame.references.append(thing.reference)
            if house is not None and thing.tree is not None:
                frame.stored |= _stored(house, thing)
    return sorted(found.values(), key=lambda frame: "zt".find(frame.axes[0]) % 3)


def _stored(house: House, thing: Shown) -> dict[str, dict[str, Any]]:
    """Return the descriptions of an array's levels by their paths, under the address its planes are read from."""
    under = "display" if thing.summary.get("has_display") else "zarr"
    try:
        found = described(house.store, thing.tree or "", f"{thing.summary['name']}.{_FOLDERS[under]}")
    except LabError:  # the script asks for them, and is told what is wrong
        return {}
    return {f"{thing.address}/{under}": found} if found else {}


def _frame(summary: Mapping[str, Any]) -> Frame:
    lengths = dict(zip(summary["axes"], summary["shape"], strict=True))
    axes = [axis for axis in summary["axes"] if axis != "c"]
    steps = [_step(summary, axis) if axis in SPATIAL else None for axis in axes]
    tilts = (summary.get("coordinates") or {}).get("t")
    return Frame(axes, [lengths[axis] for axis in axes], steps, tilts)


def _step(summary: Mapping[str, Any], axis: str) -> float | None:
    record = (summary.get("spacing") or {}).get(axis)
    if record is None or record["value"] is None or record["unit"] not in _SIZES:
        return None
    return float(record["value"]) * _SIZES[record["unit"]]


def _maps(thing: Shown) -> list[dict[str, Any]]:
    summary = thing.summary
    axes = summary["axes"]
    count = summary["shape"][axes.index("c")] if "c" in axes else 1
    names = (summary.get("labels") or {}).get("c") or [str(channel + 1) for channel in range(count)]
    before = f"{thing.of}: " if thing.of else ""
    steps = {axis: _step(summary, axis) for axis in axes if axis in SPATIAL}
    return [
        {
            "title": f"{before}{summary['title']}{f', {names[channel]}' if 'c' in axes else ''}",
            "unit": words.unit(summary.get("unit")),
            "home": thing.address,
            "address": f"{thing.address}/zarr",
            "display": f"{thing.address}/display" if summary.get("has_display") else None,
            "axes": axes,
            "shape": summary["shape"],
            "steps": steps,
            "channel": channel if "c" in axes else None,
            "colours": colours_of(summary),
            "isDepth": summary["name"] == DEPTH and axes == SPATIAL,
            "spectra": [
                {"address": f"{thing.page}#spectra-{quote(each['name'])}", "title": titled(each)["title"]}
                for each in thing.beside
                if _is_spectra(each) and _pixels(each) == _pixels(summary)
            ],
        }
        for channel in range(count)
    ]


def colours_of(summary: Mapping[str, Any]) -> str:
    """Return the first colours of a map: grey for images, labels their own, viridis for quantities."""
    if summary["kind"] == "labels":
        return "labels"
    unit = summary.get("unit") or ""
    is_intensity = unit in {"", "e"} or unit.startswith("counts")
    is_bare_image = unit == "1" and summary["kind"] in {"image", "tilt_series", "stack"}
    return "gray" if "c" not in summary["axes"] and (is_intensity or is_bare_image) else "viridis"


def spectra_of(things: Iterable[Shown]) -> list[dict[str, Any]]:
    """
    Describe the arrays of spectra for their script: axes, lengths, energies [eV] and tilts [deg] where known.

    ``marks`` is what the script offers to mark first, X-ray lines or edges; a visitor may choose the other.
    """
    found = []
    for thing in things:
        summary = thing.summary
        if _is_spectra(summary):
            places = summary.get("coordinates") or {}
            about = {name: summary[name] for name in ("title", "axes", "shape")}
            known = {"energies": places.get("e"), "tilts": places.get("t"), "unit": words.unit(summary.get("unit"))}
            steps = [_step(summary, axis) for axis in "yx"]
            at = {"address": thing.address, "name": summary["name"], "marks": _marks(summary)}
            found.append({**about, **known, "steps": steps, **at, "viewer": _seen_in(thing)})
    return found


def _is_spectra(summary: Mapping[str, Any]) -> bool:
    return summary["kind"] == "spectra" and str(summary.get("axes", "")).endswith("e")


def _pixels(summary: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return rows and columns; None of what has none."""
    lengths = dict(zip(summary.get("axes") or "", summary.get("shape") or (), strict=False))
    return (lengths["y"], lengths["x"]) if {"y", "x"} <= lengths.keys() else None


def _seen_in(spectra: Shown) -> dict[str, Any] | None:
    """Return what the viewer shows of the same rows and columns beside spectra, at the same place; None for nothing."""
    if spectra.reference is None or _pixels(spectra.summary) is None:
        return None
    home, _, _ = spectra.reference.partition("/")
    for each in spectra.beside:
        if is_drawn(each) and _pixels(each) == _pixels(spectra.summary):
            axes = [axis for axis in each["axes"] if axis != "c"]
            lengths = [length for axis, length in zip(each["axes"], each["shape"], strict=True) if axis != "c"]
            address = viewer_address([f"{home}/{each['name']}"])
            return {"address": address, "title": titled(each)["title"], "axes": axes, "shape": lengths}
    return None


def _marks(summary: Mapping[str, Any]) -> str:
    """Guess by name and range whether spectra are of X-rays or of energy losses."""
    name = str(summary["name"]).lower()
    if any(part in name for part in ("eels", "loss")):
        return "edge"
    if any(part in name for part in ("eds", "edx", "x_ray", "xray")):
        return "x_ray_line"
    energies = (summary.get("coordinates") or {}).get("e") or [0.0]
    return "edge" if max(energies) < LARGEST_LOSS_EV else "x_ray_line"


def curves_of(things: Iterable[Shown]) -> list[dict[str, Any]]:
    """Describe the arrays of one axis for their script, which draws them as a curve."""
    return [
        {
            "title": thing.summary["title"],
            "unit": words.unit(thing.summary.get("unit")),
            "address": f"{thing.address}/zarr",
            "axis": thing.summary["axes"],
            "step": _step(thing.summary, thing.summary["axes"]),
            "places": (thing.summary.get("coordinates") or {}).get(thing.summary["axes"]),
        }
        for thing in things
        if thing.summary.get("axes") in {"x", "y", "z", "t", "c"}
        and str(thing.summary.get("path", "")).endswith(".ome.zarr")
    ]


def charts_of(house: House, outputs: Iterable[tuple[str | None, Mapping[str, Any]]]) -> dict[str, Chart]:
    """
    Lay out the charts of tables by the tables' names.

    A table without a plot, of too many rows, or whose bytes are damaged has none: the page shows its rows, or says
    there that they could not be read.

    Parameters
    ----------
    house : House
        Where the tables lie.
    outputs : iterable of (str or None, mapping)
        Key of the tree that holds an output, and the output's summary.
    """
    found: dict[str, Chart] = {}
    for tree, summary in outputs:
        if summary["kind"] != "table" or not summary.get("plot") or summary["rows"] > MOST_ROWS:
            continue
        try:
            record = tree_json(house, tree, f"{summary['name']}.json")
        except LabError:
            continue
        chart = chart_of(Plot.from_json(summary["plot"]), record["columns"], record["units"])
        if chart is not None:
            found[str(summary["name"])] = chart
    return found
