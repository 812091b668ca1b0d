"""Which stored files were hashed a moment ago, so that many ranges of one file cost one hash."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable

from app.infra.storage.base import Store
from app.infra.storage.local import LocalStore
from app.infra.storage.places import Placed

TRUSTED_S = 600.0
MOST = 4096


class RecentChecks:
    """Files found sound within the last ten minutes and not written since."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, store: Store, key: str) -> None:
        """Remember that a file is sound."""
        state = _state(store, key)
        with self._lock:
            self._found[state] = time.monotonic()
            while len(self._found) > MOST:
                self._found.popitem(last=False)

    def knows(self, store: Store, key: str) -> bool:
        """Say whether a file was found sound a moment ago and has not been written since."""
        state = _state(store, key)  # asks the file system: nobody waits for that
        with self._lock:
            at = self._found.get(state)
        return at is not None and time.monotonic() - at < TRUSTED_S


def _state(store: Store, key: str) -> Hashable:
    if isinstance(store, Placed):
        return store.state()
    if not isinstance(store, LocalStore):
        return id(store), key
    path = store.path(key)
    found = path.stat()
    return str(path), found.st_ino, found.st_mtime_ns, found.st_size
