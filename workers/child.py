"""The body of a job's process: confine, work, say what came out."""

import errno
import json
import os
import resource
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lithoscope.errors import LithoscopeError, ScienceError
from workers.confinement import Limits, confine
from workers.in_place import opened_in_place
from workers.reporting import Reporter

_LOG_TAIL = 4000
_OF_THE_DISK = {errno.ENOSPC: "disk-full", errno.EDQUOT: "disk-full", errno.EFBIG: "output-too-large"}


def main(task_text: str, pipe: Connection) -> None:
    """
    Run one task.

    Parameters
    ----------
    task_text : str
        JSON: ``kind`` (``analysis`` or ``ingest``), ``folder``, ``limits``, and what `workers.bodies` needs for it.
    pipe : Connection
        To the supervisor.
    """
    from workers import bodies

    task = json.loads(task_text)
    folder = Path(task["folder"])
    reporter, started, isolation = Reporter(pipe), time.monotonic(), dict[str, Any]()
    try:
        with opened_in_place(task) as given:
            task |= given.task
            limits, is_ingest = Limits(**task["limits"]), task["kind"] == "ingest"
            isolation = confine(folder, limits, own_files_only=is_ingest, lent=given.lent)
            reporter.listen()
            made = bodies.BODIES[task["kind"]](task, folder / "output", reporter)
    except ScienceError as error:
        reporter.send({"type": "refused", "code": error.code, "message": str(error)})
    except MemoryError:
        reporter.send({"type": "out-of-memory"})
    except OSError as error:
        reporter.send(
            {"type": _OF_THE_DISK.get(error.errno or 0, "error"), "message": _words(error), "log": _trace(error)}
        )
    except Exception as error:  # noqa: BLE001 - whatever a method raises ends its job, never the worker
        reporter.send({"type": "error", "message": _words(error), "log": _trace(error)})
    else:
        run = _run(reporter, isolation, started) | {"method_s": made.pop("method_s", None)}
        reporter.send({"type": "done", **made, "run": run})
    pipe.close()


def _run(reporter: Reporter, isolation: dict[str, Any], started: float) -> dict[str, Any]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "isolation": isolation,
        "steps_done": reporter.steps,
        "finished_early": reporter.has_finished_early,
        "wall_s": round(time.monotonic() - started, 3),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_rss_bytes": usage.ru_maxrss * 1024,
    }


def _words(error: Exception) -> str:
    """Name an error; only our own messages are known to hold no paths or contents."""
    return str(error) if isinstance(error, LithoscopeError) else type(error).__name__


def _trace(error: Exception) -> str:
    """Say where it went wrong, without the machine's paths."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{os.path.basename(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]  # noqa: PTH119
    return "\n".join([*lines, f"{type(error).__name__}: {error}"])[-_LOG_TAIL:]
