"""What is doubtful about a job's inputs, and so about its result."""

from collections.abc import Iterable, Mapping
from typing import Any

from lithoscope.methods import Method

AXIS_UNKNOWN, AXIS_ELSEWHERE = "tilt-axis-unknown", "tilt-axis-not-along-y"
#: What stays doubtful in everything that is made of a result; a cycled particle's composition of its own k-factors too.
LASTING = frozenset({AXIS_UNKNOWN, AXIS_ELSEWHERE, "cycled-reference"})
#: A tilt axis nearer than this to y counts as lying along it [deg].
ALONG_Y_DEG = 0.5


def doubts_about(method: Method, doubts: Iterable[str]) -> list[str]:
    """
    Return the doubts about a method's inputs that it does not settle, each once.

    A doubt about a dataset stands with every result made of it, until a method settles it.
    """
    return [doubt for doubt in dict.fromkeys(doubts) if _code(doubt) not in method.settles]


def doubts_of_dataset(summary: Mapping[str, Any], calibration: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what is doubtful about an array of a dataset: how its tilt axis lies, if it is a tilt series."""
    if summary["kind"] != "tilt_series":
        return ()
    axis_deg = (calibration.get("tilt_axis_deg") or {}).get("value")
    if axis_deg is None:
        doubt = (
            f"{AXIS_UNKNOWN}: nothing says how the tilt axis lies in the images of {summary['name']!r}, and it is "
            "taken to run along y; turn the series first if it does not (tilt_series_turn)"
        )
        return (doubt,)
    if abs((axis_deg + 90) % 180 - 90) > ALONG_Y_DEG:
        doubt = (
            f"{AXIS_ELSEWHERE}: the tilt axis of {summary['name']!r} lies at {axis_deg:g} deg from y, and a tomogram "
            "takes it along y: turn the series first (tilt_series_turn)"
        )
        return (doubt,)
    return ()


def doubts_of_result(run_record: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what is doubtful about a result and about everything that is made of it."""
    return tuple(each for each in run_record.get("warnings", []) if _code(each) in LASTING)


def _code(doubt: str) -> str:
    return doubt.partition(":")[0]
