"""What a job's process gives up before it touches data: network, files, endless memory, its parent's life."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import lithoscope
from workers import landlock

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG = 1
_SECRET_WORDS = ("SECRET", "PASSWORD", "TOKEN", "CREDENTIAL", "LITHOSCOPE_")
_OPEN_FILES = 4096
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/urandom",
)
_CPU_GRACE_S = 5
_OUR_PACKAGES = (Path(lithoscope.__file__).parent, Path(__file__).parent)


@dataclass(frozen=True)
class Limits:
    """
    Bounds of one process.

    Parameters
    ----------
    cpu_s : int
        CPU time [s]; beyond it the process ends by SIGXCPU.
    file_bytes : int
        Largest file it may write.
    address_space_bytes : int
        Memory it may map beyond what it starts with; 0 for no bound (of analyses the resident memory is watched).
    resident_bytes : int
        Resident memory at which its supervisor ends it; 0 for no bound. The kernel does not enforce it: the limit tells
        the process what it may plan with.
    """

    cpu_s: int
    file_bytes: int
    address_space_bytes: int = 0
    resident_bytes: int = 0


def confine(folder: Path, limits: Limits, *, own_files_only: bool = False, lent: Sequence[Path] = ()) -> dict[str, Any]:
    """
    Confine the calling process, which must be single-threaded.

    Parameters
    ----------
    folder : Path
        Its own folder: working directory, HOME and TMPDIR lie in it.
    limits : Limits
        Its bounds.
    own_files_only : bool
        Where the kernel has Landlock, leave it nothing but programs to read and its own folder to write in, of which
        what was lent to it (``input``, ``companions``) stays as it is.
    lent : sequence of Path
        Files elsewhere that it may read too.

    Returns
    -------
    isolation : dict
        What was achieved, for the run record.
    """
    os.setsid()
    _die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    network = _leave_network()
    _move_in(folder)
    _limit(limits, len(lent))
    files = "own" if own_files_only and _keep_own_files(folder, lent) else "shared"
    return {"network": network, "files": files, "own_process_group": True, "limits": asdict(limits)}


def _keep_own_files(folder: Path, elsewhere: Sequence[Path]) -> bool:
    lent = [*elsewhere, *(folder / name for name in ("input", "companions"))]
    own = [folder / name for name in ("home", "tmp", "output")]
    own[-1].mkdir()
    programs = {Path(sys.prefix), Path(sys.base_prefix), *_OUR_PACKAGES}
    return landlock.keep_only(readable=[*lent, *programs, *map(Path, _SYSTEM)], writable=[*own, Path("/dev/null")])


def _die_with_parent() -> None:
    """The fork server lives as long as its worker, unless a child holds the pipe it watches: let go of that first."""
    server: Any = forkserver._forkserver  # noqa: SLF001 - the module offers no other way
    if server._forkserver_alive_fd is not None:  # noqa: SLF001
        os.close(server._forkserver_alive_fd)  # noqa: SLF001
        server._forkserver_alive_fd = None  # noqa: SLF001
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _leave_network() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        return "none"
    return "shared"


def _move_in(folder: Path) -> None:
    for name in [name for name in os.environ if any(word in name.upper() for word in _SECRET_WORDS)]:
        del os.environ[name]
    for variable, name in (("HOME", "home"), ("TMPDIR", "tmp")):
        (folder / name).mkdir(exist_ok=True)
        os.environ[variable] = str(folder / name)
    tempfile.tempdir = None
    os.chdir(folder / "home")
    log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)


def _limit(limits: Limits, open_already: int) -> None:
    _set(resource.RLIMIT_CORE, 0, 0)
    _set(resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + _CPU_GRACE_S)
    _set(resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes)
    _set(resource.RLIMIT_NOFILE, _OPEN_FILES + open_already, _OPEN_FILES + open_already)
    if limits.resident_bytes:
        _set(resource.RLIMIT_RSS, limits.resident_bytes, limits.resident_bytes)
    if limits.address_space_bytes:
        bound = _address_space() + limits.address_space_bytes
        _set(resource.RLIMIT_AS, bound, bound)


def _set(which: int, soft: int, hard: int) -> None:
    _, ceiling = resource.getrlimit(which)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    with contextlib.suppress(ValueError):  # a stricter limit of the host stays
        resource.setrlimit(which, (soft, hard))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
