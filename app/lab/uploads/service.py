"""What the facility does with bytes on their way in; nobody commits here."""

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from app.errors import Forbidden, Invalid, LabError, NotFound, QuotaExceeded
from app.infra.clock import now
from app.infra.db.models import Dataset, Upload
from app.infra.db.quotas import lacking
from app.infra.ids import new_id
from app.lab.access import SYSTEM, Action, Actor, allow, require
from app.lab.audit.service import AuditLog
from app.lab.datasets.service import DatasetService
from app.lab.jobs.service import JobService
from app.lab.samples.service import SampleService
from app.lab.uploads import leases
from app.lab.uploads.refusals import (
    Busy,
    DigestMismatch,
    DiskFull,
    DuplicateContent,
    EmptyFile,
    Gone,
    LeaseLost,
    TooLarge,
    TooManyUploads,
    WrongOffset,
)
from app.lab.uploads.repository import UploadFilter, UploadRepository
from app.lab.uploads.schemas import NewUpload
from app.settings import Settings
from lithoscope.wording import size


class UploadService:
    """
    Reserves room, keeps the offset of record, and turns verified bytes into datasets.

    The order that makes an acknowledged byte safe: bytes are fsynced, then the offset is committed, then the request
    is answered; a complete file is `sealed` before it moves to the store, so that after a kill somebody owns it.
    """

    def __init__(
        self,
        uploads: UploadRepository,
        *,
        samples: SampleService,
        datasets: DatasetService,
        jobs: JobService,
        audit: AuditLog,
        settings: Settings,
    ) -> None:
        self._uploads = uploads
        self._samples = samples
        self._datasets = datasets
        self._jobs = jobs
        self._audit = audit
        self._settings = settings

    def begin(self, actor: Actor, new: NewUpload, *, by_put: bool = False) -> Upload:
        """
        Reserve room for a file and give it an id.

        Parameters
        ----------
        actor : Actor
            Who sends it.
        new : NewUpload
            What the sender says about it.
        by_put : bool
            The bytes follow in the same request: the upload cannot be continued and is over when that request is.
        """
        require(actor, Action.UPLOAD, new.project_id)
        self._check_room(actor, new)
        self.check_links(actor, new)
        made_at = now()
        upload = Upload(
            **new.model_dump(),
            id=new_id("upl"),
            instrument_id=actor.instrument_id,
            created_by=actor.id,
            state="receiving",
            offset_bytes=0,
            created_at=made_at,
            expires_at=made_at if by_put else self._expiry(made_at),
        )
        self._uploads.add(upload)
        self._audit.record(actor, "upload.begin", upload.id, project_id=upload.project_id, size_bytes=upload.size_bytes)
        return upload

    def _expiry(self, instant: datetime) -> datetime:
        return instant + timedelta(hours=self._settings.upload_expiry_hours)

    def _check_room(self, actor: Actor, new: NewUpload) -> None:
        if new.size_bytes == 0:
            raise EmptyFile
        if new.size_bytes > self._settings.upload_limit_bytes:
            raise TooLarge(f"An upload has at most {size(self._settings.upload_limit_bytes)}.")
        quota = self._uploads.lock_quota(new.project_id)
        if quota is None:
            raise NotFound
        held = self._uploads.counted_bytes(new.project_id)
        if held + new.size_bytes > quota:
            raise QuotaExceeded(
                lacking("The file takes", new.size_bytes, quota - held),
                quota_bytes=quota,
                held_bytes=held,
            )
        if self._uploads.unfinished(actor.id, now()) >= self._settings.uploads_per_credential:
            raise TooManyUploads(
                f"{self._settings.uploads_per_credential} uploads are unfinished: finish or terminate one.",
                headers={"Retry-After": "30"},
            )
        disk = shutil.disk_usage(_existing(self._settings.staging))
        needed = new.size_bytes + self._uploads.outstanding_bytes()
        if disk.free - needed < disk.total * self._settings.free_disk_fraction:
            raise DiskFull("The disk must keep its reserve: tell the facility manager, and try again later.")

    def check_links(self, actor: Actor, new: NewUpload) -> None:
        """Refuse a sample or a companion that the project has not."""
        if new.sample_id is not None:
            try:
                sample = self._samples.get(actor, new.sample_id, need=Action.UPLOAD)
            except NotFound:
                sample = None
            if sample is None or sample.project_id != new.project_id:
                raise Invalid.field("/sample_id", "No such sample in this project.")
        companion_of = new.attributes.get("companion_of")
        if companion_of is not None and not self._datasets.is_in(new.project_id, companion_of):
            raise Invalid.field("/attributes/companion_of", "No such dataset in this project.")

    def get(self, actor: Actor, upload_id: str) -> Upload:
        """Return an upload: its sender's own, or one of a project the actor may read."""
        upload = self._uploads.get(upload_id)
        if upload is None:
            raise NotFound
        if upload.created_by != actor.id or not allow(actor, Action.UPLOAD, upload.project_id):
            if actor.kind == "device":
                raise NotFound
            require(actor, Action.READ, upload.project_id)
        return upload

    def own(self, actor: Actor, wanted: UploadFilter, *, before: str | None, limit: int) -> list[Upload]:
        """Return the actor's own uploads in projects the credential is good for, newest first."""
        if actor.scopes is not None and Action.UPLOAD.value not in actor.scopes:
            raise Forbidden(f"This needs the right '{Action.UPLOAD.value}'.")
        return self._uploads.of_sender(
            replace(wanted, projects=actor.project_ids, sender=actor.id, instrument=actor.instrument_id), before, limit
        )

    def claim(
        self, actor: Actor, upload_id: str, offset: int, length: int | None, *, sha256: str | None = None
    ) -> Upload:
        """
        Take an upload for the bytes of one request; its `lease_token` proves the claim.

        Parameters
        ----------
        actor : Actor
            Its sender.
        upload_id : str
            Which.
        offset : int
            Where the sender believes it stands.
        length : int or None
            Bytes that will follow, when announced.
        sha256 : str, optional
            What the whole file must turn out to be; a sender that reads while it sends knows it at its last piece.
        """
        upload = self._own(actor, upload_id)
        if upload.state != "receiving":
            raise Gone(upload.state) if upload.state != "verifying" else WrongOffset(upload.offset_bytes)
        if self._is_held(upload):
            raise Busy
        if upload.expires_at <= now():
            raise Gone("expired")
        if upload.offset_bytes != offset:
            raise WrongOffset(upload.offset_bytes)
        if length is not None and offset + length > upload.size_bytes:
            raise TooLarge("The body is longer than what is left of Upload-Length.")
        if sha256 is not None:
            upload.declared_sha256 = upload.declared_sha256 or sha256
        return self.hold(upload)

    def hold(self, upload: Upload) -> Upload:
        """Give this process the upload's lease."""
        upload.lease_token = leases.take()
        upload.lease_until = self._uploads.db_now() + self._settings.lease_s
        self._uploads.flush()
        return upload

    def _own(self, actor: Actor, upload_id: str) -> Upload:
        self.get(actor, upload_id)
        upload = self._uploads.lock(upload_id)
        if upload is None:
            raise NotFound
        if upload.created_by != actor.id:
            raise Forbidden("Only its sender goes on with an upload.")
        return upload

    def _is_held(self, upload: Upload) -> bool:
        if upload.lease_token is None or upload.lease_until is None:
            return False
        return upload.lease_until > self._uploads.db_now() and not leases.is_dead(upload.lease_token)

    def _held(self, upload_id: str, token: str) -> Upload:
        upload = self._uploads.lock(upload_id)
        if upload is None or upload.lease_token != token:
            raise LeaseLost
        return upload

    def advance(self, upload_id: str, token: str, offset: int, *, release: bool) -> Upload:
        """Set the offset of record to bytes that are durable, and renew or release the lease; return the record."""
        upload = self._held(upload_id, token)
        if offset != upload.offset_bytes and upload.expires_at > upload.created_at:
            upload.expires_at = self._expiry(now())
        upload.offset_bytes = offset
        upload.lease_token = None if release else token
        upload.lease_until = None if release else self._uploads.db_now() + self._settings.lease_s
        self._uploads.flush()
        return upload

    def seal(self, upload_id: str, token: str, sha256: str | None) -> Upload:
        """
        Say that all bytes are durable; from here the file is finished without its sender. Returns the record.

        Parameters
        ----------
        upload_id, token : str
            The upload and its lease, which stays held.
        sha256 : str or None
            The digest, when the bytes were hashed while they were written.
        """
        upload = self._held(upload_id, token)
        upload.offset_bytes = upload.size_bytes
        upload.state = "verifying"
        upload.lease_until = self._uploads.db_now() + self._settings.lease_s
        if sha256 is not None:
            self.found(upload, sha256)
        self._uploads.flush()
        return upload

    def found(self, upload: Upload, sha256: str) -> None:
        """Record the digest of the bytes that arrived; bytes other than announced end the upload."""
        upload.sha256 = sha256
        if upload.declared_sha256 in {None, sha256}:
            self._datasets.lock_blob(sha256)
            return
        self.fail(
            upload,
            DigestMismatch("The bytes that arrived do not have the announced SHA-256: send the file again."),
        )

    def fail(self, upload: Upload, error: LabError) -> None:
        """End an upload on a problem."""
        upload.state = "failed"
        upload.problem = {
            "type": f"/problems/{error.code}",
            "title": error.title,
            "status": error.status,
            "detail": error.detail,
            **error.extra,
        }
        upload.lease_token = upload.lease_until = None
        self._audit.record(
            sender_of(upload), "upload.fail", upload.id, project_id=upload.project_id, problem=error.code
        )
        self._uploads.flush()

    def take_over(self, upload_id: str) -> Upload | None:
        """Claim a complete upload that nobody is finishing; None when somebody is, or nothing is left to do."""
        upload = self._uploads.lock(upload_id)
        if upload is None or upload.state != "verifying" or self._is_held(upload):
            return None
        return self.hold(upload)

    def renew(self, upload_id: str, token: str) -> None:
        """Show that the holder of a lease is alive."""
        self._held(upload_id, token).lease_until = self._uploads.db_now() + self._settings.lease_s
        self._uploads.flush()

    def give_up(self, upload_id: str, error: LabError) -> None:
        """End a complete upload that cannot be finished."""
        upload = self._uploads.lock(upload_id)
        if upload is not None and upload.state == "verifying":
            self.fail(upload, error)

    def record_digest(self, upload_id: str, sha256: str) -> Upload | None:
        """Record the digest found by reading a complete upload again; None when it is no longer being verified."""
        upload = self._uploads.lock(upload_id)
        if upload is None or upload.state != "verifying":
            return None
        self.found(upload, sha256)
        return upload

    def publish(self, upload_id: str) -> None:
        """
        Turn a verified upload, whose bytes are in the store, into a dataset with its ingest job.

        Doing it twice makes one dataset. Bytes the project holds already for this sample give the dataset that has
        them; under another file name or other attributes they are refused, unless it has lost them on the facility's
        storage: they are what it needs, whatever they are called by now.
        """
        upload = self._uploads.lock(upload_id)
        if upload is None or upload.state != "verifying" or upload.sha256 is None:
            return
        self._datasets.hold_blob(upload.sha256, upload.size_bytes)
        twin = self._datasets.twin(upload.project_id, upload.sample_id, upload.sha256)
        is_away = twin is not None and self._datasets.is_away(twin)
        if twin is not None and not is_away and not says_the_same(upload, twin):
            self.fail(upload, held_already(twin))
            return
        if twin is not None:
            self._datasets.leave_place(twin)
        if twin is not None and is_away and twin.state == "rejected":
            self.read_again(upload, twin)
        self.conclude(upload, twin if twin is not None else self.receive(upload))

    def conclude(self, upload: Upload, dataset: Dataset) -> None:
        """Say which dataset an upload became."""
        upload.state, upload.dataset_id = "verified", dataset.id
        upload.lease_token = upload.lease_until = None
        self._uploads.flush()

    def receive(self, upload: Upload) -> Dataset:
        """Make the dataset of an upload with its ingest job."""
        dataset = self._datasets.receive(sender_of(upload), upload)
        self.read_again(upload, dataset)
        return dataset

    def read_again(self, upload: Upload, dataset: Dataset) -> None:
        """Have a dataset's file read in the sender's name."""
        self._jobs.submit_ingest(sender_of(upload), dataset)

    def terminate(self, actor: Actor, upload_id: str) -> None:
        """End an upload at its sender's or a steward's wish; the bytes so far are dropped."""
        upload = self.get(actor, upload_id)
        if upload.created_by != actor.id:
            require(actor, Action.STEWARD, upload.project_id)
        locked = self._uploads.lock(upload_id)
        open_states = {"receiving"} if upload.root is None else {"verifying"}
        if locked is None or locked.state not in open_states:
            raise Gone(upload.state)
        self._end(locked, "terminated", actor)

    def _end(self, upload: Upload, state: str, actor: Actor) -> None:
        upload.state = state
        upload.lease_token = upload.lease_until = None
        self._audit.record(actor, f"upload.{state}", upload.id, project_id=upload.project_id)
        self._uploads.flush()

    def expire(self) -> list[str]:
        """End the uploads whose time is over and that nobody is writing; return their ids."""
        ended = []
        for upload_id in self._uploads.expired(now()):
            upload = self._uploads.lock(upload_id)
            if upload is not None and upload.state == "receiving" and not self._is_held(upload):
                self._end(upload, "expired", SYSTEM)
                ended.append(upload_id)
        return ended

    def unfinished(self) -> list[str]:
        """Return the complete uploads that wait to be verified or published."""
        return self._uploads.verifying()

    def orphans_among(self, upload_ids: list[str]) -> set[str]:
        """Return those ids whose staging file nobody needs."""
        return set(upload_ids) - self._uploads.open_among(upload_ids)


def sender_of(upload: Upload) -> Actor:
    """Act for the sender: their right was decided when the upload began."""
    return replace(SYSTEM, id=upload.created_by, label="the sender", instrument_id=upload.instrument_id)


def held_already(twin: Dataset) -> DuplicateContent:
    """Refuse bytes that the project holds under other words."""
    words = "The project holds these bytes with another file name or other attributes: use that dataset."
    return DuplicateContent(words, dataset_id=twin.id)


def says_the_same(upload: Upload, dataset: Dataset) -> bool:
    """Say whether an upload calls its bytes what the dataset that holds them is called."""
    return (upload.filename, upload.attributes) == (dataset.filename, dataset.attributes)


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
