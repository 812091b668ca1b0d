"""Time: the service's own for stamps, the database's for leases."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


class db_epoch(FunctionElement[float]):
    """Seconds since 1970 by the database's clock: the only clock leases are compared with."""

    type = Float()
    inherit_cache = True


@compiles(db_epoch, "sqlite")
def _sqlite(_element: db_epoch, _compiler: Any, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(db_epoch, "postgresql")
def _postgresql(_element: db_epoch, _compiler: Any, **_: Any) -> str:
    return "extract(epoch from clock_timestamp())"
