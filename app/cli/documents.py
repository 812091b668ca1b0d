"""Documents made from the code: the API's description."""

import json
import tempfile
from pathlib import Path

from app.main import create_app
from app.settings import Settings


def openapi_text() -> str:
    """Write the OpenAPI document; the same code gives the same bytes."""
    with tempfile.TemporaryDirectory() as nowhere:
        document = create_app(Settings(data=Path(nowhere))).openapi()
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
