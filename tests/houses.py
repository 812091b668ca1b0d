"""Houses with all tables, made without running every statement anew."""

import tempfile
from functools import cache
from pathlib import Path

from app.infra.db import Database
from app.infra.db.base import Base
from app.infra.house import House
from app.settings import Settings


def furnished(settings: Settings) -> House:
    """Return a house with all tables: on SQLite a copy of one file; on PostgreSQL the cluster's template has them."""
    house = House(settings)
    if house.database.is_sqlite:
        Path(str(house.database.engine.url.database)).write_bytes(_empty_house())
    return house


@cache
def _empty_house() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        database = Database(f"sqlite:///{file}")
        Base.metadata.create_all(database.engine)
        database.dispose()
        return file.read_bytes()
