"""What a job is to do, whoever asks for it, and what tells that two of them are to do the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.lab.jobs.inputs import Found, Input, References
from lithoscope.methods import Method, Params


@dataclass(frozen=True)
class Order:
    """
    A method with all it needs.

    Parameters
    ----------
    method : Method
        What is to run.
    references : mapping of str to str or list of str
        What each input port gets.
    params : Params
        Checked parameters.
    seed : int
        Of the random generator.
    project_id : str, optional
        The project of a job without inputs.
    started_by : mapping, optional
        What started it in a person's name, as `StartedBy` shows it; None is the person themselves.
    """

    method: Method
    references: References
    params: Params
    seed: int
    project_id: str | None = None
    started_by: Mapping[str, Any] | None = None


def fingerprint(order: Order, found: Found) -> str:
    """
    Return the digest of all that decides a job's result: two jobs of one fingerprint compute the same.

    An input counts by its name and its content: a dataset that was calibrated anew is another input. The seed counts
    where the method takes one.
    """
    inputs = {
        name: [_content(one) for one in given] if isinstance(given, tuple) else _content(given)
        for name, given in found.items()
    }
    record = {
        "method": order.method.id,
        "version": order.method.version,
        "inputs": inputs,
        "params": order.params.model_dump(mode="json"),
        "seed": order.seed if "seed" in order.method.calibration else None,
    }
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _content(given: Input) -> list[str]:
    return [given.reference, given.store_key or given.digest]
