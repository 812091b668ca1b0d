"""What a job's process says it left is held against what is there."""

from pathlib import Path

import pytest

from workers.folders import seal


@pytest.mark.parametrize(
    "claim",
    [{"path": "../../store/blobs"}, {"path": "other.h5"}, {"slices": ["a.slices/z.png"]}, {"has_display": True}],
)
def test_a_summary_may_only_name_files_that_the_job_left(tmp_path: Path, claim: dict[str, object]):
    (tmp_path / "mine.h5").write_bytes(b"spectra")
    with pytest.raises(ValueError, match="did not leave"):
        seal(tmp_path, [{"name": "mine", **claim}])


def test_files_folders_and_pictures_that_are_there_are_sealed(tmp_path: Path):
    for name in ("a.ome.zarr/zarr.json", "a.slices/z.png", "b.h5"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    summaries = [{"path": "a.ome.zarr", "slices": ["a.slices/z.png"]}, {"path": "b.h5"}, {"kind": "scalar"}]
    digest, size = seal(tmp_path, summaries)
    assert len(digest) == 64
    assert size == sum(len(name) for name in ("a.ome.zarr/zarr.json", "a.slices/z.png", "b.h5"))
