"""Files in a folder that the service sees itself are registered where they lie, and nothing of them is sent."""

import time

import pytest

from app.infra.storage.groups import MOST_FILES
from lithoscope.client.collector.settings import MOST_IN_PLACE, Rule
from tests.lithoscope.client.collector.test_sending import emsa
from tests.lithoscope.readers.test_several_files import fib_slice

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


def test_a_file_that_moved_and_is_called_otherwise_is_found_again_by_its_dataset(pc_at, sample, client, service):
    pc = pc_at(RULES.replace("titan/data", "titan/moves"))
    seen = service.storage / "titan" / "moves"
    seen.mkdir(parents=True)
    pc.folder.rmdir()
    pc.folder.symlink_to(seen)

    def taken(name: str) -> dict[str, object]:
        pc.rounds(300)
        while pc.unit(f"{sample.code}/{name}")["state"] == "sending":
            time.sleep(0.2)  # a worker of the service hashes it
            pc.rounds(15)
        return dict(pc.unit(f"{sample.code}/{name}"))

    pc.write(f"{sample.code}/a.msa", emsa(79))
    first = taken("a.msa")
    (seen / sample.code / "a.msa").rename(seen / sample.code / "b.msa")
    moved = taken("b.msa")
    assert (moved["state"], moved["dataset_id"]) == ("sent", first["dataset_id"])
    place = client.dataset(str(first["dataset_id"])).place
    assert (place["path"], place["problem"]) == (f"titan/moves/{sample.code}/b.msa", None)
    pc.write(f"{sample.code}/c.msa", emsa(79))  # a copy, while the other is there
    copied = taken("c.msa")
    assert (copied["state"], copied["dataset_id"]) == ("same", first["dataset_id"])
    assert client.dataset(str(first["dataset_id"])).place["path"].endswith("/b.msa")


def test_a_file_the_service_does_not_see_is_told(pc_at, sample):
    pc = pc_at(RULES.replace("titan/data", "elsewhere"))
    pc.write(f"{sample.code}/b.msa", emsa(78))
    pc.rounds(300)
    unit = pc.unit(f"{sample.code}/b.msa")
    assert unit["state"] in {"held", "failed"}
    assert "no such file" in unit["reason"]


def test_a_settled_folder_is_registered_as_one_dataset_and_nothing_of_it_is_sent(pc_at, sample, client, service):
    pc = pc_at(
        RULES.replace("titan/data", "titan/fib").replace("{sample}/*", "{sample}/{run}/*") + 'group = "folder"\n'
    )
    seen = service.storage / "titan" / "fib"
    seen.mkdir(parents=True)
    pc.folder.rmdir()
    pc.folder.symlink_to(seen)
    for number in range(1, 4):
        fib_slice(pc.folder / "one.tif", number)
        pc.write(f"{sample.code}/run/s_{number}.tif", (pc.folder / "one.tif").read_bytes())
    (pc.folder / "one.tif").unlink()
    rounds = pc.rounds(300)
    while pc.unit(f"{sample.code}/run")["state"] == "sending":
        time.sleep(0.2)  # a worker of the service hashes them
        rounds += pc.rounds(15)
    unit = pc.unit(f"{sample.code}/run")
    assert (unit["state"], sum(each.bytes_sent for each in rounds)) == ("sent", 0)
    dataset = client.dataset(unit["dataset_id"]).wait()
    assert (dataset.filename, dataset.format, dataset.sample_id) == ("run.zip", "slices", sample.id)
    assert (dataset.place["path"], dataset.place["files"]) == (f"titan/fib/{sample.code}/run", 3)


@pytest.mark.parametrize(
    ("in_place", "paths", "is_group", "place"),
    [
        ("em:titan/data", ["a/x.msa"], False, {"root": "em", "path": "titan/data/a/x.msa"}),
        ("em", ["x.msa"], False, {"root": "em", "path": "x.msa"}),
        ("em", ["a/s_1.tif", "a/s_2.tif"], True, {"root": "em", "path": "a", "members": ["s_1.tif", "s_2.tif"]}),
        ("em", ["m.emi", "m_1.ser"], True, {"root": "em", "path": "m.emi", "members": ["m.emi", "m_1.ser"]}),
        ("em:/x/", ["m.emi", "m_1.ser"], True, {"root": "em", "path": "x", "members": ["m.emi", "m_1.ser"]}),
        ("em", ["a/s_1.tif", "b/s_2.tif"], True, None),
        ("em", [f"a/s_{number}.tif" for number in range(MOST_IN_PLACE + 1)], True, None),
    ],
)
def test_files_of_one_folder_are_registered_and_what_the_service_would_not_take_is_sent(
    in_place: str, paths: list[str], is_group: bool, place: dict[str, object] | None
):
    rule = Rule(match="**", without_sample=True, in_place=in_place)
    assert rule.place_of(paths, is_group=is_group) == place
    assert MOST_IN_PLACE == MOST_FILES
