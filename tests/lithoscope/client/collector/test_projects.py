"""Settings name projects as people do, by their codes; what cannot be told is said and waits."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from lithoscope.client.cli import cli
from lithoscope.client.collector.projects import Unowned, id_in
from lithoscope.client.collector.telling import problems
from tests.live import made

ANYTHING = '[[rules]]\nmatch = "**"\nwithout_sample = true\n'
IN_FOLDERS = '[[rules]]\nmatch = "{project}/{sample}/*"\nproject = "{project}"\nsample = "{sample}"\n'


@pytest.fixture(scope="module")
def project(enrolled) -> Any:
    return made(enrolled.admin, "/projects", {"code": "NMC-811", "title": "Cathodes"})


def spectrum(seed: str) -> bytes:
    return f"#FORMAT : {seed}\r\n#ENDOFDATA".encode()


def test_a_code_is_as_good_as_an_identifier(pc_at, project, client):
    pc = pc_at(ANYTHING, project="nmc-811")
    pc.write("a.msa", spectrum("code"))
    [dataset_id] = pc.sent()
    assert client.dataset(dataset_id).project_id == project["id"]


def test_a_folder_names_project_and_sample(pc_at, project, client):
    sample = client.samples.create("electrode", project=project["id"])
    pc = pc_at(IN_FOLDERS)
    pc.write(f"NMC-811/{sample.code}/a.msa", spectrum("folder"))
    [dataset_id] = pc.sent()
    assert client.dataset(dataset_id).sample_id == sample.id


def test_a_sample_of_another_project_goes_to_its_own_and_not_to_the_usual_one(pc_at, project, sample, client):
    pc = pc_at(project="NMC-811")
    pc.write(f"{sample.code}/a.msa", spectrum("usual"))
    [dataset_id] = pc.sent()
    assert client.dataset(dataset_id).project_id == sample.project_id


def test_a_file_of_an_unknown_project_is_held_said_and_goes_once_the_project_is_there(pc_at, enrolled):
    pc = pc_at(ANYTHING, project="LFP-1")
    pc.write("a.msa", spectrum("later"))
    assert pc.sent() == []
    [line] = [each for each in problems(pc.collector.journal) if each["kind"] == "project-unknown"]
    assert "no project 'LFP-1'" in line["words"]
    made(enrolled.admin, "/projects", {"code": "LFP-1", "title": "Late"})
    assert len(pc.sent(200)) == 1
    assert not [each for each in problems(pc.collector.journal) if each["kind"] == "project-unknown"]


def test_codes_that_differ_in_capitals_only_are_told_apart_by_them():
    codes = {"prj_1": "NMC", "prj_2": "nmc", "prj_3": "LFP"}
    assert [id_in(said, codes) for said in ("NMC", "nmc", "lfp", "prj_3")] == ["prj_1", "prj_2", "prj_3", "prj_3"]
    with pytest.raises(Unowned, match=r"several projects are called 'Nmc' \(NMC, nmc\)"):
        id_in("Nmc", codes)


def test_a_service_that_tells_no_codes_is_named_as_the_reason():
    with pytest.raises(Unowned, match="it tells no codes: write prj_"):
        id_in("NMC", {})


def test_doctor_says_of_each_project_in_the_settings_whether_it_is_there(pc_at, project):
    rule = f'[[rules]]\nmatch = "x/**"\nwithout_sample = true\nproject = "{project["id"]}"\n'
    pc = pc_at(f"{rule}{ANYTHING}", project="NO-SUCH")
    answer = CliRunner().invoke(cli, ["watch", "doctor", "--config", str(pc.config), "--json"])
    found = [row for row in json.loads(answer.stdout) if row["check"] == "project"]
    assert [row["ok"] for row in found] == [False, True]
    assert "no project 'NO-SUCH'" in found[0]["words"]
    assert found[1]["words"] == f"NMC-811 ({project['id']})"
