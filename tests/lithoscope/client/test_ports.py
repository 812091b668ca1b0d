"""What a caller gives goes to the inputs of a method by name, in order, and the rest to one that takes many."""

from typing import Any

import pytest

from lithoscope.client.cli.work import named_inputs
from lithoscope.client.ports import placed, reference_of
from lithoscope.client.problems import ClientError
from lithoscope.client.things import Result


def port(name: str, *kinds: str, many: bool = False, axes: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"name": name, "kinds": list(kinds or ("table",)), "many": many, "axes": list(axes)}


def result(*outputs: tuple[str, str]) -> Result:
    record = {"outputs": [{"name": name, "kind": kind} for name, kind in outputs]}
    return Result(None, "/results/res_1", record)  # type: ignore[arg-type] - nothing is asked of the service


def test_things_go_to_inputs_in_order_and_names_come_first():
    ports = [port("particle"), port("volumes", many=True), port("note")]
    assert placed("m", ports, ["a", ["b", "c"], "d"], {}) == {"particle": "a", "volumes": ["b", "c"], "note": "d"}
    assert placed("m", ports, ["b"], {"particle": "a", "connectivity": 6}) == {"particle": "a", "volumes": ["b"]}


def test_an_input_of_many_takes_the_rest():
    assert placed("m", [port("profiles", many=True)], ["a", "b", "c"], {}) == {"profiles": ["a", "b", "c"]}


def test_one_thing_too_many_is_refused_with_the_inputs_named():
    with pytest.raises(ClientError, match="m takes the inputs volume: 2 were given"):
        placed("m", [port("volume")], ["a", "b"], {})


def test_of_a_result_the_output_of_the_ports_name_or_the_only_one_that_fits_is_taken():
    two = result(("profiles", "table"), ("surface", "table"), ("picture", "figure"))
    assert reference_of(two, port("profiles")) == "res_1/profiles"
    assert reference_of(two, port("drawing", "figure")) == "res_1/picture"
    with pytest.raises(ClientError, match="profiles, surface would: name one"):
        reference_of(two, port("tables"))
    with pytest.raises(ClientError, match="none of its outputs would"):
        reference_of(two, port("volume", "volume"))


def test_a_terminal_names_a_list_by_repeating_the_input():
    assert named_inputs(["ds_1", "a=ds_2", "b=ds_3", "b=ds_4"]) == {"a": "ds_2", "b": ["ds_3", "ds_4"]}
