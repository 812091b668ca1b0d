"""What jobs do inside their process: analyse arrays, or read a file somebody sent."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workers.reporting import Reporter

Body = Callable[[dict[str, Any], Path, Reporter], dict[str, Any]]


def analyse(task: dict[str, Any], output: Path, reporter: Reporter) -> dict[str, Any]:
    """
    Run a method on its inputs and write what it gives.

    The task holds ``method``, ``extra_methods``, ``inputs`` (port to folder and path, or to an exposure's record; to a
    list of these where it takes many), ``params``, ``seed``.
    """
    from lithoscope import analysis
    from lithoscope.methods import catalogue
    from workers import trees

    method = catalogue(tuple(task["extra_methods"]))[task["method"]]
    inputs = {
        name: [trees.load(one) for one in given] if isinstance(given, list) else trees.load(given)
        for name, given in task["inputs"].items()
    }
    params = method.params.model_validate_json(json.dumps(task["params"]))
    started = time.monotonic()
    made = analysis.perform(method, inputs, params, progress=reporter.progress, seed=task["seed"])
    method_s = round(time.monotonic() - started, 3)
    titles = {port.name: port.title for port in method.outputs}
    report = {"warnings": list(made.notes)}
    return {"arrays": trees.write(output, made.outputs, titles), "report": report, "method_s": method_s}


def ingest(task: dict[str, Any], output: Path, reporter: Reporter) -> dict[str, Any]:
    """
    Read a file and write its arrays in our own form.

    The task holds ``file`` and ``name``, or ``files`` of a group, and ``companions``, the only paths it opens besides
    its own folder, and the ``calibration`` people vouched for, after what the ``side_car`` that came with it states.
    """
    from lithoscope import readers
    from lithoscope.readers.recalibration import recalibrated
    from lithoscope.readers.slice_set import stated_thickness
    from lithoscope.units import Quantity
    from workers import trees

    companions = [Path(path) for path in task["companions"]]
    reporter.progress(0, 2, stage="inspecting")
    if "files" in task:
        reading = readers.read_together([Path(path) for path in task["files"]], companions=companions)
    else:
        reading = readers.read(Path(task["file"]), name=task["name"], companions=companions)
    thickness = stated_thickness(task["side_car"], "the side-car") if task.get("side_car") else Quantity.unknown("nm")
    corrections = {} if thickness.value is None else {"slice_spacing_nm": thickness}
    corrections |= {name: Quantity.from_json(value) for name, value in task["calibration"].items()}
    reading = recalibrated(reading, corrections)
    reporter.progress(1, 2, stage="writing")
    found: dict[str, trees.Output] = {**{array.name: array for array in reading.arrays}, **reading.tables}
    titles: dict[str, str] = {}
    if reading.events is not None:
        from lithoscope.numerics.atomprobe import TITLES, overview

        seen = overview(reading.events, progress=lambda done, _: reporter.progress(1, 2, stage="counting", ions=done))
        found, titles = {reading.events.name: reading.events, **seen, **found}, TITLES
    arrays = trees.write(output, found, titles)
    reporter.progress(2, 2, stage="written")
    return {
        "arrays": arrays,
        "report": {
            "format": reading.format,
            "kind": arrays[0]["kind"],
            "quantities": {name: value.to_json() for name, value in reading.metadata.items()},
            "calibration": {name: value.to_json() for name, value in reading.calibration.items()},
            "original": trees.header(reading.original),
            "warnings": list(reading.warnings),
            "acquired_at": reading.acquired_at or None,
        },
    }


def assemble(task: dict[str, Any], output: Path, reporter: Reporter) -> dict[str, Any]:
    """Stack the parts of a growing series (`workers.stacking`)."""
    from workers import stacking

    return stacking.assemble(task, output, reporter)


BODIES: dict[str, Body] = {"analysis": analyse, "ingest": ingest, "assembly": assemble}
