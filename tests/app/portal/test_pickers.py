"""What a form offers for an input."""

from app.portal.pickers import Offered, fitting
from lithoscope.methods import catalogue

TABLE = {"kind": "table", "rows": 5}


def test_of_all_tables_those_called_as_the_input_stand_first():
    offered = [
        Offered("res_1/errors", "Tomogram: errors", {**TABLE, "name": "errors"}, "tomogram_maps"),
        Offered("res_2/surface", "Surface", {**TABLE, "name": "surface"}, "particle_profiles"),
        Offered("res_2/profiles", "Depth profiles", {**TABLE, "name": "profiles"}, "particle_profiles"),
        Offered("res_3/shells", "Scatter", {**TABLE, "name": "shells"}, "particle_inhomogeneity"),
    ]
    ports = {port.name: port for port in catalogue()["particle_comparison"].inputs}
    first = [reference for reference, _ in fitting(ports["profiles"], offered)]
    assert first == ["res_2/profiles", "res_2/surface", "res_1/errors", "res_3/shells"]
    assert fitting(ports["inhomogeneity"], offered)[0] == ("res_3/shells", "Scatter")
