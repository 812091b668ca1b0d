"""The table of header keys in the documentation says what the readers do."""

from pathlib import Path

from tests.lithoscope.readers.metadata_table import table

DOCS = Path(__file__).parents[3] / "docs/formats.md"


def test_the_documented_keys_are_those_the_readers_found(tmp_path: Path):
    documented = DOCS.read_text().splitlines()
    assert [line for line in table(tmp_path) if line not in documented] == []
