"""GOSH files are read from local files, and others are refused by name."""

import h5py
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers.gosh import read_gosh


@pytest.fixture
def gosh(tmp_path):
    path = tmp_path / "small.gosh"
    with h5py.File(path, "w") as file:
        file.create_group("metadata/data_ref").attrs["data_doi"] = "10.5281/zenodo.7645765"
        edge = file.create_group("metadata/edges_info/L3")
        edge.attrs["table"], edge.attrs["occupancy_ratio"] = "L3", 0.5
        table = file.create_group("Mn/L3")
        table["data"] = np.arange(15.0).reshape(1, 5, 3)
        table["q"], table["free_energies"] = np.geomspace(1e9, 1e12, 5), np.array([0.1, 10.0, 50.0])
    return path


def test_a_subshell_is_read_with_its_source(gosh):
    found = read_gosh(gosh, element="Mn", subshell="L3", onset_eV=640.0)
    assert found.strength_per_eV.shape == (3, 5)
    assert found.strength_per_eV[1, 0] == 1.0
    assert found.above_onset_eV[0] == 0
    assert found.occupancy_ratio == 0.5
    assert "10.5281/zenodo.7645765" in found.source


def test_what_is_not_there_is_named(gosh, tmp_path):
    with pytest.raises(ReaderError) as missing:
        read_gosh(gosh, element="Co", subshell="L3", onset_eV=779.0)
    assert missing.value.code == "missing-subshell"
    other = tmp_path / "other.h5"
    other.write_bytes(b"no table")
    with pytest.raises(ReaderError):
        read_gosh(other, element="Mn", subshell="L3", onset_eV=640.0)
