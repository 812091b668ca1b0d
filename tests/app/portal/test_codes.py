"""QR codes: what is drawn is the code, module by module, with the margin readers need."""

import re

import pytest
import segno

from app.portal.codes import QUIET_MODULES, qr_svg

ADDRESS = "https://lithoscope.example.org/samples/by-code/LS-2026-0001"


def modules(svg: str) -> set[tuple[int, int]]:
    """Return the dark modules (row, column) that a drawing fills."""
    runs = [(int(x), int(y), int(n)) for x, y, n in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg)]
    return {(y, x + i) for x, y, n in runs for i in range(n)}


@pytest.mark.parametrize("text", [ADDRESS, "LS-2026-0001", "Näherungsweise 7 µm"])
def test_the_drawing_holds_the_modules_of_the_code_and_no_other(text):
    code = segno.make_qr(text, error="m", boost_error=True)
    dark = {(y, x) for y, row in enumerate(code.matrix_iter(border=QUIET_MODULES)) for x, bit in enumerate(row) if bit}
    assert modules(qr_svg(text)) == dark


def test_what_the_picture_says_is_escaped():
    assert 'aria-label="&lt;b&gt;&#34;"' in qr_svg(ADDRESS, label='<b>"')


def test_a_code_carries_no_style_the_content_policy_would_refuse():
    assert "style" not in qr_svg(ADDRESS)
