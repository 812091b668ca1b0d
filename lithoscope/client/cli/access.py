"""``login`` and ``doctor``: getting to the service, and finding out why one does not."""

import json
import platform
import socket
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import Annotated

import typer

from lithoscope.client.config import Access, config_path, find_access, keep_access
from lithoscope.client.connection import Connection
from lithoscope.client.problems import ClientError
from lithoscope.client.sign_in import fetch_token

CLOCK_TOLERANCE_S = 120.0


def login(
    *,
    url: Annotated[str, typer.Option(help="Address of the service.", prompt="Service")] = "http://127.0.0.1:8400",
    with_token: Annotated[bool, typer.Option("--with-token", help="Read a token or key from standard input.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write what was kept as JSON; the token is not in it.")
    ] = False,
) -> None:
    """
    Sign in once for later commands and notebooks.

    It is kept in the system's keyring, else in a file that only you can read (mode 0600).

    Asks for login and password and makes a token for this machine; the password is not kept.
    """
    if with_token:
        token = typer.get_text_stream("stdin").readline().strip()
        with closing(Connection(url, token)) as connection:
            connection.get("/me")
    else:
        token = fetch_token(
            url,
            typer.prompt("Login", err=as_json),
            typer.prompt("Password", hide_input=True, err=as_json),
            name=f"{socket.gethostname()} command line",
        )
    place = keep_access(Access(url.rstrip("/"), token))
    kept = {"url": url.rstrip("/"), "token_kept_in": place}
    typer.echo(json.dumps(kept) if as_json else f"Signed in to {url}; the token is kept in {place}")


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
) -> None:
    """
    Say what works between here and the service.

    And what to do about what does not (exit code 1).
    """
    findings = _findings()
    if as_json:
        typer.echo(json.dumps([{"check": name, "ok": ok, "words": words} for name, ok, words in findings]))
    else:
        for name, ok, words in findings:
            typer.echo(f"{'ok ' if ok else 'BAD'}  {name:<12}{words}")
    if not all(ok for _, ok, _ in findings):
        raise typer.Exit(1)


def _findings() -> list[tuple[str, bool, str]]:
    findings = [
        ("python", True, f"{platform.python_version()} on {platform.system()}"),
        ("file", True, str(config_path())),
    ]
    try:
        access = find_access()
    except ClientError as error:
        return [*findings, ("access", False, str(error))]
    findings.append(("access", bool(access.token), access.url if access.token else "no token: run `lithoscope login`"))
    with closing(Connection(access.url, access.token)) as connection:
        for check in (_reach, _identify):
            try:
                findings += check(connection)
            except ClientError as error:
                return [*findings, (check.__name__.removeprefix("_"), False, str(error))]
    return findings


def _reach(connection: Connection) -> list[tuple[str, bool, str]]:
    begin = perf_counter()
    answer = connection.send("GET", "/healthz")
    took_ms = (perf_counter() - begin) * 1000
    findings = [("service", True, f"healthy, answered in {took_ms:.0f} ms")]
    if date := answer.headers.get("date"):
        offset_s = (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()
        is_right = abs(offset_s) <= CLOCK_TOLERANCE_S
        words = f"{offset_s:+.0f} s against the service" + ("" if is_right else ": set this machine's clock")
        findings.append(("clock", is_right, words))
    return findings


def _identify(connection: Connection) -> list[tuple[str, bool, str]]:
    me = connection.get("/me")
    return [("identity", True, f"{me.get('display_name') or me.get('label') or me['id']}")]
