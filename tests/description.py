"""The description of the API as the code gives it, built once in a test process: it takes seconds."""

from functools import cache
from pathlib import Path
from typing import Any

from app.main import create_app
from app.settings import Settings


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI document; nobody changes it."""
    return create_app(Settings(data=Path("unused"))).openapi()
