"""The first-run tour: a few pages of the visitor's own data in a sensible order, each with one thing to see."""

from dataclasses import dataclass

from fastapi import Request

COOKIE = "lithoscope_tour"
OVER = "over"


@dataclass(frozen=True, slots=True)
class Step:
    """
    One stop of the tour.

    Parameters
    ----------
    place : str
        What is shown; `app.portal.pages.tour` finds its address among the visitor's data.
    title, text : str
        What to see there.
    target : str
        Name of the element that is pointed at.
    """

    place: str
    title: str
    text: str
    target: str


STEPS = (
    Step(
        "home",
        "Home says what needs you",
        "Counts at the top, then what runs, what failed and why, samples that are due, regions near their dose limit.",
        "tiles",
    ),
    Step(
        "sample",
        "A sample keeps its history",
        "Every stay, transfer and beam in one drawing. Hatched is time nobody recorded: it is never shown as fine.",
        "drawn",
    ),
    Step(
        "dose",
        "Doses add up by beam energy",
        "Each number says where it comes from: measured, header, user, assumed, or unknown. Labels with a dotted line "
        "lead to the glossary.",
        "doses",
    ),
    Step(
        "dataset",
        "Files are kept as they arrived",
        "Pictures, metadata and calibration are read from the file. What the header gets wrong you correct, with a "
        "reason.",
        "content",
    ),
    Step(
        "job",
        "A job shows what it does",
        "Progress, residual and log while it runs; its inputs and parameters afterwards. It can be finished early.",
        "content",
    ),
    Step(
        "result",
        "The volume, cut at one place",
        "Click into a slice or use the arrow keys: the others follow, and the line below says place and value.",
        "content",
    ),
    Step(
        "provenance",
        "What had been done before this voxel",
        "The way back from a number: job, dataset, the dose the place had taken, and every event of the sample.",
        "content",
    ),
)


def step_of(request: Request) -> tuple[int, Step] | None:
    """Return where on the tour the visitor is, from 1; None beside it."""
    said = request.cookies.get(COOKIE, "")
    number = int(said) if said.isdecimal() and len(said) < 3 else 0
    return (number, STEPS[number - 1]) if 1 <= number <= len(STEPS) else None


def has_ended(request: Request) -> bool:
    """Say whether the visitor has been through it or did not want it."""
    return request.cookies.get(COOKIE) == OVER
