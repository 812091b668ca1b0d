"""A whole result as one zip, sent while it is packed: its files as they are kept, its record, how to cite it."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from app.errors import NotFound
from app.infra.db.models import Result
from app.infra.exports import DamagedTree
from app.infra.house import House
from app.infra.storage import Store
from app.infra.storage.digests import BLOCK
from app.lab.composition import Lab
from app.lab.doors.files import ATTACHMENT
from app.lab.doors.trees import files_of
from lithoscope.writers.citation import WRITERS
from lithoscope.writers.streamed_zip import Member, zip_pieces

ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The zip",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_NAMES = {"text": "CITATION.txt", "bibtex": "CITATION.bib", "ris": "CITATION.ris", "cff": "CITATION.cff"}


def serve_archive(lab: Lab, result: Result, address: str) -> Response:
    """
    Answer with a whole result as a zip.

    What is kept only for viewers is left out. Each file is held against its SHA-256 while it is sent: where one does
    not match the answer breaks off, and the zip has no end.

    Parameters
    ----------
    lab : Lab
    result : Result
        One that the reader may see.
    address : str
        Where people open it, for the citation.
    """
    if not result.store_key:
        raise NotFound
    told = _told(lab, result, address)
    lab.session.rollback()  # sending takes long: the connection goes back first
    files = files_of(lab.house.store, result.store_key)
    headers = {**ATTACHMENT, "Content-Disposition": f'attachment; filename="{result.id}.zip"'}
    pieces = zip_pieces(_members(lab.house, result.store_key, files, told))
    return StreamingResponse(pieces, headers=headers, media_type="application/zip")


def _told(lab: Lab, result: Result, address: str) -> dict[str, bytes]:
    cited = lab.citations.of(result, address)
    record = {
        "id": result.id,
        "digest": result.digest,
        "created_at": result.created_at.isoformat(),
        "outputs": result.outputs,
        "run_record": result.run_record,
    }
    written = {_NAMES[form]: write(cited).encode() for form, write in WRITERS.items()}
    return {"result.json": json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False).encode(), **written}


def _members(house: House, tree: str, files: dict[str, str], told: dict[str, bytes]) -> Iterator[Member]:
    for name, content in told.items():
        yield name, [content]
    for path, sha256 in sorted(files.items()):
        if not path.partition("/")[0].endswith(".display"):
            yield path, checked(house, f"{tree}/{path}", sha256)


def checked(house: House, key: str, sha256: str, *, store: Store | None = None) -> Iterator[bytes]:
    """Read a stored file piece by piece, and break off when its bytes were not those of its digest."""
    digest = hashlib.sha256()
    with (store or house.store).open(key) as source:
        while block := source.read(BLOCK):
            digest.update(block)
            yield block
    if digest.hexdigest() != sha256:
        raise DamagedTree(key)  # the answer has begun: breaking it off is all that can be said
