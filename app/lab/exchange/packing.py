"""Exports written out: crates streamed file by file, provenance and tables as what they are."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from app.infra.exports import ExportsBusy
from app.infra.house import House
from app.infra.nexus_custody import nexus_custody
from app.lab.doors.archives import checked
from app.lab.exchange.absent import found_elsewhere, refusal_of, without
from app.lab.exchange.payload import Packed, packed
from app.lab.exchange.records import Records
from app.lab.results.service import ConversionBusy
from lithoscope.writers.prov_json import prov_json
from lithoscope.writers.record_tables import record_tables
from lithoscope.writers.rocrate import METADATA, RECORDS, Issue, Version, crate_json
from lithoscope.writers.rocrate_parts import CrateFile
from lithoscope.writers.rocrate_preview import PREVIEW, crate_preview
from lithoscope.writers.streamed_zip import Member, zip_pieces


@dataclass(frozen=True, slots=True)
class Crate:
    """Everything of a crate but the bytes of its payload, which are read when their turn comes."""

    metadata: bytes
    records: bytes
    preview: bytes
    payload: tuple[Packed, ...]


def records_json(records: Records) -> bytes:
    """Write the records: the same bytes for the same content, here and where they are taken in."""
    return json.dumps(records.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False).encode()


def crate_of(
    house: House, records: Records, *, edition: Version, address: str, licence: str, leave_out: bool = False
) -> Crate:
    """
    Make a crate of records.

    Parameters
    ----------
    house : House
        Whose store holds the bytes.
    records : Records
        What it tells of.
    edition : {"1.3", "1.2"}
        Of the RO-Crate specification.
    address, licence : str
        Of this service, and of the licence; either may be empty.
    leave_out : bool
        Whether files that are away are left out, which the crate then says of them.

    Raises
    ------
    SourceChanged
        A file on the facility's storage is away and none may be left out; names them all.
    """
    there, away = found_elsewhere(house, records)
    if away and not leave_out:
        raise refusal_of(away)
    records = without(records, away)
    payload = tuple(packed(house.store, records, there))
    told = records_json(records)
    own = CrateFile(RECORDS, hashlib.sha256(told).hexdigest(), len(told), "application/json")
    issue = Issue(edition, version("lithoscope"), address, licence)
    files = [own, *(each.file for each in payload)]
    plain = records.model_dump(mode="json")
    return Crate(crate_json(plain, files, issue), told, crate_preview(plain), payload)


def crate_pieces(house: House, crate: Crate, *, root: str = "") -> Iterator[bytes]:
    """Zip a crate piece by piece, its metadata first; ``root`` is the folder an `.eln` keeps all in."""
    yield from zip_pieces(_members(house, crate, f"{root}/" if root else ""))


def _members(house: House, crate: Crate, root: str) -> Iterator[Member]:
    yield root + METADATA, [crate.metadata]
    yield root + RECORDS, [crate.records]
    yield root + PREVIEW, [crate.preview]
    for each in crate.payload:
        yield root + each.file.path, checked(house, each.key, each.file.sha256, store=each.store)


def provenance_of(records: Records) -> bytes:
    """Write records as PROV-JSON."""
    return prov_json(records.model_dump(mode="json"))


def nexus_of(house: House, records: Records, criticals: Mapping[str, Any]) -> bytes:
    """Write records as NeXus, with the critical doses of their exposures."""
    told = {**records.model_dump(mode="json"), "critical_doses": criticals}
    try:
        return nexus_custody(told, house.staging / "exports")
    except ExportsBusy:
        raise ConversionBusy from None


def tables_of(records: Records) -> Iterator[bytes]:
    """Zip records as CSV tables."""
    return zip_pieces((name, [content]) for name, content in record_tables(records.model_dump(mode="json")))
