"""A reader that a hostile file took over: run as a process, it tries what it should not and says what worked."""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from workers.confinement import Limits, confine


def attempts(folder: Path, other: Path) -> dict[str, Callable[[], object]]:
    """Name what is tried."""
    lent = folder / "input/data"
    return {
        "read what was lent": lent.read_bytes,
        "write its output": lambda: (folder / "output/a").write_bytes(b"x"),
        "make a temporary file": lambda: (folder / "tmp/a").write_bytes(b"x"),
        "read a password file": lambda: Path("/etc/passwd").read_bytes(),
        "read another file": other.read_bytes,
        "list another folder": lambda: os.listdir(other.parent),  # noqa: PTH208
        "change another file": lambda: other.write_bytes(b"x"),
        "change what was lent": lambda: lent.write_bytes(b"x"),
        "cut what was lent": lambda: os.truncate(lent, 0),
        "remove what was lent": lent.unlink,
        "take what was lent into its own folder": lambda: (folder / "output/b").hardlink_to(lent),
        "leave its folder": lambda: (folder.parent / "left").write_bytes(b"x"),
        "read its parent's environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "signal its parent": lambda: os.kill(os.getppid(), signal.SIGWINCH),
        "run a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "reach the network": lambda: socket.create_connection(("127.0.0.1", 22), timeout=1),
    }


def main() -> None:
    """Confine this process to the folder named first, then try everything."""
    folder, other = Path(sys.argv[1]), Path(sys.argv[2])
    answer = os.dup(1)
    isolation = confine(folder, Limits(cpu_s=10, file_bytes=1 << 20), own_files_only=True)
    done = {}
    for name, attempt in attempts(folder, other).items():
        try:
            attempt()
        except OSError:
            done[name] = False
        else:
            done[name] = True
    os.write(answer, json.dumps({"isolation": isolation, "done": done}).encode())


if __name__ == "__main__":
    main()
