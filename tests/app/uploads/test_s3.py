"""The same uploads and downloads with the store in S3."""

import pytest

from app.infra.storage import RemoteStore
from app.lab.datasets.purging import purge
from app.lab.datasets.verification import verify_store
from tests.app.infra.s3 import s3_server
from tests.app.uploads.uploading import begun, patch, put, sha256, some_bytes
from tests.conftest import settings_for

CONTENT = some_bytes(50_000)


@pytest.fixture
def settings(tmp_path):
    with s3_server() as address:
        options = {"key": "testing", "secret": "testing", "endpoint_url": address}
        RemoteStore("s3://facility", options)._files.mkdir("facility")
        yield settings_for(tmp_path / "data", store_url="s3://facility/store", store_options=options)


def test_bytes_go_to_the_bucket_and_come_back(house, people, project):
    steward = people.make(role="steward", project=project)
    first = put(steward, CONTENT, project.id, "a.dm3")
    location = begun(steward, len(CONTENT), project.id, "b.dm3", sha256=sha256(CONTENT[::-1]))
    assert patch(steward, location, 0, CONTENT[::-1]).status_code == 204
    second = steward.get(location).json()["dataset_id"]
    ranged = steward.get(f"/api/v1/datasets/{second}/content", headers={"Range": "bytes=5-9"})
    assert (first.status_code, ranged.content) == (201, CONTENT[::-1][5:10])
    assert len(list(house.store.keys())) == 2
    assert not any((house.staging / "uploads").iterdir())
    assert (verify_store(house).blobs, verify_store(house).damages, purge(house)) == (2, [], 0)
