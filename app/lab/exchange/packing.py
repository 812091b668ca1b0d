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
from app.infra.storage.places import Placed
from app.lab.composition import Lab
from app.lab.datasets.places import placed
from app.lab.doors.archives import checked
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


def crate_of(house: House, records: Records, *, edition: Version, address: str, licence: str) -> Crate:
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
    """
    payload = tuple(packed(house.store, records, _elsewhere(house, records)))
    told = records_json(records)
    own = CrateFile(RECORDS, hashlib.sha256(told).hexdigest(), len(told), "application/json")
    issue = Issue(edition, version("lithoscope"), address, licence)
    files = [own, *(each.file for each in payload)]
    plain = records.model_dump(mode="json")
    return Crate(crate_json(plain, files, issue), told, crate_preview(plain), payload)


def _elsewhere(house: House, records: Records) -> dict[str, Placed]:
    """Find registered files before the first byte leaves: one that changed refuses the export, naming it."""
    with house.database.reading() as session:
        places = Lab(house, session).datasets.places_of([each.id for each in records.datasets])
    return {dataset_id: placed(house.places, place) for dataset_id, place in places.items()}


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
