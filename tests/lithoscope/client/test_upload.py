"""Uploads arrive whole, are cut without loss and never sent twice."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from lithoscope.client import Client, Rejected
from lithoscope.client.upload import MIB, PIECE_BYTES, LocalFile, _Journal, _TusUpload
from tests.lithoscope.client.conftest import EXAMPLE
from tests.lithoscope.client.cutting import CuttingProxy


def big_file(folder: Path, seed: int, mebibytes: int = 20) -> Path:
    path = folder / f"big-{seed}.npy"
    values = np.random.default_rng(seed).integers(0, 255, (mebibytes * 16, 256, 256), dtype=np.uint8)
    np.save(path, values)
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_real_tilt_series_becomes_readable_with_its_pixel_size_and_an_unknown_current(example):
    assert example.sha256 == sha256(EXAMPLE)
    assert example.metadata["pixel_size_nm"].value == pytest.approx(17.99, abs=0.01)
    assert example.metadata["pixel_size_nm"].source == "header"
    assert example.metadata["beam_current_nA"].source == "unknown"


def test_the_same_file_again_is_the_same_dataset(client, example):
    assert client.upload(EXAMPLE, sample=example.sample_id).id == example.id


def test_a_large_file_that_is_cut_goes_on_where_it_stopped(service, tmp_path):
    path = big_file(tmp_path, seed=1)
    cuts = [3 * MIB, 11 * MIB, 5 * MIB, 100_000]
    proxy = CuttingProxy(service.url, list(cuts))
    with Client(proxy.url, service.token, progress=False) as client:
        client.connection.sleep = lambda _: None
        dataset = client.upload(path, project=service.project_id)
        assert dataset.sha256 == sha256(path)
    proxy.close()
    assert proxy.bytes_sent <= path.stat().st_size + len(cuts) * PIECE_BYTES + MIB


def test_an_upload_that_was_broken_off_is_resumed_by_the_next_one(client, service, tmp_path):
    path = big_file(tmp_path, seed=2)
    metadata = {"filename": path.name, "project_id": service.project_id}
    told: list[float] = []

    class Enough(Exception):
        """The sender's machine went down."""

    def go_down(done: float, total: float) -> None:
        if done >= PIECE_BYTES:
            raise Enough

    with pytest.raises(Enough):
        _TusUpload(client.connection, LocalFile(path), metadata, go_down).run()
    dataset_id = _TusUpload(client.connection, LocalFile(path), metadata, lambda done, _: told.append(done)).run()
    assert told[0] == PIECE_BYTES
    assert client.dataset(dataset_id).sha256 == sha256(path)
    assert _Journal(client.url, LocalFile(path), metadata).find() is None


def test_a_file_that_cannot_be_read_is_kept_and_its_problem_told(client, service, tmp_path):
    path = tmp_path / "broken.dm3"
    path.write_bytes(EXAMPLE.read_bytes()[:5000])
    dataset = client.upload(path, project=service.project_id)
    with pytest.raises(Rejected) as rejected:
        dataset.wait()
    assert rejected.value.problem["type"].startswith("/problems/")
    assert dataset.download(tmp_path / "again.dm3").read_bytes() == path.read_bytes()
