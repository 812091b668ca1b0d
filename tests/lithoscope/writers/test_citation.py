"""A citation says who, when, what, by which method and where; nothing a person wrote breaks its form."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml

from lithoscope.writers.citation import WRITERS, Citation

CITED = Citation(
    identifier="res_0123",
    digest="ab" * 32,
    title="Tomogram by SIRT of NMC 811 & friends (LS-2026-0001)",
    author="Ada Curie",
    made_at=datetime(2026, 5, 4, 10, tzinfo=UTC),
    publisher="Particles in three dimensions",
    method="tomogram_sirt",
    method_title="Tomogram by SIRT",
    method_version="2",
    reference="Gilbert 1972, doi:10.1016/0022-5193(72)90180-4; Schwartz et al. 2024, doi:10.1038/s41467-024-47558-0.",
    software="Lithoscope 0.1.0",
    address="http://127.0.0.1/results/res_0123",
)
HOSTILE = 'A" } , \\evil{x}\nER  - \n- name: "b": #%'


@pytest.mark.parametrize("form", WRITERS)
def test_every_form_says_who_what_how_and_the_digest(form):
    text = WRITERS[form](CITED)
    for part in ("Ada Curie", "Tomogram by SIRT of NMC 811", CITED.digest, "tomogram", "Lithoscope 0.1.0", "2026"):
        assert part in text
    assert CITED.address in text


def test_the_dois_of_a_reference_are_found_without_the_marks_around_them():
    assert CITED.dois == ("10.1016/0022-5193(72)90180-4", "10.1038/s41467-024-47558-0")
    assert replace(CITED, reference="Egerton 2011, section 4.2").dois == ()


def test_a_citation_file_is_one_that_readers_know():
    record = yaml.safe_load(WRITERS["cff"](CITED))
    assert (record["cff-version"], record["type"], record["authors"]) == ("1.2.0", "dataset", [{"name": "Ada Curie"}])
    assert record["date-released"].isoformat() == "2026-05-04"
    assert record["identifiers"][0]["value"] == f"sha256:{CITED.digest}"
    assert [each["doi"] for each in record["references"]] == list(CITED.dois)


def test_a_hostile_title_stays_within_its_field():
    cited = replace(CITED, title=HOSTILE, author=HOSTILE, reference=HOSTILE)
    assert yaml.safe_load(WRITERS["cff"](cited))["title"] == HOSTILE
    ris = WRITERS["ris"](cited).splitlines()
    assert [line for line in ris if line.startswith("ER")] == ["ER  - "]
    bibtex = re.sub(r"\\[{}]", "", WRITERS["bibtex"](cited))
    assert bibtex.count("{") == bibtex.count("}")
    assert "\\evil" not in bibtex


def test_who_is_not_known_is_said():
    assert WRITERS["text"](replace(CITED, author=None)).startswith("Author not recorded (2026).")
