"""Which schema a database has, and which one this code expects."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import migrations


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the revision this code expects."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    if revision is None:
        raise RuntimeError("the distribution holds no migrations: install it again")
    return revision


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database; None when it is empty, or was made without migrations."""
    return MigrationContext.configure(connection).get_current_revision()
