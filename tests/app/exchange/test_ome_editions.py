"""Arrays leave as OME-Zarr of the present edition, and of the one older readers know."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.app.exchange.facilities import facility, tell


def test_a_result_and_a_dataset_are_had_in_both_editions(tmp_path: Path):
    with facility(tmp_path / "here") as here:
        story = tell(here, tmp_path / "story")
        result, dataset = f"/api/v1/results/{story.result.id}", f"/api/v1/datasets/{story.dataset.id}"
        asked = {
            f"{result}/download?output=volume&format=ome-zarr&ome=0.4": ".zattrs",
            f"{result}/download?output=labels&format=ome-zarr&ome=0.4": ".zattrs",
            f"{dataset}/arrays/volume/download?ome=0.4": ".zattrs",
            f"{dataset}/arrays/volume/download": "zarr.json",
        }
        for address, attributes in asked.items():
            answer = here.steward.get(address)
            assert answer.status_code == 200, answer.text
            with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
                said = json.loads(zipped.read(attributes))
            scales = (said.get("attributes", {}).get("ome") or said)["multiscales"]
            steps = scales[0]["datasets"][0]["coordinateTransformations"][0]["scale"]
            assert steps == pytest.approx([17.99] * 3)
