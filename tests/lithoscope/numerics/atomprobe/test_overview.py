"""What a list of ions shows at first sight counts every ion once."""

import numpy as np
import pytest

from lithoscope.event_list import Column, EventList
from lithoscope.numerics.atomprobe import overview

MASS = "mass_to_charge_Da"


def listed(pieces_of=10**9, **columns):
    arrays = {name: np.asarray(values, np.float32) for name, values in columns.items()}
    length = len(arrays[MASS])

    def pieces():
        for start in range(0, length, pieces_of):
            yield {name: values[start : start + pieces_of] for name, values in arrays.items()}

    units = {name: name.rpartition("_")[2] for name in arrays}
    described = tuple(Column(name, units[name], "float32", name) for name in arrays)
    bounds = {name: (float(values.min()), float(values.max())) for name, values in arrays.items()}
    return EventList(length, described, bounds, pieces)


def needle(count=5000, **more):
    rng = np.random.default_rng(1)
    places = {"x_nm": rng.normal(0, 10, count), "y_nm": rng.normal(0, 10, count), "z_nm": rng.uniform(0, 50, count)}
    return listed(**places, **{MASS: rng.uniform(0.5, 80, count)}, **more)


def test_ions_of_known_mass_fall_into_bins_of_a_hundredth():
    found = overview(listed(x_nm=[0] * 5, y_nm=[1] * 5, z_nm=[2] * 5, **{MASS: [7.016, 7.016, 7.0199, 7.02001, 0.0]}))
    table = found["mass_spectrum"]
    counts = {m: n for m, n in zip(table.columns[MASS], table.columns["ions"], strict=True) if n}
    assert counts == {7.015: 3, 7.025: 1}
    assert table.plot.title == "Mass spectrum of all ions in bins of 0.01 Da"


def test_ions_beyond_the_last_bin_are_counted_in_words():
    found = overview(listed(x_nm=[0, 1], y_nm=[0, 1], z_nm=[0, 1], **{MASS: [10.0, 5000.0]}))["mass_spectrum"]
    assert "1 ions beyond 300 Da are not drawn" in found.plot.title
    assert (len(found.columns["ions"]), sum(found.columns["ions"])) == (30_000, 1)


def test_every_ion_is_in_one_square_of_each_map():
    found = overview(needle(detector_x_mm=np.linspace(-30, 30, 5000), detector_y_mm=np.linspace(-30, 30, 5000)))
    for name in ("density_xz", "density_xy", "hit_map"):
        assert found[name].values.sum() == 5000
    assert found["hit_map"].spacing["x"].unit == "mm"
    assert sum(found["mass_spectrum"].columns["ions"]) == 5000


def test_how_a_list_is_cut_into_pieces_changes_nothing():
    given = needle(standing_voltage_V=np.linspace(3000, 5000, 5000))
    whole = {name: piece for each in given.pieces() for name, piece in each.items()}
    apart = overview(listed(pieces_of=77, **whole))
    for name, made in overview(given).items():
        if hasattr(made, "values"):
            assert np.array_equal(made.values, apart[name].values)
        else:
            for column, values in made.columns.items():
                assert values == pytest.approx(apart[name].columns[column])


def test_an_ion_lies_where_the_coordinates_of_its_square_say():
    given = {"x_nm": [0.0, 10.0, 3.3], "y_nm": [0.0, 20.0, 15.0], "z_nm": [-9.0, 0.0, -7.7], MASS: [1.0, 2.0, 3.0]}
    found = overview(listed(**{name: values * 400 for name, values in given.items()}))
    for name, down in (("density_xz", "z_nm"), ("density_xy", "y_nm")):
        image, step = found[name], found[name].spacing["x"].value
        for x, y in zip(given["x_nm"], given[down], strict=True):
            row = np.abs(image.coordinates["y"] - y).argmin()
            column = np.abs(image.coordinates["x"] - x).argmin()
            assert image.values[row, column] >= 1
            assert abs(image.coordinates["y"][row] - y) <= step / 2 * (1 + 1e-6)
    assert found["density_xz"].coordinates["y"][0] > -1  # depths below zero: the surface is at the top
    assert found["density_xy"].coordinates["y"][0] > found["density_xy"].coordinates["y"][-1]


def test_pixels_hold_a_few_ions_and_maps_stay_small():
    for count in (1, 2, 100, 20_000):
        image = overview(needle(count))["density_xz"]
        assert max(image.values.shape) <= 1024
        assert image.values.size <= max(count, 4)


def test_the_voltage_is_the_mean_of_equal_parts_of_the_sequence():
    found = overview(needle(standing_voltage_V=np.arange(5000.0)))["voltage_curve"]
    assert found.columns["ion"][:2] == [1.0, 4.0]
    assert found.columns["standing_voltage_V"][:2] == [1.0, 4.0]
    assert found.columns["standing_voltage_V"][-1] == 4998.5
    assert len(found.columns["ion"]) == 1667
    assert "means of 3 ions each" in found.plot.title


def test_a_list_without_voltage_has_no_curve_of_it():
    assert set(overview(needle())) == {"mass_spectrum", "density_xz", "density_xy"}
