"""
The client keeps to the API's description: every address, query and body it can send, every field it reads, is there.

The requests are found in the client's own code, so that one that is added tomorrow is held against the description too.
"""

import ast
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import lithoscope.client
from lithoscope.client import Client, facts
from lithoscope.client.facts import Fact
from lithoscope.client.outputs import Array
from lithoscope.client.recipes import RecipeRun
from lithoscope.client.sample import Region, Sample
from lithoscope.client.series import Series
from lithoscope.client.thing import Annotated, Judged, Reported, Thing
from lithoscope.client.things import Dataset, Job, Publication, Result
from lithoscope.units import Quantity
from tests.description import description

CODE = Path(lithoscope.client.__file__).parent
#: Methods of `Connection` and `Link` by the HTTP method they send; None: their first argument says it.
SENDS = {"get": "get", "pages": "get", "stream": "get", "post": "post", "send": None, "once": None, "request": None}
#: Arguments that are the client's, not the query's.
OWN = {"headers", "json", "content", "params"}
#: What the answers are called in the description.
ANSWERS = {
    "Alarm": "AlarmOut",
    "Budget": "BudgetOut",
    "ChainPlan": "ChainPlanOut",
    "Clock": "ClockOut",
    "CustodyState": "CustodyStateOut",
    "Deadline": "DeadlineOut",
    "DoseLimit": "DoseLimitOut",
    "Evaluation": "EvaluationOut",
    "Protocol": "ProtocolOut",
    "Provenance": "ProvenanceOut",
    "Report": "Report",
    "SampleDose": "SampleDoseOut",
    "Stay": "StayOut",
}
#: Where an object's record is read.
THINGS: dict[type[Thing], str] = {
    Dataset: "/datasets/{dataset_id}",
    Job: "/jobs/{job_id}",
    Publication: "/publications/{publication_id}",
    RecipeRun: "/recipe-runs/{run_id}",
    Region: "/regions/{region_id}",
    Result: "/results/{result_id}",
    Sample: "/samples/{sample_id}",
    Series: "/series/{live_series_id}",
}
#: What several objects share.
SHARED = {Annotated, Judged, Reported}


@dataclass(frozen=True)
class Request:
    """A request as the code writes it; ``address`` is a pattern, ``query`` and ``body`` the names it spells out."""

    place: str
    method: str
    address: str
    query: frozenset[str]
    body: frozenset[str]


def address_of(node: ast.expr, constants: dict[str, str]) -> str | None:
    """Write an address as a pattern; None where the code gets it from elsewhere, such as the service's own answer."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.Name) and node.id in constants:
        return re.escape(constants[node.id])
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = [_part(each, constants) for each in node.values]
    pattern = "".join(parts)
    return pattern if "/" in pattern.replace("[^/]*", "") else None


def _part(node: ast.expr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.FormattedValue):
        named = address_of(node.value, constants)
        is_address = isinstance(node.value, ast.Attribute) and node.value.attr in {"_path", "_owner", "_annotations"}
        return named or (".+" if is_address else "[^/]*")
    return re.escape(str(node.value)) if isinstance(node, ast.Constant) else "[^/]*"


def requests_in(path: Path) -> Iterator[Request]:
    """Find the requests a module can make."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in SENDS:
            yield from _request(call, f"{path.name}:{call.lineno}", constants)


def _request(call: ast.Call, place: str, constants: dict[str, str]) -> Iterator[Request]:
    assert isinstance(call.func, ast.Attribute)
    method, rest = SENDS[call.func.attr], call.args
    if method is None and rest and isinstance(rest[0], ast.Constant):
        method, rest = str(rest[0].value).lower(), rest[1:]
    address = address_of(rest[0], constants) if method and rest else None
    if method is None or address is None or not address.replace(".+", "").startswith("/"):
        return
    given = {each.arg: each.value for each in call.keywords if each.arg}
    body = rest[1] if call.func.attr == "post" and len(rest) > 1 else given.get("json")
    query = _keys(given.get("params")) | (given.keys() - OWN if method == "get" else set())
    yield Request(place, method, address, frozenset(query), frozenset(_keys(body)))


def _keys(node: ast.expr | None) -> set[str]:
    if not isinstance(node, ast.Dict):
        return set()
    return {each.value for each in node.keys if isinstance(each, ast.Constant) and isinstance(each.value, str)}


REQUESTS = [request for path in sorted(CODE.rglob("*.py")) for request in requests_in(path)]


@cache
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Return address, method and description of every operation; each parameter of an address is one word."""
    return [
        (re.sub(r"\{\w+\}", "1", path.removeprefix("/api/v1")), method, operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow references."""
    while "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def fields_of(schema: dict[str, Any]) -> set[str]:
    """Return every field a schema or one of its alternatives has."""
    schema = resolved(schema)
    found = set(schema.get("properties", {}))
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        found |= fields_of(each)
    return found


def takes(request: Request, operation: dict[str, Any]) -> bool:
    """Say whether an operation knows every name of a request."""
    known = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return request.query <= known and request.body <= fields_of(content.get("schema", {}))


