"""Documents as pages: nothing the policy refuses, no link that leads nowhere, every quantity explained."""

import re

import pytest

from app.lab.dose.exposure_types import Fib, StemRaster, TemField, XRay
from app.portal import glossary, guides, words

UNITS = re.compile(r"_(nA|kV|keV|s|nm|um2|K|e_per_A2_s|photons_per_s|photons_per_um2|cm2_per_g)$")


@pytest.mark.parametrize("name", sorted(guides.NAMES))
def test_a_guide_has_a_title_and_nothing_the_policy_refuses(name):
    guide = guides.guide(name)
    assert guide is not None
    assert guide.title
    assert not re.search(r"<[^>]* (style|on\w+)=|<script|&lt;picture", guide.text)


@pytest.mark.parametrize("name", sorted(guides.NAMES))
def test_links_of_a_guide_lead_to_pages_that_exist(name):
    guide = guides.guide(name)
    assert guide is not None
    for address in re.findall(r'href="(/[^"#]*)', guide.text):
        assert address == "/glossary" or address.startswith("/docs/methods/") or address[6:] in guides.NAMES, address
    for picture in re.findall(r'src="/docs/images/([^"]+)"', guide.text):
        assert picture in guides.pictures()


def test_markup_in_a_document_is_shown_and_not_obeyed():
    text = guides.rendered("# A\n\n<script>alert(1)</script> [x](javascript:alert(1))").text
    assert "<script>" not in text
    assert 'href="javascript' not in text


def test_numbers_stand_at_the_right_without_a_style():
    text = guides.rendered("|a|b|\n|---|--:|\n|x|1|").text
    assert '<td class="number">1</td>' in text
    assert "style" not in text


@pytest.mark.parametrize("model", [StemRaster, TemField, XRay, Fib])
def test_every_quantity_of_an_exposure_is_explained(model):
    for name in filter(UNITS.search, model.model_fields):
        label, _ = words.label_and_unit(name)
        assert glossary.meant(label), label


def test_a_label_leads_to_the_longest_word_it_holds():
    assert glossary.meant("Rate while a frame is taken") == "dose-rate"
    assert glossary.meant("Beam energy") == "beam-energy"
    assert str(glossary.term("Nobody's word")) == "Nobody&#39;s word"


def test_an_unknown_guide_is_none():
    assert guides.guide("../settings") is None
