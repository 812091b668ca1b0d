"""A dataset fills the inputs that have its arrays' names, else the first."""

from lithoscope.rules.series_inputs import inputs_from_dataset

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
