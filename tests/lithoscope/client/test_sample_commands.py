"""`lithoscope sample` and `lithoscope report`: a day with a sample from a terminal."""

import json

import pytest

OPENED = "2026-03-02T08:00:00Z"


@pytest.fixture
def label(lithoscope) -> str:
    """Register a sample and return its label."""
    made = lithoscope(
        "sample", "register", "deposit", "--material", "lithium_electrodeposited", "-f", "electrolyte=Gen2"
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.split()[1]


def test_a_sample_is_registered_opened_and_asked_where_it_is(lithoscope, label):
    words = ("-f", "atmosphere=argon", "-f", "temperature_C=-170")
    opened = lithoscope("sample", "event", label, "disassembly", "--at", OPENED, "-f", "atmosphere=argon")
    assert opened.returncode == 0, opened.stderr
    stored = lithoscope(
        "sample", "event", label, "storage", "--at", OPENED, "--until", "2026-03-02T10:00:00Z", *words, "--json"
    )
    assert json.loads(stored.stdout)["details"]["temperature_K"] == pytest.approx(103.15)
    listed = lithoscope("sample", "events", label).stdout
    assert [line.split()[1] for line in listed.splitlines()] == ["disassembly", "to"]
    then = json.loads(lithoscope("sample", "state", label, "--at", "2026-03-02T09:00:00Z", "--json").stdout)
    assert then["temperature_K"]["value"] == pytest.approx(103.15)
    assert "nobody recorded" in lithoscope("sample", "state", label).stdout
    clocks = lithoscope("sample", "clocks", label).stdout
    assert "overdue" in clocks
    assert "evt_" not in clocks


def test_everything_about_a_sample_fits_one_answer(lithoscope, label):
    shown = json.loads(lithoscope("sample", "show", label, "--json").stdout)
    assert (shown["code"], shown["state"]["sample_id"]) == (label, shown["id"])
    assert isinstance(shown["clocks"], list)
    words = lithoscope("sample", "show", label).stdout
    assert "unknown" in words
    assert "no exposure is recorded" in words


def test_a_report_is_written_in_the_form_asked_for(lithoscope, label, tmp_path):
    printed = json.loads(lithoscope("report", label, "--as", "json").stdout)
    assert printed
    for form, begin in (("pdf", b"%PDF"), ("html", b"<!DOCTYPE html"), ("svg", b"<?xml")):
        made = lithoscope("report", label, "--as", form, "--to", f"report.{form}")
        assert made.returncode == 0, made.stderr
        assert (tmp_path / f"report.{form}").read_bytes()[: len(begin)].lower() == begin.lower()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sample", "show", "NO-SUCH-LABEL"), 1),
        (("sample", "show", "smp_" + "0" * 32), 5),
        (("sample", "register", "x", "--material", "unobtainium"), 5),
        (("sample", "register", "x", "--material", "nmc", "-f", "oops"), 1),
        (("sample", "event", "smp_" + "0" * 32, "cooling", "-f", "temperature_C=cold"), 1),
        (("report", "job_" + "0" * 32), 1),
        (("report", "ds_" + "0" * 32, "--as", "docx"), 2),
        (("report", "ds_" + "0" * 32, "--as", "json"), 5),
    ],
)
def test_exit_codes_say_what_kind_of_thing_went_wrong(lithoscope, words, code):
    ended = lithoscope(*words)
    assert ended.returncode == code, ended.stderr
    assert ended.stderr
    assert "Traceback" not in ended.stderr
