"""What a person can do about a file that the reader refused."""

import re
from pathlib import Path

import lithoscope.readers
from app.lab.datasets.remedies import remedy_of

CODE = re.compile(r'code="([a-z-]+)"')
FOLDER = Path(lithoscope.readers.__file__).parent


def test_every_code_of_a_reader_has_a_remedy_of_its_own():
    codes = {code for path in FOLDER.glob("*.py") for code in CODE.findall(path.read_text(encoding="utf-8"))}
    general = remedy_of({"type": "/problems/unreadable-file"})
    assert len(codes) > 15
    assert [code for code in sorted(codes) if remedy_of({"type": f"/problems/{code}"}) == general] == []


def test_a_refusal_without_a_type_has_words_too():
    assert "copy it again" in remedy_of({})
