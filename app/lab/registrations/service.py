"""Files on the facility's storage that become datasets where they lie; nobody commits here."""

from collections.abc import Sequence

from app.errors import Conflict, Invalid, NotFound
from app.infra.clock import now
from app.infra.db.models import Upload
from app.infra.ids import new_id
from app.infra.storage.groups import Member
from app.infra.storage.places import Places, Root, Stamp
from app.lab.access import SYSTEM, Action, Actor, require
from app.lab.audit.service import AuditLog
from app.lab.datasets.service import DatasetService
from app.lab.instruments.service import InstrumentService
from app.lab.projects.service import ProjectService
from app.lab.registrations.finding import Found
from app.lab.registrations.repository import RegistrationRepository
from app.lab.registrations.schemas import NewRegistration
from app.lab.schemas import clean_name
from app.lab.uploads.refusals import TooManyUploads
from app.lab.uploads.schemas import NewUpload
from app.lab.uploads.service import UploadService, held_already, says_the_same
from app.settings import Settings

WAITING_AT_ONCE = 1000


class NotRegistered(Conflict):
    """A file could not be registered: it went away or was written to while it was hashed."""

    code, title = "not-registered", "The file could not be registered"


class RegistrationService:
    """
    Takes files without taking their bytes.

    A registration is an upload without a transfer: it begins complete, a worker hashes the file where it lies, and the
    dataset reads it there. What is below a root can be read by all who may upload to a project the root serves.
    """

    def __init__(
        self,
        registrations: RegistrationRepository,
        uploads: UploadService,
        *,
        datasets: DatasetService,
        projects: ProjectService,
        instruments: InstrumentService,
        places: Places,
        audit: AuditLog,
        settings: Settings,
    ) -> None:
        self._registrations = registrations
        self._uploads = uploads
        self._datasets = datasets
        self._projects = projects
        self._instruments = instruments
        self._places = places
        self._audit = audit
        self._settings = settings

    def roots(self, actor: Actor, project_id: str) -> list[str]:
        """Return the names of the roots whose files may be registered in a project."""
        require(actor, Action.UPLOAD, project_id)
        code = self._projects.get(SYSTEM, project_id).code
        return sorted(name for name, root in self._settings.roots_in_place.items() if root.serves(code))

    def root(self, actor: Actor, new: NewRegistration) -> Root:
        """Return the root a file is said to lie below, if the project may use it."""
        found = self._places.root(new.root) if new.root in self.roots(actor, new.project_id) else None
        if found is None:
            raise Invalid.field("/body/root", "This project has no such root: see GET /registration-roots.")
        return found

    def register(self, actor: Actor, new: NewRegistration, found: Found) -> tuple[Upload, bool]:
        """
        Take a file that was found (`find`) and have it hashed.

        Returns
        -------
        upload : Upload
            The registration; the same one again while it is not over, and as long as the file was not written since.
        is_new : bool
            Whether it was made now.
        """
        self.root(actor, new)
        told = self._told(new, found)
        if found.members and "companion_of" in new.attributes:
            words = "Several files belong to no other dataset: register the companion alone."
            raise Invalid.field("/body/attributes/companion_of", words)
        self._uploads.check_links(actor, told)
        where = {"root": new.root, "path": found.path}
        known = self._registrations.open(new.project_id, new.sample_id, **where, names=found.names)
        known = known or self._registrations.standing(new.project_id, new.sample_id, **where, found=found)
        if known is not None and known.attributes == new.attributes and known.created_by == actor.id:
            return known, False
        self._check_waiting(actor)
        upload = Upload(
            **told.model_dump(),
            **where,
            id=new_id("upl"),
            instrument_id=self._instrument(actor, new.instrument_id),
            created_by=actor.id,
            state="verifying",
            offset_bytes=0,
            members=found.names,
            created_at=now(),
            expires_at=now(),
        )
        self._registrations.add(upload)
        self._audit.record(actor, "upload.register", upload.id, project_id=upload.project_id, root=new.root)
        return upload, True

    def _told(self, new: NewRegistration, found: Found) -> NewUpload:
        try:
            name = clean_name(found.title)
        except ValueError as error:
            raise Invalid.field("/body/path", f"The file's name: {error}.") from None
        return NewUpload(
            project_id=new.project_id,
            sample_id=new.sample_id,
            filename=name,
            size_bytes=found.stamp.size_bytes,
            declared_sha256=new.sha256,
            attributes=new.attributes,
        )

    def _check_waiting(self, actor: Actor) -> None:
        if self._registrations.unfinished(actor.id) >= WAITING_AT_ONCE:
            raise TooManyUploads(
                f"{WAITING_AT_ONCE} registered files wait to be hashed: register more when some are done.",
                headers={"Retry-After": "30"},
            )

    def _instrument(self, actor: Actor, instrument_id: str | None) -> str | None:
        if instrument_id is None:
            return actor.instrument_id
        try:
            return self._instruments.get(actor, instrument_id).id
        except NotFound:
            raise Invalid.field("/body/instrument_id", "No such instrument.") from None

    def waiting(self, limit: int) -> list[str]:
        """Return the registrations that wait to be hashed."""
        return self._registrations.waiting(limit)

    def names(self, upload_id: str) -> list[str] | None:
        """Return the names of the files of a group that is registered; None for a single file."""
        return self._registrations.names(upload_id)

    def publish(self, upload_id: str, token: str, *, sha256: str, stamp: Stamp, members: Sequence[Member] = ()) -> None:
        """
        Make a file that was hashed a dataset that reads it where it lies, with its ingest job.

        Bytes the project has for this sample already give the dataset that has them. Where that one reads a file that
        is gone or changed, it reads this one from now on.

        Parameters
        ----------
        upload_id, token : str
            The registration and its lease; when that is no longer held nothing happens.
        sha256 : str
            Of the bytes.
        stamp : Stamp
            How the file stood before and after they were read; of a group how its archive did.
        members : sequence of Member
            The files of a group.
        """
        upload = self._registrations.lock(upload_id)
        if upload is None or upload.state != "verifying" or upload.lease_token != token:
            return
        self._uploads.found(upload, sha256)
        if upload.state != "verifying":
            return
        upload.offset_bytes = upload.size_bytes = stamp.size_bytes
        self._datasets.know_blob(sha256, stamp.size_bytes)
        twin = self._datasets.twin(upload.project_id, upload.sample_id, sha256)
        if twin is None:
            twin = self._uploads.receive(upload)
            self._datasets.put_in_place(twin, upload, stamp, members)
        elif self._datasets.is_away(twin):
            self._datasets.put_in_place(twin, upload, stamp, members)
            if twin.state == "rejected":
                self._uploads.read_again(upload, twin)
        elif not says_the_same(upload, twin):
            self._uploads.fail(upload, held_already(twin))
            return
        self._uploads.conclude(upload, twin)
