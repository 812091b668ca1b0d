"""A registered file that is written to while it is read is said to have changed, whatever its reader thinks of it."""

from pathlib import Path
from typing import Any

import pytest

from app.infra.storage.places import Root, stamp_of
from lithoscope.errors import ReaderError
from workers.in_place import lent_in_place, opened_in_place


def read(task: dict[str, Any], file: Path, *, does_reader_fail: bool) -> None:
    """Do what a reader does while somebody cuts the file."""
    with opened_in_place(task) as path:
        assert path is not None
        file.write_bytes(path.read_bytes()[:50])
        if does_reader_fail:
            raise ReaderError("the file ends inside its header", code="truncated-file")


@pytest.mark.parametrize("does_reader_fail", [True, False])
def test_a_file_that_is_cut_while_it_is_read_is_called_changed_and_not_unreadable(
    tmp_path: Path, does_reader_fail: bool
) -> None:
    storage = tmp_path / "storage"
    storage.mkdir()
    file = storage / "map.dm3"
    file.write_bytes(b"x" * 100)
    root = Root(storage, tmp_path / "data")
    with root.open("map.dm3") as opened:
        task = {"in_place": lent_in_place(root, "map.dm3", stamp_of(opened))}
    with pytest.raises(ReaderError) as refused:
        read(task, file, does_reader_fail=does_reader_fail)
    assert refused.value.code == "source-changed"
