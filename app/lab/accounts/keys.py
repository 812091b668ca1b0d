"""Everybody's keys, for those who answer for them: tokens of programs and keys of instrument PCs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.errors import NotFound
from app.infra.clock import now
from app.infra.db.models import AccessKey
from app.lab.access import Action, Actor, require
from app.lab.accounts.repository import AccountRepository, KeyFilter


@dataclass(frozen=True)
class HeldKey:
    """A key with what its owner is called, and whether it works."""

    key: AccessKey
    owner: str
    is_live: bool


class KeyService:
    """
    Lists keys and revokes them.

    Parameters
    ----------
    rows : AccountRepository
        Rows.
    revoke : mapping of str to callable
        By kind of key: what revokes one, in the room where it was made.
    """

    def __init__(self, rows: AccountRepository, *, revoke: Mapping[str, Callable[[Actor, str], None]]) -> None:
        self._rows = rows
        self._revoke = revoke

    def page(
        self,
        actor: Actor,
        before: str | None,
        limit: int,
        *,
        kind: str | None = None,
        is_live: bool | None = None,
    ) -> list[HeldKey]:
        """Return everybody's keys, newest first; for managers and administrators."""
        require(actor, Action.MANAGE)
        at = now()
        keys = self._rows.all_keys(KeyFilter(at, kind, is_live), before, limit)
        owners = {user.id: user.display_name for user in self._rows.users_among({key.user_id or "" for key in keys})}
        owners |= self._rows.instrument_names({key.instrument_id or "" for key in keys})
        return [
            HeldKey(
                key,
                owners.get(key.user_id or key.instrument_id or "", "unknown"),
                is_live=key.revoked_at is None and key.expires_at > at,
            )
            for key in keys
        ]

    def revoke(self, actor: Actor, key_id: str) -> None:
        """Revoke anybody's key; it stops working at once; for managers and administrators."""
        require(actor, Action.MANAGE)
        key = self._rows.key(key_id)
        if key is None:
            raise NotFound
        self._revoke[key.kind](actor, key.id)
