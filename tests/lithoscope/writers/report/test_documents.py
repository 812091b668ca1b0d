"""Page and printed document show one model, hold nothing but data, and are the same for the same report."""

import json
import re
from dataclasses import replace

import pytest

from lithoscope.rules.report import Report
from lithoscope.writers.report import report_html, report_pages, report_pdf
from lithoscope.writers.report.printed import printed
from lithoscope.writers.report.view import view
from tests.lithoscope.rules.reported import everything, history, lamella, report_of, sample

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="x',
    '#panic("typst") #read("/etc/passwd") $ x $ *bold* _it_ `raw` @ref <label> \\ // /* #sys.inputs',
    "{{ 7 * 7 }} {% raw %} ]] ]) ] ) } ${x} <!-- \u2028 \u202e",
)


def hostile(text: str) -> Report:
    """Return a report in which a person wrote this text wherever people write."""
    events = [replace(each, place=text, details={**each.details, "holder": text}) for each in history()]
    of = sample(name=text, electrolyte=text, cell_history=text, material="lithium_electrodeposited")
    report = report_of(events, [], of=of, notes=(text,), bands=lamella().bands)
    return replace(report, title=text, bands=tuple(replace(band, place=text) for band in report.bands))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_becomes_html(text: str) -> None:
    page = report_html(hostile(text))
    assert not re.search(r"<script|<img src=x|<label>|<!--", page)
    assert "49" not in re.sub(r"base64,[^\"]+", "", page)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_becomes_typst(text: str) -> None:
    """A text that ran as code would end the compilation (panic, a file outside, an unknown reference)."""
    assert report_pdf(hostile(text)).startswith(b"%PDF")


def test_a_page_holds_no_script_and_loads_nothing():
    page = report_html(lamella())
    assert not re.search(r"<script|javascript:|\son\w+=|style=\"|https?://", re.sub(r"base64,[^\"]+", "", page))


def test_every_linked_value_of_the_page_leads_to_a_record_on_it():
    page = report_html(lamella())
    anchors = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="#([^"]+)"', page)
    assert len(links) > 40
    assert set(links) <= anchors
    assert len(anchors) == len(re.findall(r'id="([^"]+)"', page))


def test_what_is_missing_is_listed_with_its_record():
    report = report_of([], [])
    page = report_html(report)
    assert f"{len(report.missing)} missing" in page
    assert all(each.detail.replace("'", "&#39;") in page for each in report.missing)


def test_the_same_report_gives_the_same_documents():
    assert report_pdf(lamella()) == report_pdf(lamella())
    assert report_html(lamella()) == report_html(lamella())


def test_the_printed_document_embeds_its_fonts_and_carries_no_moment_of_making():
    made = report_pdf(lamella())
    assert b"/FontFile3" in made
    assert b"/CreationDate" not in made


def test_pages_can_be_looked_at():
    assert all(page.startswith(b"\x89PNG") for page in report_pages(lamella()))


def test_the_numbers_of_references_run_in_the_order_of_the_paragraph():
    rows = view(lamella())
    numbers = [piece["number"] for piece in rows["methods"] if piece["number"] is not None]
    assert list(dict.fromkeys(numbers)) == [each["number"] for each in rows["references"]]


def test_every_part_of_a_report_is_shown_in_page_and_print():
    report = everything()
    page = report_html(report)
    for part in (
        "Regions and dose budgets",
        "Labels and what the beam",
        "Compliance",
        "What protocols would say",
        "Lineage",
    ):
        assert part in page
    assert len(report_pages(report)) >= 3
    assert report_pdf(report).startswith(b"%PDF")


def test_identifiers_in_sentences_become_the_numbers_of_the_tables():
    report = everything()
    rows = view(report)
    assert rows["verdicts"][0]["rules"][0]["words"] == "fib_milling event 5: Ar"
    assert rows["labels"][0]["reason"] == "passed in exposure 3"
    assert rows["notes"] == ["see event 5"]
    assert [each["text"] for each in rows["previews"][0]["decided_by"]] == ["event 5", "exposure 3"]


def test_a_long_table_is_printed_with_its_ends_and_says_so_while_the_page_has_it_whole():
    report = everything()
    many = tuple(replace(report.exposures[0], id=f"exp_{i:032x}", number=i + 1) for i in range(1000))
    long = replace(report, exposures=many)
    shown = printed(view(long))
    assert [each["number"] for each in shown["exposures"]] == [*range(1, 101), *range(901, 1001)]
    assert shown["cut"]["exposures"].startswith("The first 100 and the last 100 of 1000 exposures are printed")
    left = {each["anchor"] for each in view(long)["exposures"]} - {each["anchor"] for each in shown["exposures"]}
    assert left
    assert not any(f'"{anchor}"' in json.dumps(shown) for anchor in left)
    assert report_html(long).count("exp_0000") >= 1000
    assert len(report_pdf(long)) < 2_000_000
    assert not printed(view(report))["cut"]
