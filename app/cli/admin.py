"""``lithoscope admin``: what keeps a facility's service sound."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.cli.verifying import Report
    from app.infra.house import House

admin = typer.Typer(name="admin", help="Backup, restore, verify, migrate; accounts.")
Data = Annotated[Path | None, typer.Option(help="Folder of the service; LITHOSCOPE_DATA when left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write the outcome as JSON.")]


def _house(data: Path | None) -> "House":
    from app.infra.house import House
    from app.settings import Settings

    if data is not None:
        os.environ["LITHOSCOPE_DATA"] = str(data.resolve())
    return House(Settings())


def _refuse(reason: Exception) -> typer.Exit:
    typer.echo(f"lithoscope admin: {reason}", err=True)
    return typer.Exit(1)


@admin.command()
def migrate(*, data: Data = None, as_json: AsJson = False) -> None:
    """Bring the database to this version's schema; nothing happens when it has it."""
    from app.cli import migrating

    before, after = migrating.migrate(_house(data).database)
    words = f"at {after} already" if before == after else f"migrated from {before or 'empty'} to {after}"
    typer.echo(json.dumps({"before": before, "after": after}) if as_json else words)


@admin.command()
def backup(
    *,
    target: Annotated[Path, typer.Argument(help="A new folder.")],
    data: Data = None,
    link: Annotated[bool, typer.Option("--link", help="Hard-link stored files: quick, on the same disk.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy database and store into a new folder while the service runs."""
    from app.cli.backup import BackupRefused, back_up
    from app.cli.dumping import ToolFailed

    try:
        made = back_up(_house(data), target.resolve(), link=link)
    except (BackupRefused, ToolFailed) as refusal:
        raise _refuse(refusal) from None
    record = {"folder": str(made.folder), "files": made.files, "bytes": made.bytes, "in_place": made.in_place}
    words = f"{made.folder}: the database and {made.files} files of {made.bytes} bytes"
    words += f"; not in it: {made.in_place} registered files, which stay where they lie" if made.in_place else ""
    typer.echo(json.dumps(record) if as_json else words)


@admin.command()
def restore(
    *,
    source: Annotated[Path, typer.Argument(help="A folder `backup` made.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into an empty place and verify it; exit code 1 when something is missing or changed."""
    from app.cli.backup import BackupRefused
    from app.cli.backup import restore as bring_back
    from app.cli.dumping import ToolFailed

    try:
        report = bring_back(source.resolve(), _house(data))
    except (BackupRefused, ToolFailed) as refusal:
        raise _refuse(refusal) from None
    _tell(report, as_json=as_json)


@admin.command()
def verify(*, data: Data = None, as_json: AsJson = False) -> None:
    """Check the database, every stored byte and the audit chain; exit code 1 when something is missing or changed."""
    from app.cli.verifying import verify as check

    _tell(check(_house(data)), as_json=as_json)


def _tell(report: "Report", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(vars(report)))
    else:
        for problem in report.problems:
            typer.echo(f"BAD  {problem}")
        counts = f"{report.blobs} files as received, {report.trees} array folders, {report.audit_entries} audit entries"
        counts += f", {report.in_place} registered files" if report.in_place else ""
        typer.echo(f"{'BAD' if report.problems else 'ok '}  {counts}: {len(report.problems)} problems")
    if report.problems:
        raise typer.Exit(1)


@admin.command()
def openapi(
    *,
    write: Annotated[Path | None, typer.Option(help="File to write; standard output when left out.")] = None,
) -> None:
    """Write the OpenAPI document from the code."""
    from app.cli.documents import openapi_text

    if write is None:
        typer.echo(openapi_text(), nl=False)
    else:
        write.write_text(openapi_text(), encoding="utf-8")


@admin.command()
def docs(
    *,
    write: Annotated[Path, typer.Option(help="Folder to write.")] = Path("docs/methods"),
    as_json: AsJson = False,
) -> None:
    """Write the page of every method from its declaration."""
    from app.cli.documents import write_method_pages

    pages = write_method_pages(write)
    typer.echo(json.dumps([str(page) for page in pages]) if as_json else f"{len(pages)} pages in {write}")


@admin.command(hidden=True)
def migration(
    *,
    name: Annotated[str, typer.Argument(help="What changes, in a few words.")],
    revision: Annotated[str, typer.Option(help="Its number, such as 0002.")],
) -> None:
    """Write a migration for what the models have and the last migration has not (for developers)."""
    import tempfile

    from app.cli import migrating
    from app.infra.db import Database

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        migrating.migrate(database)
        migrating.write_step(database, name, revision)
        database.dispose()


@admin.command()
def user(
    *,
    name: Annotated[str, typer.Argument(metavar="LOGIN", help="Login name.")],
    role: Annotated[str | None, typer.Option(help="member, manager, auditor or admin.")] = None,
    display_name: Annotated[str | None, typer.Option(help="Name shown; for a new account.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make an account, or change its facility role or password, from the machine itself."""
    from app.cli.accounts import AccountRefused, keep_account

    asked = {"hide_input": True, "confirmation_prompt": True, "err": as_json}
    secret = typer.prompt("Password", **asked) if password else None  # type: ignore[arg-type]
    try:
        done = keep_account(_house(data), name, role=role, display_name=display_name, password=secret)
    except AccountRefused as refusal:
        raise _refuse(refusal) from None
    typer.echo(json.dumps(vars(done)) if as_json else done.words)
