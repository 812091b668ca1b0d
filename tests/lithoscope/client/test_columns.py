"""Lists of ions as a notebook and a terminal use them."""

import zipfile

import numpy as np
import pytest

from lithoscope.client import ClientError
from lithoscope.client.problems import Rejected
from lithoscope.readers.ions import MASS
from tests.lithoscope.readers.ion_files import epos, ions, pos


@pytest.fixture(scope="module")
def listed(service, tmp_path_factory):
    with service.client() as client:
        path = epos(tmp_path_factory.mktemp("ions") / "R31_001.epos")
        yield client.upload(path, project=service.project_id).wait()


def test_a_list_of_ions_comes_as_a_table_of_its_columns(listed):
    given, table = ions(), listed.to_pandas()
    assert (table.index.name, len(table), set(table.columns)) == ("ion", 500, set(given))
    for name, values in given.items():
        assert np.array_equal(table[name], values)


def test_some_columns_of_some_ions_keep_their_numbers(listed):
    table = listed.array("ions").to_pandas([MASS], slice(490, None))
    assert (list(table.columns), table.index.tolist()) == ([MASS], list(range(490, 500)))
    assert np.array_equal(table[MASS], ions()[MASS][490:])
    assert listed.array("ions").to_pandas(rows=slice(9, 3)).empty


def test_a_list_of_ions_opens_lazily_along_the_coordinate_ion(listed):
    columns = listed.array("ions").to_columns()
    assert (columns.sizes, columns["standing_voltage_V"].attrs["units"]) == ({"ion": 500}, "V")
    assert columns["z_nm"].chunks is not None
    assert columns["ion"][[0, 499]].values.tolist() == [0, 499]
    assert np.array_equal(columns["z_nm"].values, ions()["z_nm"])


def test_the_counts_of_the_spectrum_are_those_of_the_list(listed):
    spectrum = listed.to_pandas("mass_spectrum")
    places = np.floor(ions()[MASS].astype(float) / 0.01).astype(int)
    assert np.array_equal(spectrum["ions"], np.bincount(places))
    assert listed.array("mass_spectrum").summary["columns"] == {MASS: "Da", "ions": "1"}
    assert listed.array("hit_map").to_xarray().values.sum() == 500


def test_what_is_no_list_says_how_it_is_read(listed, example):
    for ask, words in (
        (listed.to_xarray, "use .to_columns"),
        (lambda: listed.to_pandas(columns=["voltage"]), "has the columns"),
        (lambda: listed.array("ions").to_pandas(rows=slice(0, 9, 2)), "in a row"),
        (lambda: listed.array("hit_map").to_columns(), "no list of events"),
        (example.to_pandas, "no table and no list"),
    ):
        with pytest.raises(ClientError, match=words):
            ask()


def test_a_list_with_an_ion_that_cannot_be_is_rejected_by_its_number(client, service, tmp_path):
    given = ions()
    given[MASS][41] = -1.0
    with pytest.raises(Rejected, match="mass_to_charge_Da of ion 42 is below zero"):
        client.upload(pos(tmp_path / "a.pos", given), project=service.project_id).wait()


def test_a_terminal_gets_the_list_and_its_spectrum(lithoscope, listed, tmp_path):
    saved = lithoscope("get", f"{listed.id}/ions").stdout.strip()
    with zipfile.ZipFile(tmp_path / saved) as archive:
        assert {f"{name}/zarr.json" for name in ions()} <= set(archive.namelist())
    table = (tmp_path / lithoscope("get", f"{listed.id}/mass_spectrum").stdout.strip()).read_text()
    assert MASS in table
    refused = lithoscope("get", f"{listed.id}/ions", "--as", "mrc")
    assert (refused.returncode, "zarr" in refused.stderr) == (5, True)
