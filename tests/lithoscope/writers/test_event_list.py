"""A list of events is kept as columns of a Zarr group, without loss."""

import numpy as np
import pytest
import zarr

from lithoscope.readers import read
from lithoscope.writers.event_list import CHUNK, SHARD, write_event_list
from tests.lithoscope.readers.ion_files import epos, ions, pos


def test_every_column_is_kept_bit_for_bit_with_its_unit(tmp_path):
    given = ions()
    write_event_list(read(epos(tmp_path / "a.epos")).events, tmp_path / "ions.zarr")
    group = zarr.open_group(tmp_path / "ions.zarr", mode="r")
    about = group.attrs["lithoscope"]
    assert (about["kind"], about["rows"], set(about["columns"])) == ("points", 500, set(given))
    for name, values in given.items():
        assert np.array_equal(group[name][...], values)
        assert group[name].metadata.dimension_names == ("ion",)
    assert about["columns"]["standing_voltage_V"] == {"unit": "V", "key": "Vdc", "bounds": [3000.0, 5000.0]}


def test_a_long_list_lies_in_chunks_and_few_files(tmp_path):
    given = ions(SHARD + 10)
    write_event_list(read(pos(tmp_path / "a.pos", given)).events, tmp_path / "ions.zarr")
    stored = zarr.open_group(tmp_path / "ions.zarr", mode="r")["z_nm"]
    assert (stored.chunks, stored.shards) == ((CHUNK,), (SHARD,))
    assert np.array_equal(stored[...], given["z_nm"])
    assert len(list((tmp_path / "ions.zarr/z_nm/c").iterdir())) == 2


def test_a_folder_that_holds_something_is_not_written_into(tmp_path):
    (tmp_path / "ions.zarr").mkdir()
    (tmp_path / "ions.zarr/note").touch()
    with pytest.raises(FileExistsError):
        write_event_list(read(pos(tmp_path / "a.pos")).events, tmp_path / "ions.zarr")
