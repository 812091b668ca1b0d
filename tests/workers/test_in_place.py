"""A registered file that is written to while it is read is said to have changed, whatever its reader thinks of it."""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.infra.storage.groups import PlacedGroup, look_at
from app.infra.storage.places import Placed, Root, stamp_of
from lithoscope.errors import ReaderError
from workers.in_place import lent_in_place, opened_in_place

Group = tuple[Path, dict[str, Any]]
#: In a process of its own: a limit that was lowered is never raised again.
FEW = """
import resource
from lithoscope.errors import ReaderError
from workers.in_place import opened_in_place
resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 2000))
try:
    opened_in_place({task}).__enter__()
except ReaderError as refusal:
    print(refusal)
"""


def read(task: dict[str, Any], file: Path, *, does_reader_fail: bool) -> None:
    """Do what a reader does while somebody cuts the file."""
    with opened_in_place(task) as given:
        path = Path(given.task["file"] if "file" in given.task else given.task["files"][1])
        assert path.name in {"b.tif", *(str(number) for number in range(1000))}
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
        task = {"in_place": lent_in_place(Placed(root, "map.dm3", stamp_of(opened)))}
    with pytest.raises(ReaderError) as refused:
        read(task, file, does_reader_fail=does_reader_fail)
    assert refused.value.code == "source-changed"


@pytest.fixture
def group(tmp_path: Path) -> Group:
    """Lay three files into a folder of the storage."""
    storage = tmp_path / "storage"
    (storage / "fib").mkdir(parents=True)
    (tmp_path / "job").mkdir()
    for name in "abc":
        (storage / "fib" / f"{name}.tif").write_bytes(name.encode() * 100)
    root = Root(storage, tmp_path / "data")
    members = look_at(root, "fib", ["a.tif", "b.tif", "c.tif"])
    task = {"in_place": lent_in_place(PlacedGroup(root, "fib", members)), "folder": str(tmp_path / "job")}
    return storage / "fib", task


def test_files_of_a_group_stand_under_their_names_and_lead_to_what_was_registered_wherever_their_paths_lead_by_then(
    group: Group,
) -> None:
    folder, task = group
    with opened_in_place(task) as given:
        (folder / "b.tif").rename(folder / "elsewhere")
        (folder / "b.tif").symlink_to("/etc/hostname")
        assert [Path(path).name for path in given.task["files"]] == ["a.tif", "b.tif", "c.tif"]
        assert [Path(path).read_bytes()[:1] for path in given.task["files"]] == [b"a", b"b", b"c"]
        assert len(given.lent) == 4


@pytest.mark.parametrize("does_reader_fail", [True, False])
def test_a_file_of_a_group_that_is_cut_while_it_is_read_is_named(group: Group, *, does_reader_fail: bool) -> None:
    folder, task = group
    with pytest.raises(ReaderError, match=r"^b\.tif, a file on the facility's storage,") as refused:
        read(task, folder / "b.tif", does_reader_fail=does_reader_fail)
    assert refused.value.code == "source-changed"


@pytest.mark.parametrize("happens", ["vanishes", "is replaced by a link", "is written to"])
def test_a_file_of_a_group_that_went_before_it_is_read_is_named(group: Group, happens: str) -> None:
    folder, task = group
    (folder / "c.tif").unlink()
    if happens == "is replaced by a link":
        (folder / "c.tif").symlink_to(folder / "a.tif")
    elif happens == "is written to":
        (folder / "c.tif").write_bytes(b"other")
    with pytest.raises(ReaderError, match=r"^c\.tif, a file"), opened_in_place(task):
        raise AssertionError("it is not opened")


def test_a_machine_that_lets_a_process_open_few_files_says_which_limit_to_raise(group: Group) -> None:
    _, task = group
    task["in_place"]["files"] *= 1000
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    words = subprocess.run(
        [sys.executable, "-c", FEW.format(task=task)], capture_output=True, text=True, check=True
    ).stdout
    assert "may open 2000 files" in words
    assert "raise that limit to 3256" in words
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == limits
