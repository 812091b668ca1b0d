"""Files that lie on the facility's storage: registered where they lie, nothing of them is sent."""

from collections.abc import Callable

from lithoscope.client.connection import LONGEST_WAIT_S, Connection
from lithoscope.client.problems import ClientError
from lithoscope.client.tus import dataset_of

Report = Callable[[float, float], None]


def place_of(text: str) -> tuple[str, str]:
    """
    Read ``ROOT:PATH``.

    Raises
    ------
    ClientError
        It has no root or no path.
    """
    root, _, path = text.partition(":")
    if not root or not path:
        raise ClientError("write a file in place as ROOT:PATH, such as em:2026-05-04/series.mrc")
    return root, path


def register_file(connection: Connection, body: dict[str, object], report: Report) -> str:
    """
    Register a file, wait until it is hashed, and return the id of its dataset.

    Parameters
    ----------
    connection : Connection
        To the service.
    body : dict
        As ``POST /registrations`` takes it.
    report : callable
        Told bytes hashed and bytes in all.
    """
    record = connection.post("/registrations", body)
    location, wait_s = f"/uploads/{record['id']}", 0.2
    while record["state"] == "verifying":
        report(record["offset_bytes"], record["size_bytes"])
        connection.sleep(wait_s)
        wait_s = min(wait_s * 1.5, LONGEST_WAIT_S)
        record = connection.get(location)
    if record["state"] != "verified":
        detail = (record.get("problem") or {}).get("detail", "no reason")
        raise ClientError(f"{body['root']}:{body['path']} was not registered ({record['state']}): {detail}")
    report(record["size_bytes"], record["size_bytes"])
    return dataset_of(record)
