"""Files on the facility's storage are registered from notebook and terminal, and nothing of them is sent."""

import json

import numpy as np
import pytest

from lithoscope.client import ClientError
from lithoscope.client.problems import Problem


def test_a_registered_file_is_a_dataset_that_is_read_where_it_lies(client, service, lithoscope):
    np.save(service.storage / "image.npy", np.arange(12.0).reshape(3, 4))
    assert client.roots(service.project_id) == ["em"]
    sample = client.samples.create("in place", project=service.project_id)
    dataset = client.register("image.npy", root="em", sample=sample).wait()
    assert (dataset.state, dataset.place["path"], dataset.sample_id) == ("readable", "image.npy", sample.id)
    assert client.register("em:image.npy", sample=sample).id == dataset.id
    told = lithoscope("upload", "--in-place", "em:image.npy", "--sample", sample.id, "--quiet", "--json")
    assert (told.returncode, json.loads(told.stdout)["id"]) == (0, dataset.id), told.stderr


def test_what_cannot_be_registered_says_why(client, service, lithoscope):
    with pytest.raises(ClientError, match="ROOT:PATH"):
        client.register("image.npy", project=service.project_id)
    with pytest.raises(Problem, match="no such file"):
        client.register("em:nowhere.npy", project=service.project_id)
    (service.storage / "changed.npy").write_bytes(b"x")
    assert lithoscope("upload", "--in-place", "none:changed.npy").returncode != 0
    assert "ROOT:PATH" in lithoscope("upload").stderr
