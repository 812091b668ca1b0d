"""Tokens of programs and keys of PCs as pages show them: whether they work, and what they may do in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.infra.clock import now
from app.infra.db.models import AccessKey

#: What a person may let a token do, in the order of the form, with the words that stand beside it.
ASKED = (
    ("data:read", "read samples, datasets, jobs and results"),
    ("data:write", "record events and exposures"),
    ("samples:write", "register and change samples"),
    ("uploads:write", "send data"),
    ("jobs:run", "start and stop jobs"),
)
#: What tokens made over the interface may do besides.
BESIDES = (
    ("projects:steward", "see to projects"),
    ("facility:manage", "manage the facility"),
    ("facility:admin", "administer the facility"),
    ("facility:audit", "read the audit log"),
)
WORDS = dict(ASKED + BESIDES)


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key; ``state`` is active, expired or revoked, ``may`` what it is for."""

    key: AccessKey
    state: str
    may: str
    owner: str = ""

    @property
    def is_live(self) -> bool:
        """Say whether it works, so that somebody may want to revoke it."""
        return self.state == "active"


def shown(keys: Iterable[AccessKey]) -> Iterator[ShownKey]:
    """Say of each key whether it works now and what it may do."""
    at = now()
    for key in keys:
        state = "revoked" if key.revoked_at else "active" if key.expires_at > at else "expired"
        given = sorted(key.scopes, key=[*WORDS, *key.scopes].index)
        yield ShownKey(key, state, ", ".join(WORDS.get(scope, scope) for scope in given))
