import pytest

from lithoscope.tables import Table


def test_columns_and_units_belong_together():
    with pytest.raises(ValueError, match="unit"):
        Table({"a": [1]}, {})


def test_columns_have_one_length():
    with pytest.raises(ValueError, match="length"):
        Table({"a": [1], "b": [1, 2]}, {"a": "1", "b": "1"})
