"""The main job with every byte in an S3 store: API and workers share nothing but database and bucket."""

import json
from pathlib import Path

from starlette.testclient import TestClient

from app.infra.db.base import Base
from app.infra.storage import RemoteStore
from app.main import create_app
from lithoscope.client import Client
from tests.app.infra.s3 import s3_server
from tests.conftest import settings_for
from tests.live import LiveService, first_token, made, setup_code, wait_for

EXAMPLE = Path(__file__).parents[2] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


def tomogram(client: Client, project_id: str) -> tuple[int, ...]:
    """Upload the example, reconstruct 15 of its tilts and return the shape of what can be read back."""
    dataset = client.upload(EXAMPLE, project=project_id).wait()
    series = next(array for array in dataset.arrays.values() if array.summary["kind"] == "tilt_series")
    tilts = client.run("tilt_series_subset", series, first_deg=-70.0, last_deg=70.0, step_deg=10.0)
    clean = client.run("tilt_series_background", tilts.wait(progress=False).outputs["tilt_series"])
    volume = client.run("tomogram_sirt", clean.wait(progress=False).outputs["tilt_series"], iterations=5)
    shape: tuple[int, ...] = volume.wait(progress=False).outputs["volume"].to_xarray().shape
    return shape


def test_the_main_job_runs_with_its_store_in_s3(tmp_path: Path):
    with s3_server() as address:
        options = {"key": "testing", "secret": "testing", "endpoint_url": address}
        bucket = RemoteStore("s3://facility", options)._files
        bucket.mkdir("facility")
        store = {"store_url": "s3://facility/store", "store_options": json.dumps(options)}
        with LiveService(tmp_path / "data", workers=1, **store) as service:
            wait_for(lambda: any("code=" in line for line in service.lines))
            token = first_token(service.url, setup_code("".join(service.lines)))
            with service.client(token) as administrator:
                project_id = made(administrator, "/projects", {"code": "BUCKET", "title": "Bucket"})["id"]
            with Client(service.url, token, progress=False) as client:
                assert tomogram(client, project_id) == (64, 64, 64)
        stored = bucket.find("facility/store")
        assert any("/blobs/" in name for name in stored)
        assert not (tmp_path / "data" / "store").exists()


def test_a_store_that_is_away_shows_in_readiness(tmp_path: Path):
    with s3_server() as address:
        options = {"key": "testing", "secret": "testing", "endpoint_url": address}
        RemoteStore("s3://away", options)._files.mkdir("away")
        house_settings = settings_for(tmp_path / "data", store_url="s3://away/store", store_options=options)
        application = create_app(house_settings)
        Base.metadata.create_all(application.state.house.database.engine)
        client = TestClient(application)
        assert client.get("/readyz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["store"]) == (503, "fails with StoreAway")
