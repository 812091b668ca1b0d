"""One job's process as its worker sees it: started from the fork server, watched, and ended with all it started."""

import contextlib
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Literal

import psutil

from workers import child
from workers.reporting import FINISH_EARLY, MAX_MESSAGE_BYTES, received

_TICK_S = 0.1
_GROUP_EVERY = 10
TERM_S = 5.0

Ending = Literal["done", "refused", "error", "crashed", "stopped"]
Wish = Literal["go-on", "finish-early", "stop"]


@dataclass(frozen=True)
class Outcome:
    """
    How a job's process ended.

    Parameters
    ----------
    ending : Ending
        ``crashed`` may be tried again; ``stopped`` was our wish.
    code, message : str
        Problem type and words, when it did not succeed.
    log : str
        Where it went wrong, for the job's log.
    made : mapping
        What a process that is done says it made.
    """

    ending: Ending
    code: str = ""
    message: str = ""
    log: str = ""
    made: dict[str, Any] = field(default_factory=dict)


def prepare_fork_server() -> None:
    """Start this worker's fork server, so that the first job finds it warm."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["workers.preload"])
    from multiprocessing import forkserver

    forkserver.ensure_running()


class Sandbox:
    """
    Runs one task in a confined process.

    Parameters
    ----------
    memory_bytes : int
        Resident memory of the whole group at which it is ended.
    ask : callable
        Says at each look whether to go on, to finish early or to stop.
    tell : callable
        Receives progress messages.
    """

    def __init__(self, *, memory_bytes: int, ask: Callable[[], Wish], tell: Callable[[dict[str, Any]], None]) -> None:
        self._memory_bytes = memory_bytes
        self._ask = ask
        self._tell = tell
        self._last: dict[str, Any] = {}
        self._peak_bytes = 0

    def run(self, task: dict[str, Any]) -> Outcome:
        """Run a task to its end, whatever end that is; when this returns no process of it is alive."""
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        process = context.Process(target=child.main, args=(json.dumps(task), theirs), daemon=True)
        process.start()
        theirs.close()
        try:
            ended_by_us = self._watch(process, ours)
            process.join()
            self._read_all(ours)
        finally:
            _end_group(process)
            ours.close()
        return ended_by_us or self._outcome(process.exitcode)

    def _watch(self, process: Any, pipe: Connection) -> Outcome | None:
        """Follow the process until it ends; say how, if it was we who ended it."""
        tick, is_open, has_been_asked = 0, True, False
        while process.is_alive():
            for ready in wait([process.sentinel, *([pipe] if is_open else [])], timeout=_TICK_S):
                if ready is pipe:
                    is_open = self._read(pipe)
            wish = self._ask()
            if wish == "stop":
                _end_gently(process)
                return Outcome("stopped")
            if wish == "finish-early" and not has_been_asked:
                has_been_asked = True
                with contextlib.suppress(OSError):
                    pipe.send_bytes(FINISH_EARLY)
            if self._resident(process.pid, whole_group=tick % _GROUP_EVERY == 0) > self._memory_bytes:
                _end_group(process)
                return _out_of_memory(self._memory_bytes)
            tick += 1
        return None

    def _read_all(self, pipe: Connection) -> None:
        while pipe.poll() and self._read(pipe):
            pass

    def _read(self, pipe: Connection) -> bool:
        try:
            message = received(pipe.recv_bytes(MAX_MESSAGE_BYTES))
        except (EOFError, OSError, ValueError):
            return False
        if message.get("type") == "progress":
            self._tell(message)
        else:
            self._last = message
        return True

    def _resident(self, pid: int, *, whole_group: bool) -> int:
        try:
            process = psutil.Process(pid)
            family = [process, *(process.children(recursive=True) if whole_group else [])]
            resident = sum(_rss(member) for member in family)
        except psutil.NoSuchProcess:
            return 0
        self._peak_bytes = max(self._peak_bytes, resident)
        return resident

    def _outcome(self, exit_code: int | None) -> Outcome:
        kind = self._last.get("type")
        if kind == "done":
            self._last["run"]["peak_rss_bytes"] = max(self._last["run"]["peak_rss_bytes"], self._peak_bytes)
            return Outcome("done", made=self._last)
        if kind == "refused":
            return Outcome("refused", self._last["code"], self._last["message"])
        if kind == "error":
            words = f"The method failed ({self._last['message']}): its log says where; tell the facility manager."
            return Outcome("error", "method-error", words, log=self._last["log"])
        if kind == "out-of-memory":
            return _out_of_memory(self._memory_bytes)
        if kind == "disk-full":  # may have room again when it is tried anew
            words = "The disk of the machine that works is full: tell the facility manager, then try the job again."
            return Outcome("crashed", kind, words, log=self._last["log"])
        if kind == "output-too-large":
            words = "The job wrote a file larger than jobs may write: make the input smaller or raise the limit."
            return Outcome("error", kind, words, log=self._last["log"])
        return _of_exit(exit_code, self._memory_bytes)


def _of_exit(exit_code: int | None, memory_bytes: int) -> Outcome:
    number = -(exit_code or 0)
    if number == signal.SIGXCPU:
        return Outcome(
            "crashed", "time-limit", "The job used up its CPU time: make the input smaller or raise the limit."
        )
    if number == signal.SIGKILL:  # by the kernel: we say so when it is we
        return _out_of_memory(memory_bytes)
    name = signal.Signals(number).name if number in set(signal.Signals) else f"exit code {exit_code}"
    words = f"The job's process crashed on this input ({name}): look at the input, or tell the facility manager."
    return Outcome("crashed", "crashed-on-input", words, log=name)


def _out_of_memory(memory_bytes: int) -> Outcome:
    words = f"The job needs more memory than the {memory_bytes // 2**20} MiB it may use: make the input smaller."
    return Outcome("crashed", "out-of-memory", words)


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _end_gently(process: Any) -> None:
    """Ask the group to end, and insist after five seconds."""
    _signal(process, signal.SIGTERM)
    process.join(TERM_S)
    _end_group(process)


def _end_group(process: Any) -> None:
    """Kill whatever is left of the group and wait until it is gone."""
    deadline = time.monotonic() + TERM_S
    while _signal(process, signal.SIGKILL) and time.monotonic() < deadline:
        process.join(0.02)
        time.sleep(0.005)
    process.join(TERM_S)


def _signal(process: Any, number: signal.Signals) -> bool:
    """Signal the group, or the process alone when it has not made its group yet; False when nothing is left."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        if not process.is_alive():
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
    return True
