"""The committed description of the API is that of the code."""

import json

from tests.description import description
from tests.house.source import ROOT


def test_the_committed_document_is_the_generated_one():
    committed = json.loads((ROOT / "openapi/openapi.json").read_text())
    generated = json.loads(json.dumps(description()))
    assert committed == generated, "write it anew: make openapi"


def test_every_error_is_a_problem_document():
    document = description()
    for path, item in document["paths"].items():
        for method, entry in item.items():
            for status, response in entry.get("responses", {}).items() if isinstance(entry, dict) else ():
                if status.startswith(("4", "5")):
                    assert list(response.get("content", {})) == ["application/problem+json"], (
                        f"{method} {path} {status}"
                    )
