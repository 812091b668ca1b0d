"""One request's bytes on their way to the disk; every method blocks and runs on a thread."""

import errno
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.infra.db.models import Upload
from app.infra.house import House
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.uploads import leases, staging
from app.lab.uploads.finishing import finish
from app.lab.uploads.refusals import ChecksumMismatch, DiskFull, LeaseLost, TooLarge, WrongOffset
from app.lab.uploads.schemas import NewUpload
from app.lab.uploads.staging import ShortFile, StagingFile

MIB = 1024 * 1024
COMMIT_EVERY_BYTES = 64 * MIB
CHECKSUMMED_BYTES = 64 * MIB
REREAD_AT_ONCE_BYTES = 64 * MIB


@dataclass(frozen=True)
class Stand:
    """
    Where an upload stands after a request.

    Parameters
    ----------
    upload : Upload
        Its record as the request committed it: reading it again would keep the sender waiting after each piece.
    is_complete : bool
        Every byte is there.
    digest_known : bool
        The bytes need not be read again to be verified, or are few.
    token : str
        The lease of what waits to be finished.
    """

    upload: Upload
    is_complete: bool
    digest_known: bool
    token: str


class Transfer:
    """
    The body of one PUT or PATCH.

    Without a checksum, offsets are committed every 64 MiB and whenever the lease is renewed; with one, all bytes
    count or none. A session is open only while it commits.
    """

    def __init__(self, house: House, upload: Upload, checksum: str | None) -> None:
        self._house = house
        self._id, self._size = upload.id, upload.size_bytes
        self._token = upload.lease_token or ""
        self._start = self._committed = upload.offset_bytes
        self._checksum = checksum
        self._body_digest = hashlib.sha256() if checksum is not None else None
        self._renewed_at = time.monotonic()
        self._file = self._open()

    @classmethod
    def of_put(cls, house: House, actor: Actor, new: NewUpload) -> "Transfer":
        """Begin an upload whose bytes follow at once."""
        with house.database.writing() as session:
            uploads = Lab(house, session).uploads
            upload = uploads.hold(uploads.begin(actor, new, by_put=True))
        return cls(house, upload, None)

    @classmethod
    def of_patch(
        cls,
        house: House,
        actor: Actor,
        upload_id: str,
        *,
        offset: int,
        length: int | None,
        checksum: str | None,
        sha256: str | None = None,
    ) -> "Transfer":
        """Go on with an upload; ``checksum`` is of this body, ``sha256`` of the whole file."""
        if checksum is not None and length is not None and length > CHECKSUMMED_BYTES:
            raise _too_much_for_a_checksum()
        with house.database.writing() as session:
            upload = Lab(house, session).uploads.claim(actor, upload_id, offset, length, sha256=sha256)
        return cls(house, upload, checksum)

    def _open(self) -> StagingFile:
        path = staging.path_of(self._house.staging, self._id)
        try:
            return StagingFile(path, self._start, staging.hashes.at(self._id, self._start))
        except ShortFile as short:  # staging was lost or restored without it: go on from what is there
            self._advance(short.held, release=True)
            raise WrongOffset(short.held) from None

    def take(self, block: bytes | bytearray) -> None:
        """Write a block; commit when 64 MiB or a heartbeat have passed."""
        if self._file.offset + len(block) > self._size:
            raise TooLarge("The body is longer than what is left of Upload-Length.")
        if self._checksum is not None and self._file.offset + len(block) - self._start > CHECKSUMMED_BYTES:
            raise _too_much_for_a_checksum()
        with _disk():
            self._file.write(block, of_body=self._body_digest)
        is_late = time.monotonic() - self._renewed_at > self._house.settings.heartbeat_s
        if self._body_digest is not None:
            if is_late:
                self._advance(self._committed, release=False)
        elif self._file.offset < self._size and (is_late or self._uncommitted >= COMMIT_EVERY_BYTES):
            self._commit(release=False)  # the last byte is committed by `complete`, which also seals

    @property
    def _uncommitted(self) -> int:
        return self._file.offset - self._committed

    def complete(self) -> Stand:
        """End a body that arrived whole: what it brought is durable and committed when this returns."""
        if self._body_digest is not None and self._body_digest.hexdigest() != self._checksum:
            raise ChecksumMismatch("The bytes of this request are not those of Upload-Checksum: send them again.")
        if self._file.offset < self._size:
            return self._stand(self._commit(release=True), is_complete=False)
        with _disk():
            self._file.sync()
        digest = self._file.digest
        with self._house.database.writing() as session:
            whole = digest.hexdigest() if digest else None
            upload = Lab(self._house, session).uploads.seal(self._id, self._token, whole)
        self._file.close()
        return self._stand(upload, is_complete=True)

    def _stand(self, upload: Upload, *, is_complete: bool) -> Stand:
        known = self._file.digest is not None or self._size <= REREAD_AT_ONCE_BYTES
        return Stand(upload, is_complete, known, self._token)

    def keep(self) -> None:
        """End a body that was cut: keep what arrived, unless it was all or nothing."""
        if self._checksum is not None:
            self.drop()
        elif self._file.offset < self._size:
            self._commit(release=True)
        else:
            conclude(self._house, self.complete())

    def drop(self) -> None:
        """End a body that is refused: go back to the offset of record."""
        try:
            self._file.cut(self._committed)
            self._advance(self._committed, release=True)
        except LeaseLost:  # the upload was ended meanwhile: whoever ended it looks after the rest
            leases.drop(self._token)
        finally:
            self._file.close()

    def _commit(self, *, release: bool) -> Upload:
        with _disk():
            self._file.sync()
        upload = self._advance(self._file.offset, release=release)
        self._committed = self._file.offset
        if self._file.digest is not None:
            staging.hashes.keep(self._id, self._committed, self._file.digest)
        if release:
            self._file.close()
        return upload

    def _advance(self, offset: int, *, release: bool) -> Upload:
        with self._house.database.writing() as session:
            upload = Lab(self._house, session).uploads.advance(self._id, self._token, offset, release=release)
        self._renewed_at = time.monotonic()
        if release:
            leases.drop(self._token)
        return upload


def conclude(house: House, stand: Stand) -> Upload:
    """Finish a complete upload."""
    return finish(house, stand.upload.id, stand.token)


def _too_much_for_a_checksum() -> TooLarge:
    return TooLarge("A PATCH with Upload-Checksum has at most 64 MiB: send the file in several.")


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise DiskFull("The disk is full: what was acknowledged is safe, go on later.") from None
        raise
