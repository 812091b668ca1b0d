"""The page of a method says what its declaration says."""

import pytest

from lithoscope.methods import catalogue
from lithoscope.methods.page import page


@pytest.mark.parametrize("method", catalogue().values(), ids=lambda method: method.id)
def test_the_page_names_every_port_and_parameter(method):
    text = page(method)
    names = [port.name for port in (*method.inputs, *method.outputs)] + list(method.params.model_fields)
    assert text.startswith(f"# {method.title}\n")
    assert all(f"`{name}`" in text for name in names)
    assert method.reference in text


def test_bounds_defaults_and_units_are_readable():
    text = page(catalogue()["tomogram_sirt"])
    assert "| `100` | integer ≥ 1 ≤ 10000 | 1 |" in text
    assert "`true` | boolean" in text


def test_every_line_of_a_table_has_the_columns_of_its_head():
    for method in catalogue().values():
        rows = [line for line in page(method).splitlines() if line.startswith("|")]
        widths = [line.replace("\\|", "").count("|") for line in rows]
        assert set(widths) == {6}
