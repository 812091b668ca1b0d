"""When credentials were last used, written now and then so that reading never waits for a writer."""

import threading
from datetime import datetime

from app.infra import tokens
from app.infra.clock import now
from app.infra.db import Database
from app.lab.accounts.authentication import LOGIN_PREFIX
from app.lab.accounts.repository import AccountRepository


class LastSeen:
    """
    Collects uses in memory; `write` stores them in one short transaction.

    A use that was not yet written when the process died is forgotten: a sign-in's idle time then counts from
    the use before it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def note(self, credential_id: str, cookie: str | None) -> None:
        """Remember that a credential was used just now."""
        name = tokens.digest(cookie) if credential_id.startswith(LOGIN_PREFIX) and cookie else credential_id
        with self._lock:
            self._seen[name] = now()

    def write(self) -> None:
        """Store what was seen since the last time."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return
        with self._database.writing() as session:
            accounts = AccountRepository(session)
            for name, at in sorted(seen.items()):
                if name.startswith("key_"):
                    accounts.note_key_used(name, at)
                else:
                    accounts.note_login_seen(name, at)
