"""Faults in the words of the person who made them."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError

from app.portal.findings import in_words

LOGIN = "Write 2 to 100 characters: small letters, digits, ., _, @ and -, beginning with a small letter or a digit."
CODE = "Write 2 to 39 characters: capital letters, digits and -, beginning with a capital letter or a digit."


class Answers(BaseModel):
    """Fields of every kind a form asks for."""

    current_nA: float = Field(1.0, gt=0)
    frames: int = Field(1, ge=1, le=1_000_000)
    dwell_s: float = Field(1.0, ge=1e-12)
    pixels: tuple[int, int] = (1, 1)
    names: list[str] = Field(["a"], min_length=1)
    source: Literal["header", "user"] = "user"
    login: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{1,99}$")] = "ada"
    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,38}$")] = "NCM-1"
    line: Annotated[str, Field(pattern=r"^[^\x00-\x1f]*$")] = ""
    password: SecretStr = Field(SecretStr("x" * 12), min_length=12)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("current_nA", -1, "It must be above zero."),
        ("current_nA", "1,5 nA", "Write a number."),
        ("frames", 0, "It must be at least 1."),
        ("frames", 10**8, "It must be at most 1\u202f000\u202f000."),
        ("frames", "many", "Write a whole number."),
        ("dwell_s", 0, "It must be above zero."),
        ("pixels", "16; x", "Write a list, with commas between its values."),
        ("pixels", "1 2\na b", "Write two numbers a line: x, y."),
        ("names", [], "It needs at least 1 entry."),
        ("source", "hearsay", "Choose one of the list."),
        ("login", "Ada Curie", LOGIN),
        ("code", "ncm", CODE),
        ("line", "a\tb", "Write it in one line, without tabs."),
        ("password", "short", "It needs at least 12 characters."),
    ],
)  # fmt: skip
def test_a_fault_says_what_to_write_and_never_what_was_written(name: str, given: Any, said: str):
    with pytest.raises(ValidationError) as caught:
        Answers.model_validate({name: given})
    assert in_words(caught.value.errors()[0]) == said
