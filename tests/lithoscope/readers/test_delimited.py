"""CSV tables: units from their header, decimal commas, gaps, and what is refused by its line."""

from pathlib import Path

import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import inspect, read

CYCLING = "cycle,discharge_capacity_mAh_g\n1,150.0\n50,98.55\n100,\n"


def written(folder: Path, text: str | bytes, name: str = "cycling.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def table(folder: Path, text: str, name: str = "cycling.csv"):
    return read(written(folder, text, name)).tables["table"]


def test_a_cyclers_table_is_read_with_its_units_and_gaps(tmp_path):
    found = table(tmp_path, CYCLING)
    assert found.columns == {"cycle": [1, 50, 100], "discharge_capacity_mAh_g": [150.0, 98.55, None]}
    assert found.units == {"cycle": "1", "discharge_capacity_mAh_g": "mAh/g"}
    assert (found.plot.x, [line.y for line in found.plot.lines]) == ("cycle", ["discharge_capacity_mAh_g"])
    assert inspect(tmp_path / "cycling.csv").format == "csv"


@pytest.mark.parametrize("unit", ["[mAh/g]", "(mAh g-1)", "(mAh/g)"])
def test_a_unit_in_brackets_ends_the_name(tmp_path, unit):
    found = table(tmp_path, f"Cycle;Discharge capacity {unit}\r\n1;150,5\r\n2;149,5\r\n", "cycling.tsv")
    assert found.columns == {"Cycle": [1, 2], "discharge_capacity_mAh_g": [150.5, 149.5]}
    assert found.units["discharge_capacity_mAh_g"] == "mAh/g"


def test_a_column_without_a_unit_is_named(tmp_path):
    reading = read(written(tmp_path, "cycle,voltage\n1,4.2\n"))
    assert reading.warnings == ("unit-unknown: column 'voltage' states no unit that is known here: a pure number?",)


def test_tabs_quotes_and_a_byte_order_mark_are_understood(tmp_path):
    found = table(tmp_path, '\ufeff"cycle"\t"note"\n1\t"a, b"\n', "cycling.tsv")
    assert found.columns == {"cycle": [1], "note": ["a, b"]}


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        (CYCLING + "5,1,2\n", "line 5 has 3 cells", "unreadable-file"),
        ("cycle,cycle\n1,2\n", "two columns are called 'cycle'", "unreadable-file"),
        ("cycle,note\n1," + "a" * 1001 + "\n", "a cell of more than 1000", "unreadable-file"),
        (CYCLING.encode() + b"\xff\xfe\n", "not UTF-8", "unreadable-file"),
        ("just words\nand more\n", "does not begin as such", "type-mismatch"),
        ("cycle\n1\n", "does not begin as such", "type-mismatch"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, words, code):
    with pytest.raises(ReaderError, match=words) as refused:
        read(written(tmp_path, text))
    assert refused.value.code == code


def test_a_table_called_otherwise_is_refused(tmp_path):
    with pytest.raises(ReaderError) as refused:
        read(written(tmp_path, CYCLING, "cycling.mrc"))
    assert refused.value.code == "type-mismatch"


def test_names_with_underscores_are_no_numbers(tmp_path):
    """float() takes 1_2 for 12."""
    assert table(tmp_path, "sample,capacity_mAh_g\n1_2,150\n").columns["sample"] == ["1_2"]


def test_a_table_of_too_many_columns_is_refused(tmp_path):
    with pytest.raises(ReaderError, match="more than 500 columns") as refused:
        read(written(tmp_path, ",".join(f"c{i}" for i in range(600)) + "\n" + ",".join(["1"] * 600) + "\n"))
    assert refused.value.code == "too-large"


@pytest.mark.parametrize("cell", ["1e999", "nan", "-inf"])
def test_a_number_that_is_none_is_a_gap(tmp_path, cell):
    assert table(tmp_path, f"cycle,capacity_mAh_g\n1,{cell}\n2,5\n").columns["capacity_mAh_g"] == [None, 5]
