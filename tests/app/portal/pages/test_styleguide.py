"""The style guide and the design's document name the same components."""

import re
from pathlib import Path

from tests.app.portal.test_pages import HTML

DESIGN = Path(__file__).parents[4] / "docs" / "design.md"


def test_what_the_design_names_stands_on_the_style_guide_and_the_reverse(people):
    described = DESIGN.read_text().partition("## Components")[2].partition("## Behaviour")[0]
    page = people.admin.get("/styleguide", headers=HTML).text
    shown = {name.strip() for names in re.findall(r'data-component="([^"]+)"', page) for name in names.split(",")}
    assert shown == set(re.findall(r"\*\*([^*]+)\*\*", described))
