"""Sending what is finished: resumed after a kill, recognised when it is known, ended when it changes."""

import json
import sqlite3
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.content import Contents
from lithoscope.client.collector.describing import BadSidecar, attributes_of, oddity_of, wire_name
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link, NotNow, Throttle
from lithoscope.client.collector.paths import long_path
from lithoscope.client.collector.placing import is_sidecar
from lithoscope.client.collector.projects import Unowned
from lithoscope.client.collector.samples import Owner, Samples
from lithoscope.client.collector.settings import Settings
from lithoscope.client.collector.true_time import TrueTime
from lithoscope.client.packing import PackedFiles
from lithoscope.client.pieces import MIB, Hashed, Piece, pieces_of
from lithoscope.client.problems import Conflict, Problem, Unreachable
from lithoscope.client.tus import OVER, TUS_HEADERS, Begin, LocalFile, Transfer

AGAIN_S = 600.0  # what is held is tried again after this
HELD_S = 60.0  # a sample that is not known may be registered at any moment
MOST_AT_ONCE = 1000
NO_ROOM = frozenset({413, 507})


class SourceChanged(Exception):
    """The file is not what it was when it settled."""


class Held(Exception):
    """
    A dataset waits for somebody.

    Parameters
    ----------
    kind : str
        Stable word.
    words : str
        What to do.
    wait_s : float
        When to look again.
    """

    def __init__(self, kind: str, words: str, wait_s: float = AGAIN_S) -> None:
        super().__init__(words)
        self.kind = kind
        self.wait_s = wait_s


@dataclass(slots=True)
class Sent:
    """What went out."""

    datasets: list[str] = field(default_factory=list)
    bytes: int = 0
    events: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """
    A transfer as the journal keeps it.

    Parameters
    ----------
    key : str
        Idempotency-Key of its beginning: after a kill the same transfer is given again.
    metadata : dict
        As it was begun with.
    files : list
        Path, size and time of each file when it began.
    size : int
        Bytes in all.
    location : str
        Its address, once it is known.
    """

    key: str
    metadata: dict[str, str]
    files: list[list[object]]
    size: int
    location: str = ""

    def text(self) -> str:
        """Write it for the journal."""
        return json.dumps({name: getattr(self, name) for name in ("key", "metadata", "files", "size", "location")})


