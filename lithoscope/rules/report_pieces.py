"""Pieces of the methods paragraph: words, and values tied to their records."""

from collections.abc import Sequence

from lithoscope.rules.report import Piece, Record
from lithoscope.rules.report_words import words


def value_of(record: Record, name: str) -> Piece:
    """Return a recorded value as a piece tied to its record."""
    return Piece(words(record.fields.get(name), name), record.id, name)


def known_or(record: Record, name: str, before: str, otherwise: str) -> list[Piece | str]:
    """Return words and value, or the words that say it is not recorded."""
    return [before, value_of(record, name)] if record.states(name) else [otherwise]


def merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Join neighbouring plain words."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and piece.record_id is None and joined[-1].record_id is None:
            joined[-1] = Piece(joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return tuple(joined)


def sentence(*parts: Piece | str) -> list[Piece]:
    """Make a sentence of words and values."""
    return [Piece(part) if isinstance(part, str) else part for part in parts]
