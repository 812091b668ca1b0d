"""Settings that cannot be used are refused by file, line and field; rules say of each path what it is."""

import subprocess
import sys

import pytest

from lithoscope.client.collector import BadSettings, Settings
from lithoscope.client.collector.describing import wire_name
from lithoscope.client.collector.placing import Placer

GOOD = 'url = "https://m.example.org"\n[[folders]]\npath = "/data"\n'


def read(tmp_path, text):
    path = tmp_path / "watch.toml"
    path.write_text(text)
    return Settings.read(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("url = ", "watch.toml"),
        ('url = "D:\\Data"', "single quotes"),
        ('url = "https://m.example.org"\n', "folders"),
        (GOOD + "quiet = 5\n", "line 4: folders.0.quiet"),
        ("quiet_s = -1\n" + GOOD, "line 1: quiet_s"),
        ('url = "ftp//x"\n[[folders]]\npath = "/data"\n', "line 1: url"),
        ('[[folders]]\npath = "data"\n', "line 2: folders.0.path: is not absolute"),
        (GOOD + '[[rules]]\nmatch = "*"\n[[rules]]\nregex = "("\n', "line 6: rules.1: the pattern cannot be read"),
        (GOOD + '[[rules]]\nmatch = "*"\nsample = "{code}"\n', "sample uses {code}"),
        (GOOD + "[[rules]]\nignore = true\n", "either match or regex"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, told):
    with pytest.raises(BadSettings) as refused:
        read(tmp_path, text)
    assert told in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadSettings, match="name the settings with --config"):
        Settings.read(tmp_path / "none.toml")


RULES = r"""
[[rules]]
match = "**/raw/**"
ignore = true
[[rules]]
match = "{project}/{sample}/{date}/*.emd"
sample = "{sample}"
kind = "velox"
[[rules]]
regex = '(?P<number>\d{4})[_-].*'
sample = "LS-2026-{number}"
[[rules]]
match = "{sample}/slices/**"
sample = "{sample}"
group = "folder"
[[rules]]
match = "stems/{sample}_*"
sample = "{sample}"
group = "stem"
[[rules]]
match = "loose/*"
without_sample = true
[[rules]]
match = "tia/*"
sample = "LS-1"
"""


@pytest.mark.parametrize(
    ("path", "state", "key", "sample"),
    [
        ("P/LS-1/2026-11-22/a.emd", "growing", "P/LS-1/2026-11-22/a.emd", "LS-1"),
        ("p/ls-1/d/A.EMD", "growing", "p/ls-1/d/A.EMD", "ls-1"),
        ("P/LS-1/raw/a.emd", "ignored", None, None),
        ("0042_map.dm4", "growing", "0042_map.dm4", "LS-2026-0042"),
        ("S/slices/001.tif", "growing", "S/slices", "S"),
        ("S/slices.lithoscope.json", "unmatched", "S/slices", None),
        ("stems/S_001.emd", "growing", "stems/S.emd", "S"),
        ("stems/S_002.emd", "growing", "stems/S.emd", "S"),
        ("loose/a.msa", "growing", "loose/a.msa", None),
        ("tia/map_1.ser", "growing", "tia/map.emi", "LS-1"),
        ("tia/map.emi", "growing", "tia/map.emi", "LS-1"),
        ("tia/a.SPC", "growing", "tia/a.spd", "LS-1"),
        ("tia/a_Img.ipr", "growing", "tia/a.spd", "LS-1"),
        ("tia/a.mrc.mdoc", "growing", "tia/a.mrc", "LS-1"),
        ("tia/a.mrc.lithoscope.toml", "growing", "tia/a.mrc", "LS-1"),
        ("tia/Thumbs.db", "ignored", "tia/Thumbs.db", None),
        ("tia/~scan.emd", "ignored", "tia/~scan.emd", None),
        ("tia/scan.emd~", "ignored", "tia/scan.emd~", None),
        ("a.emd", "unmatched", "a.emd", None),
    ],
)
def test_rules_say_what_a_path_is(tmp_path, path, state, key, sample):
    placed = Placer(read(tmp_path, GOOD + RULES)).place(path)
    assert (placed.state, placed.sample) == (state, sample)
    assert key is None or placed.key == key


def test_scans_beside_a_list_of_scans_are_one_dataset(tmp_path):
    rules = GOOD + '[[rules]]\nmatch = "{sample}/**"\nsample = "{sample}"\n'
    placed = Placer(read(tmp_path, rules)).place("S/tilt/001.emd", is_series=True)
    assert (placed.key, placed.grouping) == ("S/tilt", "folder")


@pytest.mark.parametrize(
    "name", ["a" * 300 + ".emd", "ü" * 200 + ".tar.gz", "a\nb.emd", "\u202egnp.emd", " ", "ok.emd"]
)
def test_a_name_on_the_wire_is_one_the_service_keeps(name):
    from app.lab.schemas import clean_name

    assert clean_name(wire_name(name)) == wire_name(name)
    assert wire_name(name).endswith(name[-4:].strip() or "_")


def test_the_collector_imports_neither_numpy_nor_the_service():
    code = "import lithoscope.client.cli.watch, lithoscope.client.cli.event, sys; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "h5py", "fastapi", "sqlalchemy", "app", "fcntl"} & set(found) - {"fcntl"}
