"""The whole account of a run: what, on what, with what, where, how long."""

import importlib.metadata
import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

from app.infra.clock import now
from app.infra.queue import Claim
from app.lab.jobs.inputs import Found, Input

_SOFTWARE = ("lithoscope", "numpy", "scipy", "zarr", "h5py")


def account(
    claim: Claim, inputs: Found, run: dict[str, Any], *, started_at: str, warnings: list[str]
) -> dict[str, Any]:
    """
    Write the run record of a job that made something.

    Parameters
    ----------
    claim : Claim
        The job.
    inputs : mapping of str to Input or tuple of Input
        What it read, with digests.
    run : mapping
        What its process measured: isolation, steps, CPU seconds, peak memory.
    started_at : str
        ISO 8601.
    warnings : list of str
        What a person should know.
    """
    return {
        "job_id": claim.job_id,
        "method": claim.method,
        "method_version": claim.method_version,
        "params": claim.params,
        "seed": claim.seed,
        "inputs": {
            name: [_input(one) for one in given] if isinstance(given, tuple) else _input(given)
            for name, given in inputs.items()
        },
        "software": software(),
        "machine": machine(),
        "started_at": started_at,
        "finished_at": now().isoformat(),
        "attempts": claim.attempts,
        "crashes": claim.crashes,
        "lost_leases": claim.lost_leases,
        **run,
        "warnings": warnings,
    }


def _input(given: Input) -> dict[str, Any]:
    return {
        "reference": given.reference,
        "object_id": given.object_id,
        "digest": given.digest,
        **({"numbers": given.numbers} if given.numbers else {}),
        **({"record": given.record} if given.record else {}),
    }


@cache
def software() -> dict[str, str]:
    """Name the versions of what computes."""
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in _SOFTWARE}


@cache
def machine() -> dict[str, Any]:
    """Describe the machine; its name stays at home."""
    return {"cpu": _cpu_model(), "cores": os.cpu_count(), "os": f"{platform.system()} {platform.release()}"}


def _cpu_model() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    named = next((line for line in lines if line.startswith("model name")), "")
    return named.partition(":")[2].strip() or platform.machine()