def test_the_client_s_requests_are_found_in_its_code():
    assert len(REQUESTS) > 100
    assert {"/samples", "/uploads", "/jobs"} <= {request.address for request in REQUESTS}


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: f"{request.place}-{request.method}")
def test_every_request_is_an_operation_of_the_api_and_its_names_are_known(request_):
    met = [
        each
        for path, method, each in operations()
        if method == request_.method and re.fullmatch(request_.address, path)
    ]
    assert met, f"{request_.method} {request_.address} is no operation"
    assert any(takes(request_, each) for each in met), f"{sorted(request_.query | request_.body)} are not all known"


def every_answer() -> dict[str, type[Fact]]:
    return {name: kind for name, kind in vars(facts).items() if isinstance(kind, type) and issubclass(kind, Fact)}


def test_every_typed_answer_has_its_schema():
    assert set(every_answer()) - {"Fact"} == set(ANSWERS)


@pytest.mark.parametrize(("name", "schema"), ANSWERS.items())
def test_every_field_of_a_typed_answer_is_in_the_description_with_a_fitting_type(name, schema):
    kind = every_answer()[name]
    described = description()["components"]["schemas"][schema]["properties"]
    hints = {field: hint for field, hint in get_type_hints(kind).items() if field in kind.__annotations__}
    for field, hint in hints.items():
        if field != "parts":
            assert field in described, f"{schema} has no {field}"
            assert fits(hint, described[field]), f"{name}.{field}: {hint} is not {described[field]}"


def fits(hint: Any, schema: dict[str, Any]) -> bool:
    """Say whether values of a schema are of a type."""
    schema = resolved(schema)
    if alternatives := schema.get("anyOf"):
        return all(any(fits(one, each) for one in _alternatives(hint)) for each in alternatives)
    if len(_alternatives(hint)) > 1:
        return any(fits(one, schema) for one in _alternatives(hint))
    if get_origin(hint) is Literal:
        return set(schema.get("enum", [schema.get("const")])) <= set(get_args(hint))
    if get_origin(hint) is list:
        return schema.get("type") == "array" and fits(get_args(hint)[0], schema["items"])
    if hint is Quantity:
        return {"value", "unit", "source"} <= schema.get("properties", {}).keys()
    if isinstance(hint, type) and issubclass(hint, Fact):
        return schema.get("type") == "object"
    words = {bool: "boolean", int: "integer", str: "string", float: "number", datetime: "string", type(None): "null"}
    return schema.get("type") == words[hint] and (hint is not datetime or schema.get("format") == "date-time")


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)


def every_thing(kind: type[Thing] = Thing) -> set[type[Thing]]:
    return {each for child in kind.__subclasses__() for each in ({child} | every_thing(child))}


def test_every_object_is_held_to_where_its_record_is_read():
    ours = {each for each in every_thing() if each.__module__.startswith("lithoscope.client")}
    assert ours - SHARED == set(THINGS)


@pytest.mark.parametrize("kind", THINGS, ids=lambda kind: kind.__name__)
def test_every_field_an_object_reads_of_its_record_is_in_the_description(kind):
    answer = description()["paths"][f"/api/v1{THINGS[kind]}"]["get"]["responses"]["200"]["content"]
    schema = answer["application/json"]["schema"]
    assert set(_read_fields(kind)) <= fields_of(schema)
    for outer, inner in _read_within(kind):
        within = fields_of(resolved(schema)["properties"][outer])
        assert not within or inner in within, f"{outer} has no {inner}"


def test_every_field_an_output_reads_of_its_entry_is_in_the_description():
    read = set(_keys_of("summary", _class_of(Array)))
    assert {"kind", "axes", "quantity", "columns", "labels"} <= read
    assert read <= fields_of(description()["components"]["schemas"]["OutputOut"])


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("/datasets", lambda client: client.search()),
        ("/samples", lambda client: client.samples.search()),
    ],
)
def test_every_word_of_a_search_is_one_of_the_list_it_asks(path, ask):
    with Client("http://127.0.0.1:1", "lsk_a_b", progress=False) as client:
        asked = set(ask(client)._filters)
    known = description()["paths"][f"/api/v1{path}"]["get"]["parameters"]
    assert asked <= {each["name"] for each in known if each["in"] == "query"}


def _class_of(kind: type) -> ast.ClassDef:
    source = CODE / f"{kind.__module__.rpartition('.')[2]}.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind.__name__)


def _keys_of(name: str, within: ast.AST) -> Iterator[str]:
    """Find what is read by its name of an object's dictionary: ``self.<name>["key"]`` and ``.get("key")``."""
    for node in ast.walk(within):
        if isinstance(node, ast.Subscript) and _is_own(node.value, name) and isinstance(node.slice, ast.Constant):
            yield node.slice.value
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and _is_own(node.func.value, name)
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value


def _read_within(kind: type[Thing]) -> Iterator[tuple[str, str]]:
    """Find ``self.record["outer"]["inner"]``."""
    for node in ast.walk(_class_of(kind)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            outer = node.value
            if isinstance(outer, ast.Subscript) and _is_own(outer.value, "record"):
                assert isinstance(outer.slice, ast.Constant)
                yield outer.slice.value, node.slice.value


def _read_fields(kind: type[Thing]) -> Iterator[str]:
    yield from _keys_of("record", _class_of(kind))
    for node in ast.walk(_class_of(kind)):
        if isinstance(node, ast.Attribute) and _is_own(node, node.attr) and not hasattr(kind, node.attr):
            yield from () if node.attr.startswith("_") else (node.attr,)


def _is_own(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )
