"""Names of downloaded files: safe everywhere, and telling."""

import re
import unicodedata
from urllib.parse import quote

from app.infra.db.models import Dataset

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})$")


def download_name(dataset: Dataset, sample: str, instrument: str) -> str:
    """
    Return ``sample_instrument_technique_UTCdate_shortid.ext`` in ASCII.

    Parameters
    ----------
    dataset : Dataset
        The dataset.
    sample, instrument : str
        Their labels; empty when there is none.
    """
    extension = _EXTENSION.search(dataset.filename)
    parts = [
        sample or "no-sample",
        instrument or "no-instrument",
        dataset.kind or "data",
        dataset.created_at.strftime("%Y%m%d"),
        dataset.id[-8:],
    ]
    stem = "_".join(_ascii(part) for part in parts)
    return f"{stem}.{extension[1].lower()}" if extension else stem


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain).strip("-.")[:60] or "x"


def disposition(name: str, original: str) -> str:
    """Return a Content-Disposition that saves the file, never shows it; the sender's name travels encoded."""
    return f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(original, safe='')}"
