"""What is not documented does not exist."""

import pytest

from app.lab.doors import catalogue
from app.settings import Settings
from lithoscope.methods import catalogue as methods
from lithoscope.methods.page import page
from tests.description import description
from tests.house.source import ROOT

DOCUMENT = description()
OPERATIONS = {
    entry["operationId"]: entry
    for item in DOCUMENT["paths"].values()
    for method, entry in item.items()
    if method != "parameters"
}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_setting_is_described_and_in_the_docs(name):
    field = Settings.model_fields[name]
    assert field.description
    line = f"| `LITHOSCOPE_{name.upper()}` |"
    assert line in (ROOT / "docs/settings.md").read_text()


def test_the_page_of_problems_is_that_of_the_code():
    assert (ROOT / "docs/problems.md").read_text() == catalogue.page(), (
        "write it anew: python -m app.lab.doors.catalogue > docs/problems.md"
    )


def test_every_problem_says_what_it_means():
    assert not [row.code for row in catalogue.problems() if len(row.meaning) < 10 or row.status is None]


def test_every_operation_has_a_name_a_summary_and_its_problems():
    for name, entry in OPERATIONS.items():
        assert name.isidentifier()
        assert "_" not in name, f"{name} was not set by hand"
        assert entry.get("summary"), name
        assert entry.get("description"), name
        assert any(status.startswith("4") for status in entry["responses"]), name


def test_operation_names_are_unique():
    count = sum(len([m for m in item if m != "parameters"]) for item in DOCUMENT["paths"].values())
    assert count == len(OPERATIONS)


@pytest.mark.parametrize("method", methods().values(), ids=lambda method: method.id)
def test_the_page_of_a_method_is_that_of_the_code(method):
    assert (ROOT / "docs/methods" / f"{method.id}.md").read_text() == page(method), "write it anew: make docs"
