"""The committed description of the API is that of the code."""

import json
from pathlib import Path

from app.main import create_app
from app.settings import Settings
from tests.description import description


def test_the_committed_document_is_the_generated_one(tmp_path: Path):
    generated = json.loads(json.dumps(create_app(Settings(data=tmp_path)).openapi()))
    assert description() == generated, "write it anew: make openapi"


def test_every_error_is_a_problem_document():
    document = description()
    for path, item in document["paths"].items():
        for method, entry in item.items():
            for status, response in entry.get("responses", {}).items() if isinstance(entry, dict) else ():
                if status.startswith(("4", "5")):
                    assert list(response.get("content", {})) == ["application/problem+json"], (
                        f"{method} {path} {status}"
                    )
