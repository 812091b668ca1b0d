"""Whatever is wrong at a PC is one clear line in `watch status` and the same one in the portal, and nothing is lost."""

import json
import os

from typer.testing import CliRunner

from lithoscope.client.cli import cli
from lithoscope.client.collector.describing import oddity_of
from lithoscope.client.collector.telling import LEAST_FREE_BYTES, of_disk

SPECTRUM = b"#FORMAT : twice\r\n#ENDOFDATA"


def status(pc):
    answer = CliRunner().invoke(cli, ["watch", "status", "--config", str(pc.config), "--json"])
    return {each["kind"]: each["words"] for each in json.loads(answer.stdout)["problems"]}


def portal(pc, enrolled):
    pc.clock.steady += 61
    pc.collector.step()
    told = enrolled.admin.get(f"/instruments/{enrolled.instrument_id}").json()["collector"]
    return {each["kind"]: each["words"] for each in told["problems"]}


def test_status_and_portal_say_the_same_of_files_that_do_not_go(pc, enrolled, sample, client, service):
    other = client.samples.create("the other", project=service.project_id)
    for code in (sample.code, other.code):
        pc.write(f"{code}/same.msa", SPECTRUM)
    pc.write(f"{sample.code}/cut.dm3", b"\0\0\0\3\0\0\xff\xff")
    pc.write("LS-1999-1/a.msa", b"#ENDOFDATA")
    pc.write("stray.msa", b"x")
    pc.rounds(7200, step_s=600)
    told = status(pc)
    assert {"same-content", "never-settles", "sample-unknown", "unmatched"} <= set(told)
    assert "mislabelled" in told["same-content"]
    assert portal(pc, enrolled) == told


def test_a_share_that_goes_away_is_said_and_what_lay_there_goes_when_it_is_back(pc, enrolled, sample):
    pc.write(f"{sample.code}/a.msa", b"#FORMAT : share\r\n#ENDOFDATA")
    pc.collector.step()
    away = pc.folder.with_name("away")
    pc.folder.rename(away)
    assert pc.sent(300) == []
    assert "is the share there?" in status(pc)["unreadable-folder"]
    assert portal(pc, enrolled)["unreadable-folder"] == status(pc)["unreadable-folder"]
    away.rename(pc.folder)
    assert len(pc.sent(1200)) == 1
    assert not {"unreadable", "unreadable-folder"} & set(status(pc))


def test_a_name_the_service_does_not_keep_is_said_and_its_whole_path_goes_along(pc, enrolled, sample, client):
    name = f"{'a' * 40}\N{RIGHT-TO-LEFT OVERRIDE}{'b' * 200}.msa"
    path = pc.write(f"{sample.code}/{name}", b"#FORMAT : long\r\n#ENDOFDATA")
    [dataset_id] = pc.sent()
    dataset = client.dataset(dataset_id)
    assert dataset.attributes["source_path"] == f"{sample.code}/{path.name}"
    assert dataset.filename in status(pc)["name-changed"]
    assert portal(pc, enrolled)["name-changed"] == status(pc)["name-changed"]


def test_a_name_of_300_characters_is_shortened_and_said():
    kind, words = oddity_of("ü" * 296 + ".emd", None)
    kept = words.removeprefix("the service keeps no such name: there it is called ")
    assert (kind, kept.endswith("….emd"), len(os.fsencode(kept)) <= 255) == ("name-changed", True, True)
    assert oddity_of("u\N{COMBINING DIAERESIS}ber.emd", None) == (None, "")


def test_a_full_disk_is_said_before_nothing_can_be_remembered():
    [line] = of_disk(LEAST_FREE_BYTES - 1, "D:/journal")
    assert (line["kind"], line["example"]) == ("disk-full", "D:/journal")
    assert "99 MiB are free" in line["words"]
    assert of_disk(LEAST_FREE_BYTES, "D:/journal") == of_disk(None, "D:/journal") == []
