"""The text of a reviewer's link: which link, a random part, and a signature, so that forged ones ask no database."""

import base64
import hashlib
import hmac
import re
import secrets

_TEXT = re.compile(r"(?P<id>[0-9a-f]{32})\.(?P<nonce>[A-Za-z0-9_-]{22})\.(?P<signature>[A-Za-z0-9_-]{43})")
PREFIX = "rvl_"


def make(link_id: str, key: str) -> str:
    """Write the text of a link, shown once: its identifier, 128 random bits, HMAC-SHA-256 of both."""
    signed = f"{link_id.removeprefix(PREFIX)}.{secrets.token_urlsafe(16)}"
    return f"{signed}.{_signature(signed, key)}"


def link_of(text: str, key: str) -> str | None:
    """Return the identifier of the link a text names; None when this service did not sign it."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    expected = _signature(f"{match['id']}.{match['nonce']}", key)
    return f"{PREFIX}{match['id']}" if hmac.compare_digest(expected, match["signature"]) else None


def _signature(signed: str, key: str) -> str:
    made = hmac.new(key.encode(), f"review-link:{signed}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
