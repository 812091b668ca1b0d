"""What of a report goes on paper: long tables with their beginning and end, and a sentence that says so."""

from collections.abc import Mapping
from typing import Any

MOST = 200  # rows of one printed table; a sample of a thousand exposures made eleven megabytes
LONG = {
    "missing": "missing entries",
    "events": "events",
    "exposures": "exposures",
    "labels": "labels",
    "others": "records",
    "lineage": "entries",
}


def printed(shown: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return a view with its long tables cut in the middle.

    Parameters
    ----------
    shown : mapping
        As `lithoscope.writers.report.view.view` returns it. Sums, sentences and the figure are of all records.

    Returns
    -------
    rows : dict
        The same with ``cut``: by table a sentence that says what is not printed and where it stands. What leads to a
        row that is not printed leads nowhere.
    """
    cut: dict[str, str] = {}
    gone: set[str] = set()
    rows = dict(shown)
    for name, word in LONG.items():
        every = shown[name]
        if len(every) <= MOST:
            continue
        half = MOST // 2
        rows[name] = [*every[:half], *every[-half:]]
        gone |= {each["anchor"] for each in every[half:-half] if "anchor" in each}
        cut[name] = (
            f"The first {half} and the last {half} of {len(every)} {word} are printed; "
            "all of them stand in this report's page (HTML) and data (JSON)."
        )
    return {**_unled(rows, gone), "cut": cut} if gone else {**rows, "cut": cut}


def _unled(value: Any, gone: set[str]) -> Any:
    """Return a copy in which nothing leads to an anchor that is gone."""
    if isinstance(value, Mapping):
        return {name: None if name == "anchor" and each in gone else _unled(each, gone) for name, each in value.items()}
    return [_unled(each, gone) for each in value] if isinstance(value, list) else value
