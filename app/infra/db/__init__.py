"""The database: engine, sessions and tables."""

from app.infra.db.engine import Database

__all__ = ["Database"]
