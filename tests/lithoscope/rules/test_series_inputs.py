"""A dataset fills the inputs that have its arrays' names, else the first."""

from lithoscope.rules.series_inputs import array_for, inputs_by_name, inputs_from_dataset

PORTS = ("dark_field", "x_rays", "low_loss", "mn_4")


def test_arrays_go_to_the_inputs_of_their_own_names():
    filled = inputs_from_dataset("ds_1", ["dark_field", "x_rays", "low_loss", "other"], ports=PORTS)
    assert filled == {name: f"ds_1/{name}" for name in ("dark_field", "x_rays", "low_loss")}


def test_what_is_given_for_all_is_left_alone():
    assert inputs_from_dataset("ds_1", ["dark_field", "x_rays"], ports=PORTS, given=["x_rays"]) == {
        "dark_field": "ds_1/dark_field"
    }


def test_where_no_name_agrees_the_dataset_is_the_first_free_input():
    assert inputs_from_dataset("ds_1", ["image"], ports=("series", "shifts"), given=["shifts"]) == {"series": "ds_1"}
    assert inputs_from_dataset("ds_1", ["image"], ports=("series",), given=["series"]) == {}


def test_by_names_alone_nothing_is_guessed():
    assert inputs_by_name("ds_1", ["image"], ports=PORTS) == {}
    assert inputs_by_name("ds_1", ["mn_4"], ports=PORTS) == {"mn_4": "ds_1/mn_4"}


def test_of_a_whole_dataset_an_input_gets_the_array_of_its_own_name_else_the_first():
    assert array_for("low_loss", ["dark_field", "low_loss"]) == "low_loss"
    assert array_for("mn_4", ["spectrum", "picture"]) == "spectrum"
