"""Bands of custody coloured and hatched by atmosphere, and the marks of events above them."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from lithoscope.rules.report import Band, Record
from lithoscope.rules.report_words import plain
from lithoscope.writers.report.timescale import TimeScale

INK = "#222222"


@dataclass(frozen=True)
class Look:
    """How a band is filled; lightness alone tells gas, vacuum, cold and air apart."""

    face: str
    hatch: str


LOOKS = {
    "argon": Look("#cfe3f5", ""),
    "nitrogen": Look("#b5d3ea", ".."),
    "dry_air": Look("#f3c38a", "\\\\"),
    "air": Look("#d1622b", "xx"),
    "carbon_dioxide": Look("#d8cfe8", "oo"),
    "vacuum": Look("#f2f2f2", ""),
    "ultra_high_vacuum": Look("#f2f2f2", "--"),
    "liquid_nitrogen": Look("#6f9fc8", "++"),
    "other": Look("#cccccc", ".."),
}
NOT_SAID = Look("#ffffff", "..")
GAP = Look("#ffffff", "////")
MOST_WORDS = 24
LETTERS_ACROSS, LETTERS_UP = 120, 12  # of this size span the axis, and the height of a band


def draw_bands(axes: Axes, bands: Sequence[Band], scale: TimeScale) -> None:
    """Draw the stays; a gap nobody recorded is hatched on white."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0.5])
    axes.set_yticklabels(["custody"])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    shown: dict[str, Look] = {}
    for band in bands:
        name, look = _look(band)
        shown.setdefault(name, look)
        left, right = scale.place(band.started_at), scale.place(band.ended_at)
        axes.add_patch(
            Rectangle(
                (left, 0.08),
                right - left,
                0.84,
                facecolor=look.face,
                hatch=look.hatch,
                edgecolor="#555555",
                linewidth=0.6,
            )
        )
        _name(axes, band, left, right)
    if shown:
        keys = [
            Patch(facecolor=look.face, hatch=look.hatch, edgecolor="#555555", label=name)
            for name, look in shown.items()
        ]
        axes.figure.legend(
            handles=keys, loc="lower left", ncols=min(6, len(keys)), fontsize=6.5, frameon=False, handlelength=2.2,
            bbox_to_anchor=(0.15, 0.0), borderaxespad=0.3,
        )  # fmt: skip


def draw_events(axes: Axes, events: Sequence[Record], scale: TimeScale) -> None:
    """Mark each event with its number in the custody table; with few events also with its type."""
    taken = -1.0
    for event in sorted(events, key=lambda each: (each.started_at is None, each.started_at)):
        if event.started_at is None:
            continue
        place = scale.place(event.started_at)
        label = f"{event.number} {plain(event.title)}" if len(events) <= MOST_WORDS else str(event.number)
        shown = max(place, taken + 0.022)
        taken = shown
        axes.annotate(
            label,
            (place, 0.95),
            xycoords="data",
            xytext=(shown, 1.32),
            textcoords=axes.get_xaxis_transform(),
            rotation=50,
            ha="left",
            va="bottom",
            rotation_mode="anchor",
            fontsize=6,
            color=INK,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": "#555555", "shrinkA": 0, "shrinkB": 0},
        )
        axes.plot([place], [0.95], marker="v", markersize=3, color=INK, clip_on=False)


def _look(band: Band) -> tuple[str, Look]:
    if band.is_gap:
        return "gap: nobody recorded", GAP
    if band.atmosphere is None:
        return "atmosphere not recorded", NOT_SAID
    return plain(band.atmosphere), LOOKS.get(band.atmosphere, LOOKS["other"])


def _name(axes: Axes, band: Band, left: float, right: float) -> None:
    """Write the place where it fits, upright in a narrow band."""
    words = "gap" if band.is_gap else (band.place or "")
    room = int((right - left) * LETTERS_ACROSS)
    is_upright = len(words) > room >= 2
    letters = LETTERS_UP if is_upright else room
    if not words or letters < 3:
        return
    text = words if len(words) <= letters else words[: letters - 1] + "…"
    box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    place = ((left + right) / 2, 0.5)
    turn = 90 if is_upright else 0
    axes.text(*place, _plain_text(text), ha="center", va="center", fontsize=6, color=INK, bbox=box, rotation=turn)


def _plain_text(text: str) -> str:
    """Keep matplotlib from reading a dollar sign as the start of a formula."""
    return text.replace("$", r"\$")
