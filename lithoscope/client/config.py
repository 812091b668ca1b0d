"""Where the service is and who asks: an argument, else the environment, else what ``lithoscope login`` wrote."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

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
    token = token or os.environ.get("LITHOSCOPE_TOKEN") or (stored.get("token") if url == stored.get("url") else None)
    if not url:
        raise NotSignedIn("no service is known: run `lithoscope login`, or set LITHOSCOPE_URL and LITHOSCOPE_TOKEN")
    return Access(url.rstrip("/"), token or "")


def save_access(access: Access) -> Path:
    """Keep address and token for the next time, readable by this user only."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(access), file)
    fresh.replace(path)
    return path


def _stored() -> dict[str, str]:
    path = config_path()
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise NotSignedIn(f"{path} is not readable as JSON: run `lithoscope login` again") from None
    return {name: str(value) for name, value in record.items()} if isinstance(record, dict) else {}
