"""Files in a folder that the service sees itself are registered where they lie, and nothing of them is sent."""

import time

import pytest

from lithoscope.client.collector import Settings
from tests.lithoscope.client.collector.test_sending import emsa

RULES = """
[[rules]]
match = "{sample}/*"
sample = "{sample}"
in_place = "em:titan/data"
"""


def test_a_settled_file_is_registered_where_it_lies_and_nothing_of_it_is_sent(pc_at, sample, client, service):
    pc = pc_at(RULES)
    seen = service.storage / "titan" / "data"
    seen.mkdir(parents=True)
    pc.folder.rmdir()
    pc.folder.symlink_to(seen)
    pc.write(f"{sample.code}/a.msa", emsa(77))
    rounds = pc.rounds(300)
    while pc.unit(f"{sample.code}/a.msa")["state"] == "sending":
        time.sleep(0.2)  # a worker of the service hashes it
        rounds += pc.rounds(15)
    unit = pc.unit(f"{sample.code}/a.msa")
    assert (unit["state"], sum(each.bytes_sent for each in rounds)) == ("sent", 0)
    dataset = client.dataset(unit["dataset_id"])
    assert (dataset.place["root"], dataset.place["path"]) == ("em", f"titan/data/{sample.code}/a.msa")
    assert (dataset.sample_id, dataset.attributes["source_path"]) == (sample.id, f"{sample.code}/a.msa")


def test_a_file_the_service_does_not_see_is_told(pc_at, sample):
    pc = pc_at(RULES.replace("titan/data", "elsewhere"))
    pc.write(f"{sample.code}/b.msa", emsa(78))
    pc.rounds(300)
    unit = pc.unit(f"{sample.code}/b.msa")
    assert unit["state"] in {"held", "failed"}
    assert "no such file" in unit["reason"]


def test_groups_are_not_registered_in_place(tmp_path):
    config = tmp_path / "watch.toml"
    config.write_text(f'[[folders]]\npath = "{tmp_path}"\n{RULES}group = "folder"\n')
    with pytest.raises(Exception, match="in_place is for datasets of one file"):
        Settings.read(config)
