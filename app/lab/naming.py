"""Names of downloaded files: safe everywhere, and telling."""

import re
import unicodedata
from urllib.parse import quote

from app.infra.db.models import Dataset, Result

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})$")


def telling_name(thing: Dataset | Result, sample: str | None, instrument: str | None, technique: str) -> str:
    """
    Return ``sample_instrument_technique_UTCdate_shortid`` in ASCII.

    Parameters
    ----------
    thing : Dataset or Result
        Gives the date and the short identifier.
    sample, instrument : str or None
        Their labels, where there are any.
    technique : str
        What was done.
    """
    date = thing.created_at.strftime("%Y%m%d")
    parts = [sample or "no-sample", instrument or "no-instrument", technique, date, thing.id[-8:]]
    return "_".join(_ascii(part) for part in parts)


def extension_of(filename: str) -> str:
    """Return a file name's extension with its point; empty where it has none that is plain."""
    found = _EXTENSION.search(filename)
    return f".{found[1].lower()}" if found else ""


def disposition(name: str, original: str) -> str:
    """Return a Content-Disposition that saves the file, never shows it; the sender's name travels encoded."""
    return f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(original, safe='')}"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain).strip("-.")[:80] or "x"
