"""The house: what every request, page and task is given to work with."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.infra.db import Database
from app.infra.db.models import Secret
from app.infra.queue import Queue
from app.infra.storage import LocalStore, RemoteStore, Store
from app.infra.storage.places import Places, Root
from app.settings import Settings
from lithoscope import methods, recipes
from lithoscope.methods import Method
from lithoscope.recipes import Recipe


@dataclass(frozen=True)
class House:
    """Settings with the database and store they name; one a process."""

    settings: Settings

    @cached_property
    def database(self) -> Database:
        """Return the database."""
        self.settings.data.mkdir(parents=True, exist_ok=True)
        return Database(self.settings.resolved_database_url)

    @cached_property
    def store(self) -> Store:
        """Return the store."""
        if self.settings.store_url:
            return RemoteStore(self.settings.store_url, self.settings.store_options)
        return LocalStore(self.settings.data / "store")

    @cached_property
    def places(self) -> Places:
        """Return the roots of the facility's storage whose files may be registered where they lie."""
        data = self.settings.data.resolve()
        return Places({name: Root(root.path, data) for name, root in self.settings.roots_in_place.items()})

    @cached_property
    def queue(self) -> Queue:
        """Return the way into the queue."""
        return Queue(self.database, self.settings)

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """Return every method: ours and the facility's own."""
        return methods.catalogue(tuple(self.settings.extra_methods))

    @cached_property
    def recipes(self) -> Mapping[str, Recipe]:
        """Return every recipe, ours and the facility's own, each known to be one that can run."""
        found = recipes.catalogue(tuple(self.settings.extra_recipes))
        for recipe in found.values():
            recipes.check(recipe, self.methods)
        return found

    @cached_property
    def staging(self) -> Path:
        """Return the folder for bytes on their way in."""
        self.settings.staging.mkdir(parents=True, exist_ok=True)
        return self.settings.staging

    def secret(self, name: str) -> str:
        """Return a secret of this service, made at its first use."""
        with self.database.writing() as session:
            row = session.get(Secret, name)
            if row is None:
                row = Secret(name=name, value=secrets.token_hex(32))
                session.add(row)
            return row.value
