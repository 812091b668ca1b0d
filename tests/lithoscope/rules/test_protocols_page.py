"""The page on protocols says what the language is."""

import tomllib
from pathlib import Path
from re import DOTALL, MULTILINE, findall, search

import pytest

from lithoscope.rules.protocol_documents import FACTS_OF, PURPOSES, TECHNIQUES, read_protocol
from lithoscope.rules.shipped_protocols import shipped_documents
from lithoscope.rules.verdicts import VERDICTS

PAGE = (Path(__file__).parents[3] / "docs/protocols.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("subject", FACTS_OF)
def test_every_fact_of_the_language_is_on_the_page_and_no_other(subject: str) -> None:
    heading = "the history" if subject == "history" else subject
    section = search(rf"### Facts of {heading}\n(.*?)(?=\n#|\nMaterials|\n`accum)", PAGE, DOTALL)
    assert section is not None
    rows = dict(findall(r"^\| `(\w+)` \| (.+) \|$", section[1], MULTILINE))
    assert rows == {name: meaning.says for name, meaning in FACTS_OF[subject].items()}


def test_the_example_of_the_page_is_a_protocol() -> None:
    example = search(r"```toml\n(.*?)```", PAGE, DOTALL)
    assert example is not None
    assert read_protocol(tomllib.loads(example[1]), version=1).rules[0].id == "no-air"


def test_the_page_names_every_protocol_verdict_technique_and_purpose() -> None:
    for word in (*shipped_documents(), *VERDICTS, *TECHNIQUES, *PURPOSES):
        assert f"`{word}`" in PAGE, word
