"""Types every room's input shares: strict numbers, clean names, instants with zone."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from lithoscope.elements import SYMBOLS
from lithoscope.units import Source

_BIDI_OR_ZERO_WIDTH = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def clean_text(value: str) -> str:
    """Normalise to NFC; refuse control characters other than line breaks and tabs, and invisible direction marks."""
    value = unicodedata.normalize("NFC", value)
    if any(unicodedata.category(mark) in {"Cc", "Cs"} and mark not in "\n\t" for mark in value):
        raise ValueError("control characters are not allowed")
    if _BIDI_OR_ZERO_WIDTH.search(value):
        raise ValueError("invisible or direction-changing characters are not allowed")
    return value


def clean_name(value: str) -> str:
    """Clean a one-line name and trim it."""
    value = clean_text(value).strip()
    if not value or "\n" in value or "\t" in value:
        raise ValueError("a name is one line with at least one visible character")
    if len(value.encode()) > 255:
        raise ValueError("a name has at most 255 bytes")
    return value


def _instant(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("write an instant as ISO 8601 text with zone")  # noqa: TRY004 - pydantic reports ValueError
    return value


def _within_memory(value: datetime) -> datetime:
    """Turn an instant to UTC; refuse years no laboratory means, near the ends of the calendar."""
    if not 1900 <= value.year <= 2200:
        raise ValueError("an instant lies between the years 1900 and 2200")
    return value.astimezone(UTC)


def _known_element(value: str) -> str:
    if value not in SYMBOLS:
        raise ValueError("write an element by its symbol, such as Ni")
    return value


Real = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Whole = Annotated[int, Strict(), Field(ge=-(2**53), le=2**53)]
Flag = Annotated[bool, Strict()]
Name = Annotated[str, Strict(), AfterValidator(clean_name), Field(max_length=255)]
LongText = Annotated[str, Strict(), AfterValidator(clean_text), Field(max_length=10_000)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_within_memory)]
Sha256 = Annotated[str, Strict(), Field(pattern=r"^[0-9a-f]{64}$")]
Element = Annotated[str, Field(max_length=2), AfterValidator(_known_element)]
ObjectId = Annotated[str, Strict(), Field(max_length=40)]


T = TypeVar("T")


class Body(BaseModel):
    """Base of every request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class QuantityOut(Out):
    """A number with unit, uncertainty and source; value is null exactly when the source is unknown."""

    value: float | None
    unit: str
    source: Source
    uncertainty: float | None = None
    interval: tuple[float, float] | None = None
    note: str = ""


class Page(Out, Generic[T]):
    """One page of a list; ``next`` is the address of the next page, null on the last."""

    items: list[T]
    next: str | None = None


class Stamped(Out):
    """What every registered thing carries."""

    id: str
    created_at: datetime
