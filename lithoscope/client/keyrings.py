"""The system's keyring, where the package ``keyring`` is installed and finds one that works."""

import importlib
import importlib.util
from typing import Any

SERVICE = "lithoscope"


def find_keyring() -> Any:
    """Return the ``keyring`` package when it has a place to keep secrets in, else None."""
    if importlib.util.find_spec("keyring") is None:
        return None
    keyring: Any = importlib.import_module("keyring")
    works = float(getattr(keyring.get_keyring(), "priority", 0)) > 0  # its stand-in that refuses everything has 0
    return keyring if works else None


def keep_token(url: str, token: str) -> bool:
    """Keep a token under the address it was made for; False when there is no keyring, or it is locked."""
    keyring = find_keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(SERVICE, url, token)
    except keyring.errors.KeyringError:
        return False
    return True


def kept_token(url: str) -> str:
    """Return the token kept for an address; empty when there is none, or the keyring is locked."""
    keyring = find_keyring()
    if keyring is None:
        return ""
    try:
        return str(keyring.get_password(SERVICE, url) or "")
    except keyring.errors.KeyringError:
        return ""


def keyring_name() -> str:
    """Return what the keyring calls itself."""
    keyring = find_keyring()
    return "" if keyring is None else str(keyring.get_keyring().name)
