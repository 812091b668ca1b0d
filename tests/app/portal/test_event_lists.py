"""A list of events in words: its box, its columns, and which way its pictures run."""

from app.portal.event_lists import look_of

IONS = {
    "name": "ions",
    "kind": "points",
    "rows": 3,
    "columns": {"x_nm": "nm", "mass_to_charge_Da": "Da", "ions_in_pulse": ""},
    "bounds": {"x_nm": [-0.00004, 5.00012], "mass_to_charge_Da": [1.0, 70.0], "ions_in_pulse": [0.0, 4.0]},
}


def density(rows):
    return {
        "name": "density_xz",
        "title": "Ions seen along y",
        "kind": "image",
        "slices": ["density_xz.slices/z.png"],
        "spacing": {"x": {"value": 0.2, "unit": "nm", "source": "assumed"}},
        "coordinates": {"x": [0.0], "y": rows},
        "statistics": {"max": 44.0},
    }


def test_a_dataset_without_events_has_no_such_look():
    assert look_of("ds_1", [density([0.0, 1.0])]) is None


def test_the_box_and_the_columns_stand_with_their_units():
    look = look_of("ds_1", [IONS])
    assert look is not None
    assert look.box == [("x", 0.0, 5.0, "nm")]
    assert [(each.label, each.unit, each.high) for each in look.columns] == [
        ("x", "nm", 5.00012),
        ("Mass-to-charge", "Da", 70.0),
        ("Ions in pulse", "", 4.0),
    ]


def test_a_picture_says_which_way_it_runs_and_where_the_viewer_shows_it():
    for rows, way in (([0.1, 30.0], "down"), ([-0.1, -30.0], "up")):
        look = look_of("ds_1", [IONS, density(rows)])
        assert look is not None
        (picture,) = look.pictures
        assert f"x to the right, z {way}" in picture.caption
        assert "Ions in squares of 0.2 nm, at most 44 in one" in picture.caption
        assert picture.address == "/api/v1/datasets/ds_1/arrays/density_xz/slices/z.png"
        assert picture.viewer == "/viewer?show=ds_1/density_xz"
