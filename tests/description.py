"""The description of the API as it is committed; tests/house/test_openapi.py holds it against the code."""

import json
from functools import cache
from pathlib import Path
from typing import Any

COMMITTED = Path(__file__).parents[1] / "openapi/openapi.json"


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI document; nobody changes it."""
    found: dict[str, Any] = json.loads(COMMITTED.read_text())
    return found
