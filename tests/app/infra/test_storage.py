"""One contract for every store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.infra.house import House
from app.infra.storage import LocalStore, RemoteStore, Store, blob_key, tree_key
from app.infra.storage.digests import tree_damage
from app.settings import Settings
from tests.app.infra.s3 import s3_server
from tests.app.infra.trees import make_tree


class StoreContract:
    """What every store promises; subclasses give the fixture `store`."""

    def put(self, store: Store, folder: Path, key: str, content: bytes) -> None:
        source = folder / "source"
        source.write_bytes(content)
        store.put_file(key, source)
        assert not source.exists()

    def test_a_file_comes_back_as_it_was(self, store, tmp_path):
        self.put(store, tmp_path, "a/b/c", b"0123456789")
        assert store.exists("a/b/c")
        assert store.size("a/b/c") == 10
        assert store.read("a/b/c") == b"0123456789"
        with store.open("a/b/c") as file:
            file.seek(4)
            assert file.read() == b"456789"

    def test_ranges_are_read(self, store, tmp_path):
        self.put(store, tmp_path, "a", b"0123456789")
        assert store.read("a", 3, 4) == b"3456"
        assert store.read("a", 8, 100) == b"89"
        assert store.read("a", 10, 1) == b""
        assert store.read("a", 7) == b"789"

    def test_an_equal_key_is_kept(self, store, tmp_path):
        self.put(store, tmp_path, "a", b"first")
        self.put(store, tmp_path, "a", b"second")
        assert store.read("a") == b"first"

    def test_what_is_not_there_is_not_found(self, store, tmp_path):
        assert not store.exists("none")
        for act in (store.size, store.open, store.read):
            with pytest.raises(FileNotFoundError):
                act("none")
        with pytest.raises(FileNotFoundError), store.local("none"):
            pass
        store.delete("none")

    def test_files_are_listed_with_their_bytes(self, store, tmp_path):
        self.put(store, tmp_path, "blobs/a", b"123")
        make_tree(tmp_path / "tree")
        store.put_tree("trees/b", tmp_path / "tree")
        keys = list(store.keys())
        assert dict(store.sizes()) == {key: store.size(key) for key in keys}
        assert dict(store.sizes("blobs")) == {"blobs/a": 3}
        assert dict(store.sizes("none")) == {}

    def test_a_folder_is_no_file(self, store, tmp_path):
        self.put(store, tmp_path, "a/b", b"x")
        with pytest.raises((FileNotFoundError, IsADirectoryError)):
            store.read("a")

    def test_a_tree_comes_back_as_it_was(self, store, tmp_path):
        digest, files = make_tree(tmp_path / "tree")
        key = tree_key(digest)
        store.put_tree(key, tmp_path / "tree")
        assert not (tmp_path / "tree").exists()
        assert store.exists(key)
        assert sorted(store.keys(key)) == sorted(f"{key}/{name}" for name in [*files, "manifest.json"])
        for name, content in files.items():
            assert store.read(f"{key}/{name}") == content
        with store.local(key) as folder:
            assert (folder / "map.ome.zarr/c/0/0").read_bytes() == files["map.ome.zarr/c/0/0"]
        assert list(tree_damage(store, key)) == []

    def test_an_equal_tree_is_kept(self, store, tmp_path):
        for _ in range(2):
            digest, _files = make_tree(tmp_path / "tree")
            store.put_tree(tree_key(digest), tmp_path / "tree")
        assert list(tree_damage(store, tree_key(digest))) == []
        assert not (tmp_path / "tree").exists()

    def test_a_file_is_given_as_a_local_path(self, store, tmp_path):
        self.put(store, tmp_path, "a/b", b"bytes")
        with store.local("a/b") as path:
            assert path.read_bytes() == b"bytes"

    def test_deleted_things_are_gone_and_their_neighbours_stay(self, store, tmp_path):
        digest, _files = make_tree(tmp_path / "tree")
        store.put_tree(tree_key(digest), tmp_path / "tree")
        self.put(store, tmp_path, "a/one", b"1")
        self.put(store, tmp_path, "a/one-more", b"2")
        store.delete("a/one")
        store.delete(tree_key(digest))
        assert list(store.keys()) == ["a/one-more"]
        assert not store.exists(tree_key(digest))

    def test_keys_below_a_prefix_are_listed(self, store, tmp_path):
        for key in ("b/2", "a/1", "a/c/3"):
            self.put(store, tmp_path, key, b"x")
        assert list(store.keys()) == ["a/1", "a/c/3", "b/2"]
        assert list(store.keys("a")) == ["a/1", "a/c/3"]
        assert list(store.keys("none")) == []

    @pytest.mark.parametrize("key", ["../a", "/a", "a/../../b", "", "a//b", "."])
    def test_no_key_leaves_the_store(self, store, key):
        with pytest.raises(ValueError, match="left the store"):
            store.read(key)

    def test_damage_in_a_tree_is_named(self, store, tmp_path):
        digest, _files = make_tree(tmp_path / "tree")
        (tmp_path / "tree/map.ome.zarr/c/0/0").write_bytes(b"flipped")
        (tmp_path / "tree/table.csv").unlink()
        store.put_tree(tree_key(digest), tmp_path / "tree")
        found = {(damage.path, damage.problem) for damage in tree_damage(store, tree_key(digest))}
        assert found == {("map.ome.zarr/c/0/0", "changed"), ("table.csv", "missing")}


class TestLocalStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return LocalStore(tmp_path / "store")


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Give the address of an S3 server in this process."""
    with s3_server() as address:
        yield address


class TestRemoteStore(StoreContract):
    @pytest.fixture
    def store(self, s3, request):
        options = {"key": "testing", "secret": "testing", "endpoint_url": s3}
        bucket = f"lithoscope-{abs(hash(request.node.name)) % 10**9}"
        store = RemoteStore(f"s3://{bucket}/facility", options)
        store._files.mkdir(bucket)
        return store

    def test_a_tree_without_its_marker_does_not_stand(self, store, tmp_path):
        """The sender died half way: nothing is there, and sending it again completes it."""
        digest, files = make_tree(tmp_path / "tree")
        key = tree_key(digest)
        store._files.pipe_file(f"{store._path(key)}/table.csv", files["table.csv"])
        assert not store.exists(key)
        store.put_tree(key, tmp_path / "tree")
        assert store.exists(key)
        assert list(tree_damage(store, key)) == []

    def test_the_settings_choose_it(self, tmp_path):
        house = House(Settings(data=tmp_path, store_url="s3://bucket/x"))
        assert isinstance(house.store, RemoteStore)


def test_without_a_url_the_store_is_a_folder_of_the_data(tmp_path):
    assert isinstance(House(Settings(data=tmp_path)).store, LocalStore)


def test_keys_spread_over_folders():
    assert blob_key("abcd" + "0" * 60) == f"blobs/ab/cd/abcd{'0' * 60}"
