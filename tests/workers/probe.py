"""A method of a facility's own that misbehaves as asked: named to the service by the setting extra_methods."""

import ctypes
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Literal

from lithoscope.errors import ScienceError
from lithoscope.methods import Method, Params, Port, choice, quantity
from lithoscope.units import Quantity

MODULE = __name__


class Unwilling(ScienceError):
    """A refusal by the method."""

    code = "unwilling"


class ProbeParams(Params):
    """What to do."""

    act: Literal[
        "count", "crash", "abort", "eat", "exhaust", "refuse", "fail", "spin", "spawn", "dial", "fill", "swell"
    ] = choice("count", title="Act")
    steps: int = quantity(1, unit="1", title="Steps", ge=0)
    pause_s: float = quantity(0.0, unit="s", title="Pause after each step", ge=0)


METHOD = Method(
    id="probe",
    version="1",
    title="Probe",
    reference="tests",
    inputs=(),
    outputs=(Port("steps", kind="scalar", title="Steps done"),),
    params=ProbeParams,
    compute=f"{MODULE}:probe",
    example=f"{MODULE}:nothing",
)


def nothing() -> dict[str, object]:
    """Return no inputs."""
    return {}


def probe(*, act: str, steps: int, pause_s: float, progress: Callable[..., bool]) -> Quantity:
    """Do as asked, then count."""
    if act != "count":
        ACTS[act]()
    for done in range(1, steps + 1):
        time.sleep(pause_s)
        if not progress(done, steps, residual=1 / done):
            return Quantity(float(done), "1", "measured")
    return Quantity(float(steps), "1", "measured")


def _crash() -> None:
    ctypes.string_at(0)


def _abort() -> None:
    os.abort()


def _eat() -> None:
    kept = []
    while True:
        kept.append(b"x" * (16 * 2**20))
        time.sleep(0.01)


def _exhaust() -> None:
    raise MemoryError


def _refuse() -> None:
    raise Unwilling("the probe does not want to: ask another")


def _fail() -> None:
    raise RuntimeError("a secret path /etc/secret")


def _spin() -> None:
    while True:
        pass


def _spawn() -> None:
    """Start a grandchild that ignores SIGTERM and outlives its parent unless the whole group ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"])
    time.sleep(600)


def _dial() -> None:
    import socket

    socket.create_connection(("127.0.0.1", 22), timeout=1)


def _fill() -> None:
    raise OSError(errno.ENOSPC, "no room")


def _swell() -> None:
    raise OSError(errno.EFBIG, "larger than files may be")


ACTS: dict[str, Callable[[], None]] = {
    "crash": _crash,
    "abort": _abort,
    "eat": _eat,
    "exhaust": _exhaust,
    "refuse": _refuse,
    "fail": _fail,
    "spin": _spin,
    "spawn": _spawn,
    "dial": _dial,
    "fill": _fill,
    "swell": _swell,
}
