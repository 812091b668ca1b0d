"""What the database itself refuses: the audit log is never edited."""

from sqlalchemy import DDL, event

_SQLITE_REFUSAL = "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
SQLITE = (
    f"CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE ON audit_entry {_SQLITE_REFUSAL}",
    f"CREATE TRIGGER audit_entry_is_never_deleted BEFORE DELETE ON audit_entry {_SQLITE_REFUSAL}",
)
POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    """CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_append_only()""",
    """CREATE TRIGGER audit_entry_is_never_truncated BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only()""",
)


def statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that guard the tables of a database; migrations run them too."""
    return SQLITE if dialect == "sqlite" else POSTGRESQL


def install() -> None:
    """Run the statements wherever the tables are made from the models."""
    from app.infra.db.models.audit_entry import AuditEntry  # the models install the guards: whichever is imported first

    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect):
            guard = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(AuditEntry.__table__, "after_create", guard)
