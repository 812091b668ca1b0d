"""The pipe between a job's process and its supervisor: plain JSON both ways, nothing that could run code."""

import json
import os
import signal
import threading
import time
from multiprocessing.connection import Connection
from typing import Any, NoReturn

FINISH_EARLY = b"finish-early"
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
_MIN_INTERVAL_S = 0.05


class Reporter:
    """
    The child's end: says how far the job is and hears the wish for an early finish.

    Parameters
    ----------
    pipe : Connection
        When its other end closes the worker is gone, and the process group ends itself.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._finish = threading.Event()
        self._last = 0.0
        self.steps = 0
        self.has_finished_early = False

    def listen(self) -> None:
        """Start hearing the supervisor; the process has a second thread from here on."""
        threading.Thread(target=self._hear, name="supervisor", daemon=True).start()

    def progress(self, done: int, total: int, **values: Any) -> bool:
        """Report progress; False asks the method to stop and keep its present result."""
        self.steps = int(done)
        present = time.monotonic()
        if present - self._last >= _MIN_INTERVAL_S or done >= total:
            self._last = present
            shown = {name: _plain(value) for name, value in values.items()}
            self.send({"type": "progress", "done": int(done), "total": int(total), **shown})
        if self._finish.is_set() and done < total:
            self.has_finished_early = True
            return False
        return True

    def send(self, message: dict[str, Any]) -> None:
        """Send one message."""
        with self._lock:
            self._pipe.send_bytes(json.dumps(message, allow_nan=False).encode())

    def _hear(self) -> None:
        try:
            while True:
                if self._pipe.recv_bytes() == FINISH_EARLY:
                    self._finish.set()
        except (EOFError, OSError):
            os.killpg(0, signal.SIGKILL)


def received(raw: bytes) -> dict[str, Any]:
    """
    Read a message at the supervisor's end, where the file a process reads may be speaking in its place.

    Texts and names lose NUL and get U+FFFD for half a surrogate pair: neither databases nor answers can hold them.

    Raises
    ------
    ValueError
        The bytes are no message.
    """
    message = _whole(json.loads(raw, parse_constant=_refuse_constant))
    if not isinstance(message, dict):
        raise ValueError("a message is an object")  # noqa: TRY004 - as for other bytes that are no message
    return message


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> float | int | str | None:
    """Make a reported value JSON: numbers stay, what is not finite becomes null."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    number = float(value)
    return number if abs(number) < float("inf") else None
