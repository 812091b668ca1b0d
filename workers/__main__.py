"""``python -m workers``: one local worker process, which ends with its supervisor."""

import argparse
import os
import signal
import threading
import time

from app.infra import log
from app.infra.house import House
from app.settings import Settings
from workers.local import ALL_BUT_GPU, work
from workers.presence import start_reporting
from workers.sandbox import prepare_fork_server
from workers.sweeper import start_sweeping

POLL_S = 0.05


def main() -> None:
    """Run the slots of one process until a signal, or until standard input (the supervisor's lifeline) closes."""
    arguments = _arguments()
    settings = Settings()
    log.configure(as_json=settings.log_json)
    stopping = threading.Event()
    signals: list[int] = []  # a handler must not set an Event: its lock may be held by the frame it interrupts
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: signals.append(number))
    house = House(settings)
    prepare_fork_server()
    queues = tuple(queue for queue in arguments.queues.split(",") if queue)
    slots = [_queues_of(slot, arguments.slots, queues) for slot in range(arguments.slots)]
    threads = [threading.Thread(target=work, args=(house, served, stopping)) for served in slots]
    for thread in threads:
        thread.start()
    start_sweeping(house, stopping)
    reporting = start_reporting(house, queues, arguments.slots, stopping)
    if arguments.lifeline:
        threading.Thread(target=_watch_lifeline, args=(stopping,), daemon=True).start()
    while not signals and not stopping.is_set():
        time.sleep(POLL_S)
    stopping.set()
    for thread in (*threads, reporting):
        thread.join()
    house.queue.close()
    house.database.dispose()


def _queues_of(slot: int, slots: int, queues: tuple[str, ...]) -> tuple[str, ...]:
    """Keep one slot of several free of long jobs, so that files are read while reconstructions run."""
    if slot > 0 or slots == 1:
        return queues
    return tuple(queue for queue in queues if queue != "cpu-long") or queues


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--slots", type=int, default=1, help="jobs run at once in this process")
    parser.add_argument("--queues", default=",".join(ALL_BUT_GPU), help="queue classes served, comma between")
    parser.add_argument("--lifeline", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def _watch_lifeline(stopping: threading.Event) -> None:
    while os.read(0, 1024):  # not sys.stdin: its lock would be held when the interpreter ends
        continue
    stopping.set()


if __name__ == "__main__":
    main()
