"""`lithoscope export` and `lithoscope import`: a sample's story on the disk, and where it cannot go."""

import json
import zipfile

import pytest


@pytest.fixture
def label(lithoscope) -> str:
    """Register a sample with one event and return its label."""
    made = lithoscope("sample", "register", "lamella", "--material", "nmc")
    assert made.returncode == 0, made.stderr
    return made.stdout.split()[1]


def test_a_sample_is_saved_in_the_form_asked_for(lithoscope, label, tmp_path):
    for form, inside in (("ro-crate", "ro-crate-metadata.json"), ("csv", "samples.csv")):
        saved = lithoscope("export", label, "--as", form, "--to", f"{form}.zip")
        assert saved.returncode == 0, saved.stderr
        with zipfile.ZipFile(tmp_path / f"{form}.zip") as zipped:
            assert inside in zipped.namelist()


def test_a_crate_may_be_asked_for_without_files_that_are_away(lithoscope, label, tmp_path):
    saved = lithoscope("export", label, "--without-absent", "--to", "crate.zip")
    assert saved.returncode == 0, saved.stderr
    assert (tmp_path / "crate.zip").stat().st_size > 0


def test_what_stands_here_already_is_not_taken_in_twice(lithoscope, label):
    assert lithoscope("export", label, "--to", "crate.zip").returncode == 0
    refused = lithoscope("import", "crate.zip", "--dry-run")
    assert refused.returncode == 5
    assert "take it into another" in refused.stderr


def test_labels_are_given_in_pairs(lithoscope, label):
    assert lithoscope("export", label, "--to", "crate.zip").returncode == 0
    wrong = lithoscope("import", "crate.zip", "--code", "NOTHING", "--json")
    assert wrong.returncode == 1
    assert json.dumps("TAKEN=OTHER")[1:-1] in wrong.stderr
