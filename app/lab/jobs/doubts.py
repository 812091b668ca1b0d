"""What is doubtful about a job's inputs, and so about its result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lithoscope.methods import Method

AXIS_UNKNOWN, AXIS_ELSEWHERE = "tilt-axis-unknown", "tilt-axis-not-along-y"
PIXEL_UNKNOWN = "pixel-size-unknown"
#: What stays doubtful in everything that is made of a result; a cycled particle's composition of its own k-factors too.
LASTING = frozenset({AXIS_UNKNOWN, AXIS_ELSEWHERE, PIXEL_UNKNOWN, "cycled-reference"})
#: A tilt axis nearer than this to y counts as lying along it [deg].
ALONG_Y_DEG = 0.5


@dataclass(frozen=True, slots=True)
class InputWarning:
    """
    What a person should know of an input before a run.

    Parameters
    ----------
    code, detail : str
        The kind of doubt, and what it is in words.
    reference : str
        The input.
    remedies : tuple of str
        Ids of the methods that settle it when they are run on this input first.
    """

    code: str
    detail: str
    reference: str
    remedies: tuple[str, ...] = ()


def warnings_before(
    codes: Iterable[str], given: Iterable[tuple[str, str, str]], methods: Mapping[str, Method]
) -> tuple[InputWarning, ...]:
    """
    Return the warnings to give before a run, each once.

    Parameters
    ----------
    codes : iterable of str
        Of the doubts that make its numbers wrong.
    given : iterable of (str, str, str)
        Reference and kind of each input, and a doubt about it.
    methods : mapping of str to Method
        Among which to look for what settles a doubt.
    """
    wanted = frozenset(codes)
    told = {(reference, doubt): kind for reference, kind, doubt in given if _code(doubt) in wanted}
    return tuple(
        InputWarning(_code(doubt), doubt.partition(": ")[2], reference, _remedies(_code(doubt), kind, methods))
        for (reference, doubt), kind in told.items()
    )


def _remedies(code: str, kind: str, methods: Mapping[str, Method]) -> tuple[str, ...]:
    fitting = (method for method in methods.values() if code in method.settles and kind in method.inputs[0].kinds)
    return tuple(method.id for method in fitting)


def doubts_about(method: Method, doubts: Iterable[str]) -> list[str]:
    """
    Return the doubts about a method's inputs that it does not settle, each once.

    A doubt about a dataset stands with every result made of it, until a method settles it.
    """
    return [doubt for doubt in dict.fromkeys(doubts) if _code(doubt) not in method.settles]


def doubts_of_dataset(summary: Mapping[str, Any], calibration: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what is doubtful about an array of a dataset, if it is a tilt series: its tilt axis and its pixel size."""
    if summary["kind"] != "tilt_series":
        return ()
    return tuple(_doubts_of_axis(summary["name"], calibration)) + tuple(_doubts_of_pixels(summary))


def _doubts_of_axis(name: str, calibration: Mapping[str, Any]) -> Iterable[str]:
    axis_deg = (calibration.get("tilt_axis_deg") or {}).get("value")
    if axis_deg is None:
        yield (
            f"{AXIS_UNKNOWN}: nothing says how the tilt axis lies in the images of {name!r}, and it is "
            "taken to run along y; turn the series first if it does not (tilt_series_turn)"
        )
    elif abs((axis_deg + 90) % 180 - 90) > ALONG_Y_DEG:
        yield (
            f"{AXIS_ELSEWHERE}: the tilt axis of {name!r} lies at {axis_deg:g}° from y, and a tomogram "
            "takes it along y: turn the series first (tilt_series_turn)"
        )


def _doubts_of_pixels(summary: Mapping[str, Any]) -> Iterable[str]:
    step = (summary.get("spacing") or {}).get("x")
    if step is not None and step["value"] is None:
        yield (
            f"{PIXEL_UNKNOWN}: nobody stated the pixel size of {summary['name']!r}, and what is made of it has no "
            "scale: set it at the dataset first"
        )


def doubts_of_result(run_record: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what is doubtful about a result and about everything that is made of it."""
    return tuple(each for each in run_record.get("warnings", []) if _code(each) in LASTING)


def _code(doubt: str) -> str:
    return doubt.partition(":")[0]
