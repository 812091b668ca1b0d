"""
Where the service is and who asks: an argument, else the environment, else what ``lithoscope login`` kept.

The address stands in a file. The token stands in the system's keyring where there is one, else in that file.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from lithoscope.client.keyrings import keep_token, kept_token, keyring_name
from lithoscope.client.problems import NotSignedIn


@dataclass(frozen=True)
class Access:
    """Address and token of a service."""

    url: str
    token: str


def config_path() -> Path:
    """Return the file `login` writes: LITHOSCOPE_CONFIG, else the user's configuration folder."""
    if named := os.environ.get("LITHOSCOPE_CONFIG"):
        return Path(named)
    base = os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "lithoscope" / "access.json"


def find_access(url: str | None = None, token: str | None = None) -> Access:
    """Put address and token together; each from the first place that has it."""
    stored = _stored()
    url = url or os.environ.get("LITHOSCOPE_URL") or stored.get("url")
    token = token or os.environ.get("LITHOSCOPE_TOKEN") or (_kept(stored) if url == stored.get("url") else None)
    if not url:
        raise NotSignedIn("no service is known: run `lithoscope login`, or set LITHOSCOPE_URL and LITHOSCOPE_TOKEN")
    return Access(url.rstrip("/"), token or "")


def keep_access(access: Access) -> str:
    """Keep address and token for the next time, the token in the keyring where that can be; say in words where."""
    if keep_token(access.url, access.token):
        return f"{keyring_name()} (keyring), the address in {_write({'url': access.url, 'token_in': 'keyring'})}"
    return str(save_access(access))


def save_access(access: Access) -> Path:
    """Keep address and token in a file for the next time, readable by this user only."""
    return _write(asdict(access))


def _write(record: dict[str, str]) -> Path:
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(record, file)
    fresh.replace(path)
    return path


def _kept(stored: dict[str, str]) -> str:
    """Return the token that `login` kept; a keyring is opened only when the file says that it lies there."""
    return kept_token(stored["url"]) if stored.get("token_in") == "keyring" else stored.get("token", "")


def _stored() -> dict[str, str]:
    path = config_path()
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise NotSignedIn(f"{path} is not readable as JSON: run `lithoscope login` again") from None
    return {name: str(value) for name, value in record.items()} if isinstance(record, dict) else {}
