"""
The Linux security module Landlock: a process gives up every file but those it names, for itself and all it starts.

Called through its three system calls, because no library of ours offers them; kernel headers' names are kept.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_CREATE_RULESET_VERSION = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(6))
_MAKE_DIR, _MAKE_REG, _REFER, _TRUNCATE = 1 << 7, 1 << 8, 1 << 13, 1 << 14
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_OF_FILES = _READ_FILE | _WRITE_FILE | _TRUNCATE | _EXECUTE
#: file rights known to each version of Landlock, from the first
_FILE_RIGHTS = ((1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
_NET_SINCE, _BIND_AND_CONNECT_TCP = 4, 0b11
_SCOPES_SINCE, _ABSTRACT_SOCKETS_AND_SIGNALS = 6, 0b11

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return the kernel's version of Landlock, 0 where there is none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _CREATE_RULESET_VERSION)))


def keep_only(*, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """
    Give up all files but these, TCP, and signals to processes outside, as far as the kernel knows how.

    Only the calling thread and what it starts are bound, so call it while there is one thread. Files open already
    stay open.

    Parameters
    ----------
    readable, writable : iterable of Path
        Folders with all below them, or files; those that do not exist are left out.

    Returns
    -------
    done : bool
        False where the kernel has no Landlock.
    """
    known = version()
    if known == 0:
        return False
    handled = _FILE_RIGHTS[min(known, len(_FILE_RIGHTS)) - 1]
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, *_attributes(known, handled), 0))
    try:
        for paths, rights in ((readable, _READ), (writable, _WRITE)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return True


def _attributes(known: int, handled: int) -> tuple[bytes, ctypes.c_size_t]:
    net = _BIND_AND_CONNECT_TCP if known >= _NET_SINCE else 0
    scoped = _ABSTRACT_SOCKETS_AND_SIGNALS if known >= _SCOPES_SINCE else 0
    size = 24 if scoped else 16 if net else 8
    return struct.pack("=QQQ", handled, net, scoped)[:size], ctypes.c_size_t(size)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = struct.pack("=Qi", rights if path.is_dir() else rights & _OF_FILES, descriptor)
        _checked(_libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0))
    finally:
        os.close(descriptor)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
