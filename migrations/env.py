"""What Alembic runs: on a connection given by app.cli.migrating, in one transaction on both databases."""

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, BigInteger

import app.infra.db.models  # noqa: F401 - registers every table
from app.infra.db.base import Base, UtcDateTime


def _render(kind: str, value: object, autogen: AutogenContext) -> str | bool:
    """Write our column types by their own names, so that a step is right for both databases."""
    if kind != "type":
        return False
    names = {UtcDateTime: "UtcDateTime()", JSON: "Json", BigInteger: "BigInt"}
    for known, text in names.items():
        if isinstance(value, known):
            autogen.imports.add(f"from app.infra.db.base import {text.removesuffix('()')}")
            return text
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_item=_render,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
