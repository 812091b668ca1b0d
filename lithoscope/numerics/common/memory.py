"""How much memory a computation may take, and its refusal before it takes more."""

import os
from collections.abc import Callable

from lithoscope.numerics.common.errors import NeedsTooMuchMemory

MIB = 1024**2
#: Part of the limit that arrays may fill: the interpreter, the inputs and what allocators keep need the rest.
USABLE_PART = 0.8


def memory_limit_bytes() -> int | None:
    """
    Return how much memory this process may take: the least of its resource limits and of what the machine has.

    A job's process carries its bound as the limit of its resident set, which a worker watches; None where the system
    tells none of them.
    """
    bounds = [bound for find in (_resource_limits, _machine) for bound in find()]
    return min(bounds, default=None)


def refuse_too_large(needed_bytes: float, *, what: str, remedy: str, limit_bytes: int | None = None) -> None:
    """
    Refuse a computation that would not fit, before it allocates anything.

    Parameters
    ----------
    needed_bytes : float
        Estimate of the arrays alive at once.
    what : str
        What needs them.
    remedy : str
        What would make it smaller.
    limit_bytes : int, optional
        The bound; that of this process by default.

    Raises
    ------
    NeedsTooMuchMemory
    """
    limit = memory_limit_bytes() if limit_bytes is None else limit_bytes
    if limit is not None and needed_bytes > USABLE_PART * limit:
        raise NeedsTooMuchMemory(
            f"{what} needs about {needed_bytes / MIB:.0f} MiB, this job may take {USABLE_PART * limit / MIB:.0f} MiB: "
            f"{remedy}"
        )


def _resource_limits() -> list[int]:
    """List the finite limits of this process; some systems have none."""
    try:
        import resource
    except ImportError:  # Windows
        return []
    limits = [resource.getrlimit(which)[0] for which in (resource.RLIMIT_RSS, resource.RLIMIT_AS)]
    return [limit for limit in limits if limit not in (resource.RLIM_INFINITY, -1)]


def _machine() -> list[int]:
    """Give the memory of the machine, where it can be asked."""
    ask: Callable[[str], int] | None = getattr(os, "sysconf", None)
    return [] if ask is None else [ask("SC_PHYS_PAGES") * ask("SC_PAGE_SIZE")]
