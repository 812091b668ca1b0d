"""The service lists the analyses as the library declares them."""

from typing import Any

import pytest

from lithoscope.methods import catalogue


def test_every_declared_method_is_listed(people: Any) -> None:
    listed = people.make().get("/api/v1/methods").json()["items"]
    assert [method["id"] for method in listed] == list(catalogue())


@pytest.mark.parametrize("method", catalogue().values(), ids=lambda method: method.id)
def test_a_method_tells_its_version_reference_ports_and_parameters_with_units(people: Any, method: Any) -> None:
    told = people.make().get(f"/api/v1/methods/{method.id}").json()
    assert (told["version"], told["reference"], told["queue"]) == (method.version, method.reference, method.queue)
    assert [port["name"] for port in told["inputs"]] == [port.name for port in method.inputs]
    assert [port["kinds"] for port in told["outputs"]] == [list(port.kinds) for port in method.outputs]
    numbers = [
        declared
        for declared in told["params_schema"]["properties"].values()
        if {"number", "integer"} & {option.get("type") for option in declared.get("anyOf", [declared])}
        and "enum" not in declared
    ]
    assert all("unit" in declared for declared in numbers)


def test_a_method_that_is_not_there_is_not_found(people: Any) -> None:
    assert people.make().get("/api/v1/methods/cold_fusion").status_code == 404


def test_methods_are_for_those_who_signed_in(client: Any) -> None:
    assert client.get("/api/v1/methods").status_code == 401
