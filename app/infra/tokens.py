"""Opaque secrets: made by the service, shown once, kept only as a digest."""

import hashlib
import hmac
import re
import secrets

_KEY = re.compile(r"^lsk_(?P<id>[0-9a-f]{32})_(?P<secret>[0-9a-f]{64})$")


def digest(secret: str) -> str:
    """
    Return what is kept of a secret.

    The secrets of this module are 256 random bits, so an unsalted fast hash loses nothing; passwords never come here.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, kept: str) -> bool:
    """Compare a secret with what was kept of it, in constant time."""
    return hmac.compare_digest(digest(secret), kept)


def new_secret() -> str:
    """Make a secret of 256 bits."""
    return secrets.token_hex(32)


def key_text(key_id: str, secret: str) -> str:
    """Write a key as its owner sees it once: ``lsk_<id>_<secret>``."""
    return f"lsk_{key_id.removeprefix('key_')}_{secret}"


def parse_key(text: str) -> tuple[str, str] | None:
    """Return identifier and secret of a key; None when it has another form."""
    match = _KEY.match(text)
    return (f"key_{match['id']}", match["secret"]) if match else None