class Sender:
    """
    Sends datasets one after another.

    Parameters
    ----------
    settings : Settings
        Size of pieces, bandwidth, project.
    journal : Journal
        What waits.
    link : Link
        To the service.
    clock : Clock
        For waits.
    true_time : TrueTime
        How far the PC's clock is ahead.
    """

    def __init__(
        self, settings: Settings, journal: Journal, *, link: Link, clock: Clock, true_time: TrueTime, samples: Samples
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._link = link
        self._clock = clock
        self._true_time = true_time
        self._samples = samples
        self._contents = Contents(journal, link)
        rate = settings.bandwidth_MB_s
        self.throttle = Throttle(None if rate is None else rate * 1e6, clock)
        self._hashed = ("", Hashed())

    def deliver(self, sent: Sent) -> None:
        """Send what is ready until the line, the bandwidth or the work is out."""
        due = (
            "SELECT id FROM unit WHERE state IN ('sending', 'waiting', 'held') AND poll_at <= ? "
            "ORDER BY state = 'sending' DESC, settled_at LIMIT ?"
        )
        for row in self._journal.rows(due, self._clock.steady_s(), MOST_AT_ONCE):
            if not self._link.is_open or self.throttle.waits_s:
                return
            try:
                self._deliver(self._journal.unit(row["id"]), sent)
            except NotNow:
                return

    def _deliver(self, unit: sqlite3.Row, sent: Sent) -> None:
        """Take one dataset as far as it goes; what stops it becomes its state."""
        if unit["state"] not in {"sending", "waiting", "held"}:
            return  # it changed since it was listed
        try:
            self._send(unit, sent)
        except SourceChanged as error:
            self._grows_again(unit, str(error))
        except Held as error:
            self._hold(unit, error.kind, str(error), error.wait_s)
        except Unowned as error:
            self._hold(unit, error.kind, str(error), HELD_S)
        except BadSidecar as error:
            self._hold(unit, "bad-side-car", str(error), HELD_S)
        except OSError as error:
            words = f"it cannot be read ({error.strerror or error})"
            self._hold(unit, "unreadable", words, AGAIN_S)
        except Conflict as problem:
            self._conflict(unit, problem)
        except Problem as problem:
            self._refused(unit, problem)

    def _send(self, unit: sqlite3.Row, sent: Sent) -> None:
        root = self._journal.root_path(unit["root_id"])
        files = self._journal.files_of(unit["id"])
        upload = self._read(unit)
        if upload is None:
            owner = self._samples.owner(unit["sample"], unit["project"])
            source = self._source(unit, root, files)
            is_sent = self._place(unit, source, [row["path"] for row in files]) is None
            if is_sent and (known := self._contents.find(source, owner)):  # else the service learns where it moved to
                self._same(unit, known)
                return
            upload = self._begin(unit, owner, source, attributes=self._attributes(unit, root, files))
        else:
            self._check(root, upload)
            source = self._source(unit, root, files)
        if source.size != upload.size:
            raise SourceChanged("it changed while it was sent")
        self._transfer(unit, root, source, sent, upload=upload)

    def _attributes(self, unit: sqlite3.Row, root: Path, files: list[sqlite3.Row]) -> str:
        if unit["clock_offset_s"] is None and (offset_s := self._true_time.offset_s()) is not None:
            self._journal.set_unit(unit["id"], clock_offset_s=offset_s)
            unit = self._journal.unit(unit["id"])
        possible = self._true_time.possible_offsets(
            unit["mtime_ns"] / 1e9, between_s=(unit["looked_s"], unit["seen_s"])
        )
        return attributes_of(unit, root, files, possible_offsets_s=possible)

    def _read(self, unit: sqlite3.Row) -> Upload | None:
        return None if unit["upload"] is None else Upload(**json.loads(unit["upload"]))

    def _source(self, unit: sqlite3.Row, root: Path, files: list[sqlite3.Row]) -> LocalFile | PackedFiles:
        paths = [long_path(root / row["path"]) for row in files if not is_sidecar(row["path"])]
        for row in files:
            self._same_as(root, row["path"], row["size"], row["mtime_ns"])
        if len(paths) == 1 and unit["grouping"] in {"file", "pair", "stem", "part"}:
            return LocalFile(paths[0])
        return PackedFiles(f"{Path(unit['key']).name}.zip", paths)

    def _same_as(self, root: Path, name: str, size: int, mtime_ns: int) -> None:
        try:
            status = long_path(root / name).stat(follow_symlinks=False)
        except FileNotFoundError:
            if not long_path(root).exists():
                raise Held("unreadable", f"{root} cannot be read: is the share there?") from None
            raise SourceChanged("it vanished before it was sent") from None
        if (status.st_size, status.st_mtime_ns) != (size, mtime_ns):
            raise SourceChanged("it changed while it waited")

    def _check(self, root: Path, upload: Upload) -> None:
        for name, size, mtime_ns in upload.files:
            self._same_as(root, str(name), int(str(size)), int(str(mtime_ns)))

    def _begin(self, unit: sqlite3.Row, owner: Owner, source: LocalFile | PackedFiles, *, attributes: str) -> Upload:
        metadata = {"filename": wire_name(source.name), "project_id": owner.project_id, "attributes": attributes}
        if owner.sample_id is not None:
            metadata["sample_id"] = owner.sample_id
        files = [[row["path"], row["size"], row["mtime_ns"]] for row in self._journal.files_of(unit["id"])]
        upload = Upload(uuid.uuid4().hex, metadata, files, source.size)
        told = {"state": "sending", "reason": "", "problem": None, "sha256": None, "dataset_id": None}
        self._journal.set_unit(unit["id"], upload=upload.text(), offset=0, attempts=0, **told)
        return upload

    def _transfer(
        self, unit: sqlite3.Row, root: Path, source: LocalFile | PackedFiles, sent: Sent, *, upload: Upload
    ) -> None:
        if not upload.location:
            location = self._registered(unit, source, upload) or self._opened(upload)
            upload = Upload(**{**json.loads(upload.text()), "location": location})
            self._journal.set_unit(unit["id"], upload=upload.text())
        transfer = Transfer(self._link.connection, upload.location, upload.size)
        record = self._link.request("GET", upload.location).json()
        if record["state"] == "receiving":
            with source.open() as file:
                if not self._pieces(unit, root, file, sent, upload=upload, transfer=transfer):
                    return
            record = self._link.request("GET", upload.location).json()
        self._conclude(unit, record, sent)

    def _opened(self, upload: Upload) -> str:
        begun = Begin(upload.size, upload.metadata, upload.key)
        return begun.location_in(self._link.request("POST", "/uploads", headers=begun.headers))

    def _registered(self, unit: sqlite3.Row, source: LocalFile | PackedFiles, upload: Upload) -> str | None:
        """Register what the service sees itself; None when it is to be sent."""
        place = self._place(unit, source, [str(row[0]) for row in upload.files])
        if place is None:
            return None
        told = {name: value for name, value in upload.metadata.items() if name in {"project_id", "sample_id"}}
        body = place | told | {"attributes": json.loads(upload.metadata["attributes"])}
        headers = {"Idempotency-Key": upload.key}
        answer = self._link.request("POST", "/registrations", json=body, headers=headers)
        return Begin.location_in(answer)

    def _place(self, unit: sqlite3.Row, source: LocalFile | PackedFiles, files: list[str]) -> dict[str, Any] | None:
        rule, paths = self._settings.rule(unit["rule"]), [name for name in files if not is_sidecar(name)]
        return None if rule is None else rule.place_of(paths, is_group=not isinstance(source, LocalFile))

    def _pieces(
        self,
        unit: sqlite3.Row,
        root: Path,
        file: BufferedReader,
        sent: Sent,
        *,
        upload: Upload,
        transfer: Transfer,
    ) -> bool:
        """Send from the offset of record on; say whether the end was reached."""
        offset = self._offset(transfer)
        piece_bytes, is_ahead = self._settings.piece_MiB * MIB, self._settings.bandwidth_MB_s is None
        hashed = self._hashed_of(upload)
        with pieces_of(file, upload.size, piece_bytes=piece_bytes, is_ahead=is_ahead, hashed=hashed) as pieces:
            while offset < upload.size:
                if self.throttle.waits_s:
                    return False
                offset = self._piece(pieces.at(offset), root, sent, upload=upload, transfer=transfer)
            digest = pieces.digest()
        self._journal.set_unit(unit["id"], offset=offset, sha256=digest)
        return True

    def _hashed_of(self, upload: Upload) -> Hashed:
        """Return what was hashed of a transfer so far: one that spares the line is interrupted after each piece."""
        if self._hashed[0] != upload.key:
            self._hashed = (upload.key, Hashed())
        return self._hashed[1]

    def _piece(self, piece: Piece, root: Path, sent: Sent, *, upload: Upload, transfer: Transfer) -> int:
        """Send a piece that was read; return where the transfer stands then."""
        self._check(root, upload)
        if not piece.data:
            raise SourceChanged("it became shorter while it was sent")
        outcome = transfer.send(piece)
        sent.bytes += len(piece.data)
        self.throttle.spend(len(piece.data))
        if outcome.offset == piece.offset:
            kind = "unreachable" if outcome.is_silent else "busy"
            self._link.wait(kind, outcome.reason, outcome.wait_s)
            raise NotNow
        self._link.works()
        return outcome.offset

    def _offset(self, transfer: Transfer) -> int:
        try:
            offset = transfer.offset()
        except Unreachable as error:
            self._link.wait("unreachable", str(error))
            raise NotNow from None
        if offset is None:
            raise SourceChanged("the service gave the unfinished upload up: it is sent anew")
        return offset

    def _conclude(self, unit: sqlite3.Row, record: dict[str, object], sent: Sent) -> None:
        """Note how a transfer ended; one that is still verified by the service is asked for again."""
        state, dataset_id = record["state"], record.get("dataset_id")
        if state == "verified" and dataset_id:
            digest = str(record.get("sha256") or self._journal.unit(unit["id"])["sha256"])
            self._done(unit, str(dataset_id), digest, sent)
        elif state == "failed":
            raise _as_problem(dict(record.get("problem") or {}))  # type: ignore[call-overload]
        elif state in OVER:
            raise SourceChanged(f"the upload was {state} on the service: it is sent anew")
        else:
            self._journal.set_unit(unit["id"], poll_at=self._clock.steady_s() + 1.0)

    def _done(self, unit: sqlite3.Row, dataset_id: str, digest: str, sent: Sent) -> None:
        upload = self._read(unit) or self._read(self._journal.unit(unit["id"]))
        metadata = {} if upload is None else upload.metadata
        owner = Owner(metadata.get("project_id", ""), metadata.get("sample_id"))
        size = 0 if upload is None else upload.size
        elsewhere = self._contents.elsewhere(digest, owner)
        problem, reason = oddity_of(Path(unit["key"]).name, elsewhere)
        self._contents.keep(digest, size, owner, dataset_id, path=unit["key"])
        self._end(unit, "sent", reason, problem=problem, dataset_id=dataset_id, sha256=digest)
        sent.datasets.append(dataset_id)

    def _same(self, unit: sqlite3.Row, dataset_id: str) -> None:
        self._end(unit, "same", f"the same content is {dataset_id} already: nothing was sent", dataset_id=dataset_id)

    def _end(self, unit: sqlite3.Row, state: str, reason: str, **values: object) -> None:
        told = {"problem": None, "upload": None, "sent_at": self._clock.wall_s()} | values
        current = self._journal.unit(unit["id"])
        upload = self._read(current)
        changed = upload is not None and upload.files != [
            [row["path"], row["size"], row["mtime_ns"]] for row in self._journal.files_of(unit["id"])
        ]
        self._journal.set_unit(unit["id"], state=state, reason=reason, **told)
        if changed:  # it grew on after its last byte was read: the new state of it settles for itself
            self._grows_again(unit, "it changed after it was sent")

    def _grows_again(self, unit: sqlite3.Row, words: str) -> None:
        """Let it settle once more; what the service holds of its old state is dropped there."""
        upload = self._read(self._journal.unit(unit["id"]))
        poll_at = self._clock.steady_s() + self._settings.quiet_s
        told = {"upload": None, "offset": 0, "found_at": self._clock.wall_s(), "problem": None}
        self._journal.set_unit(unit["id"], state="growing", reason=words, poll_at=poll_at, attempts=0, **told)
        if upload is not None and upload.location:
            with suppress(NotNow, Problem):  # else it expires by itself
                self._link.request("DELETE", upload.location, headers=TUS_HEADERS)

    def _hold(self, unit: sqlite3.Row, kind: str, words: str, wait_s: float) -> None:
        told = {"state": "held", "problem": kind, "reason": words}
        self._journal.set_unit(unit["id"], poll_at=self._clock.steady_s() + wait_s, **told)

    def _conflict(self, unit: sqlite3.Row, problem: Problem) -> None:
        known = problem.document.get("dataset_id")
        if problem.code == "duplicate-content" and known:
            self._end(unit, "same", f"the same content is {known} already", dataset_id=str(known))
        else:
            self._refused(unit, problem)

    def _refused(self, unit: sqlite3.Row, problem: Problem) -> None:
        """Note what the service says no to; room and rights may come, the rest waits for `replay`."""
        self._link.refused(problem)
        if problem.code == "digest-mismatch":
            self._grows_again(unit, "it changed while it was sent")
        elif problem.code == "upload-gone":
            self._grows_again(unit, "the service gave the unfinished upload up: it is sent anew")
        elif problem.status in NO_ROOM and problem.code != "too-large":
            self._hold(unit, "no-room", str(problem), AGAIN_S)
        elif problem.status in {403, 404}:
            words = f"the key may not send to this project ({problem})"
            self._journal.set_unit(unit["id"], upload=None)
            self._hold(unit, "not-allowed", words, AGAIN_S)
        else:
            self._journal.set_unit(
                unit["id"], state="failed", problem=problem.code or "refused", reason=str(problem), upload=None
            )


def _as_problem(document: dict[str, object]) -> Problem:
    status = int(str(document.get("status", 500)))
    kind = Conflict if status == 409 else Problem
    return kind(status if status < 500 else 422, document)
