"""
No input brings the service down: requests made up from the OpenAPI document, in and out of its form.

A short form of promise 15: for each operation four requests in its form and four out of it, with a fixed seed; where
it names objects each is asked of real ones and of none. `LITHOSCOPE_TEST_EXAMPLES` raises the number.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from tests.app.test_access_everywhere import DOCUMENT, EVERY, QUERIES, Operation
from tests.conftest import People, add_device, add_project, add_sample, served
from tests.objects import add_everything

EXAMPLES = int(os.environ.get("LITHOSCOPE_TEST_EXAMPLES", "2"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
BUSY = {"signOut"}  # would end the sign-in that the other requests use
FORM = {"deadline": None, "database": None, "derandomize": True, "phases": (Phase.generate,)}
CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example]


@schemathesis.serializer("application/offset+octet-stream")
def _octets(_context: Any, value: Any) -> bytes:
    return _bytes(value)


@dataclass
class Service:
    """A running service with one object of every kind, asked by its administrator."""

    client: TestClient
    ids: dict[str, str]

    def ask(self, operation: Operation, case: Any, *, real: bool) -> Any:
        """Send a made-up request, to the objects that exist or to those it made up."""
        if real:
            case.path_parameters = {**(case.path_parameters or {}), **{n: self.ids[n] for n in operation.parameters}}
        sent = case.as_transport_kwargs(base_url="http://testserver")
        headers = {name: str(value).encode("latin-1", "replace") for name, value in dict(sent["headers"]).items()}
        body = {"json": sent["json"]} if "json" in sent else {"content": _bytes(sent.get("data"))}
        query = {name: value for name, value in (sent.get("params") or {}).items() if value is not None}
        return self.client.request(sent["method"], sent["url"], headers=headers, params=query, **body)


def _bytes(data: Any) -> bytes:
    return data if isinstance(data, bytes) else str(data or "").encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give one service for all requests of this module."""
    with served(tmp_path_factory.mktemp("service") / "data") as (house, client):
        project = add_project(house, "MINE")
        sample = add_sample(house, project, "LS-2026-0001")
        ids = add_everything(house, project, sample, add_device(house, client, [project]).instrument)
        yield Service(People(house, client).admin.client, ids)


def has_form(operation: Operation) -> bool:
    """Say whether an operation takes a body or a query, which can have a wrong form."""
    entry = DOCUMENT["paths"][operation.path][operation.method]
    return "requestBody" in entry or any(each["in"] == "query" for each in entry.get("parameters", []))


ASKED = [each for each in EVERY if each.id not in BUSY]
WELL_FORMED = [pytest.param(each, GenerationMode.POSITIVE, id=f"{each.id}-in-form") for each in ASKED]
MALFORMED = [
    pytest.param(each, GenerationMode.NEGATIVE, id=f"{each.id}-out-of-form") for each in ASKED if has_form(each)
]


@pytest.mark.parametrize(("operation", "mode"), WELL_FORMED + MALFORMED)
def test_a_made_up_request_gets_an_answer(service, operation, mode):
    strategy = SCHEMA[operation.path][operation.method].as_strategy(generation_mode=mode)

    examples = EXAMPLES if operation.parameters else 2 * EXAMPLES

    @hypothesis.settings(max_examples=examples, suppress_health_check=CHECKS, **FORM)
    @given(case=strategy)
    def ask(case: Any) -> None:
        for real in (False, True) if operation.parameters else (False,):
            answer = service.ask(operation, case, real=real)
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400 and operation.method != "head":
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["request_id"] == answer.headers["x-request-id"]
            assert answer.headers["x-content-type-options"] == "nosniff"

    with contextlib.suppress(Unsatisfiable):  # nothing of this operation can have a wrong form
        ask()


def test_known_queries_name_operations_that_exist():
    assert set(QUERIES) <= {operation.id for operation in EVERY}
