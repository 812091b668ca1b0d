"""Tables of oscillator strengths are read with their grid, unit and source, and others are refused by name."""

import h5py
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import inspect, read
from lithoscope.readers.gosh import read_gosh
from lithoscope.readers.nexus import read_hdf5
from lithoscope.writers.hdf5 import write_hdf5
from tests.lithoscope.gosh_file import REFERENCE, write_gosh


@pytest.fixture
def gosh(tmp_path):
    return write_gosh(tmp_path / "small.gosh")


def test_a_file_becomes_one_array_a_subshell(gosh):
    found = read(gosh)
    assert inspect(gosh).format == found.format == "gosh"
    names = {array.name for array in found.arrays}
    assert names == {"O K1", "O L2", "O L3", "Mn K1", "Mn L2", "Mn L3"}
    array = next(array for array in found.arrays if array.name == "Mn L3")
    assert (array.kind, array.axes, array.unit, array.values.shape) == ("spectra", "ce", "eV^-1", (60, 41))
    assert array.source == f"small.gosh, doi:{REFERENCE}"
    assert found.original == {"data_ref": {"data_doi": REFERENCE}}


def test_momenta_and_losses_stay_numbers(gosh):
    array = next(array for array in read(gosh).arrays if array.name == "Mn L3")
    np.testing.assert_allclose(array.coordinates["c"], np.geomspace(0.1, 1e4, 60))
    assert array.coordinates["e"][0] == 0
    assert array.coordinates["e"][-1] == pytest.approx(399.9)


def test_subshells_of_one_table_share_its_electrons(gosh):
    arrays = {array.name: array.values for array in read(gosh).arrays}
    np.testing.assert_allclose(arrays["Mn L3"], 2 * arrays["Mn L2"])
    np.testing.assert_allclose(arrays["Mn L3"][0, 0], 1e-2 * 2 / 3, rtol=1e-3)


def test_what_is_stored_comes_back_with_its_source(gosh, tmp_path):
    array = read(gosh).arrays[0]
    write_hdf5(array, tmp_path / "kept.h5")
    again = read_hdf5(tmp_path / "kept.h5")
    assert (again.source, again.name, again.axes, again.unit) == (array.source, array.name, "ce", "eV^-1")
    np.testing.assert_array_equal(again.coordinates["c"], array.coordinates["c"])


def test_a_library_reads_one_subshell(gosh):
    found = read_gosh(gosh, element="Mn", subshell="L3", onset_eV=640.0)
    assert found.strength_per_eV.shape == (41, 60)
    assert found.above_onset_eV[0] == 0
    assert found.momenta_per_m[-1] == pytest.approx(1e13)
    assert "Mn L3" in found.source
    assert REFERENCE in found.source


def test_what_is_not_there_is_named(gosh, tmp_path):
    with pytest.raises(ReaderError) as missing:
        read_gosh(gosh, element="Co", subshell="L3", onset_eV=779.0)
    assert missing.value.code == "missing-subshell"
    other = tmp_path / "other.h5"
    other.write_bytes(b"no table")
    with pytest.raises(ReaderError):
        read_gosh(other, element="Mn", subshell="L3", onset_eV=640.0)


def test_tables_of_another_unit_or_without_parts_are_refused(gosh, tmp_path):
    with pytest.raises(ReaderError, match="not in 1/m"):
        read(write_gosh(tmp_path / "angstrom.gosh", per_m=1e-10))
    with h5py.File(gosh, "a") as file:
        del file["Mn/L3/q"]
    with pytest.raises(ReaderError, match="'q'"):
        read(gosh)
    with pytest.raises(ReaderError, match="none"):
        read(write_gosh(tmp_path / "empty.gosh", elements=()))
