"""Vendor headers as plain JSON values, and safe walks through them."""

import math
from typing import Any

import numpy as np

_LONGEST = 256


def plain(value: Any) -> Any:
    """Turn a header into JSON values; long arrays become a note of their length, NaN and infinities text."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist()) if value.size <= _LONGEST else f"{value.size} values"
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value] if len(value) <= _LONGEST else f"{len(value)} values"
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return value if value is None or isinstance(value, bool | int | float) else type(value).__name__


def lookup(tree: Any, *path: str, default: Any = None) -> Any:
    """Walk down a nested mapping; the default where a key is missing or a step is no mapping."""
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return default
        tree = tree[key]
    return default if isinstance(default, dict) and not isinstance(tree, dict) else tree
