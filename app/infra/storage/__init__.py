"""The store: bytes and folders under keys, published whole or not at all."""

from app.infra.storage.base import Store, StoreAway, blob_key, tree_key
from app.infra.storage.digests import Damage, sha256_of, tree_damage
from app.infra.storage.local import LocalStore, sync
from app.infra.storage.remote import RemoteStore

__all__ = [
    "Damage",
    "LocalStore",
    "RemoteStore",
    "Store",
    "StoreAway",
    "blob_key",
    "sha256_of",
    "sync",
    "tree_damage",
    "tree_key",
]
