"""Any order of pieces, cuts, wrong offsets, bad checksums and deaths ends in the sender's bytes or in none."""

import hashlib
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.errors import LabError
from app.infra.db.models import Dataset, Upload
from app.infra.storage import blob_key
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.uploads import leases, staging
from app.lab.uploads.refusals import ChecksumMismatch, TooLarge, WrongOffset
from app.lab.uploads.schemas import NewUpload
from app.lab.uploads.sweeping import sweep
from app.lab.uploads.transfer import Transfer, conclude
from tests.app.uploads.uploading import sha256

SIZES = st.integers(1, 400)


class OneUpload(RuleBasedStateMachine):
    """One sender, one file; `offset` is what the model knows to be acknowledged."""

    outside: SimpleNamespace

    def __init__(self):
        super().__init__()
        self.house, self.actor, self.project = self.outside.house, self.outside.actor, self.outside.project
        self.outside.count += 1
        self.content = hashlib.shake_128(str(self.outside.count).encode()).digest(1000)
        new = NewUpload(
            project_id=self.project,
            sample_id=None,
            filename=f"{self.outside.count}.dm3",
            size_bytes=len(self.content),
            declared_sha256=sha256(self.content),
            attributes={},
        )
        with self.house.database.writing() as session:
            self.id = Lab(self.house, session).uploads.begin(self.actor, new).id
        self.offset = 0

    @property
    def is_open(self):
        return self.offset < len(self.content)

    def open(self, offset=None, checksum=None):
        return Transfer.of_patch(
            self.house,
            self.actor,
            self.id,
            offset=self.offset if offset is None else offset,
            length=None,
            checksum=checksum,
        )

    def end(self, transfer):
        stand = transfer.complete()
        self.offset = stand.upload.offset_bytes
        if stand.is_complete:
            conclude(self.house, stand)

    @precondition(lambda self: self.is_open)
    @rule(size=SIZES, checked=st.booleans())
    def send_a_piece(self, size, checked):
        piece = self.content[self.offset : self.offset + size]
        transfer = self.open(checksum=sha256(piece) if checked else None)
        transfer.take(piece)
        self.end(transfer)

    @precondition(lambda self: self.is_open)
    @rule(size=SIZES)
    def send_a_spoilt_piece(self, size):
        piece = self.content[self.offset : self.offset + size]
        transfer = self.open(checksum=sha256(b"another"))
        transfer.take(piece)
        with pytest.raises(ChecksumMismatch):
            transfer.complete()
        transfer.drop()

    @precondition(lambda self: self.is_open)
    @rule(size=SIZES)
    def be_cut(self, size):
        piece = self.content[self.offset : self.offset + size]
        transfer = self.open()
        transfer.take(piece)
        transfer.keep()
        self.offset += len(piece)

    @precondition(lambda self: self.is_open)
    @rule(size=SIZES)
    def die_in_mid_piece(self, size):
        transfer = self.open()
        transfer.take(self.content[self.offset : self.offset + size])
        transfer._file.close()
        leases.drop(transfer._token)
        staging.hashes.forget(self.id)

    @precondition(lambda self: self.is_open)
    @rule(offset=st.integers(0, 1200))
    def send_from_a_wrong_offset(self, offset):
        if offset == self.offset:
            return
        with pytest.raises(WrongOffset) as caught:
            self.open(offset)
        assert caught.value.headers["Upload-Offset"] == str(self.offset)

    @precondition(lambda self: self.is_open)
    @rule()
    def send_too_much(self):
        transfer = self.open()
        with pytest.raises(TooLarge):
            transfer.take(bytes(len(self.content) - self.offset + 1))
        transfer.drop()

    @precondition(lambda self: not self.is_open)
    @rule()
    def send_after_the_end(self):
        with pytest.raises(LabError):
            self.open()

    @rule()
    def forget_the_hash(self):
        staging.hashes.forget(self.id)

    @rule()
    def sweep(self):
        sweep(self.house)

    @invariant()
    def the_row_says_what_was_acknowledged(self):
        with self.house.database.reading() as session:
            upload = session.get_one(Upload, self.id)
            datasets = session.query(Dataset).filter(Dataset.upload_id == self.id).all()
        assert upload.offset_bytes == self.offset
        if self.is_open:
            assert (upload.state, datasets) == ("receiving", [])
        else:
            assert (upload.state, [dataset.sha256 for dataset in datasets]) == ("verified", [sha256(self.content)])
            assert self.house.store.read(blob_key(sha256(self.content))) == self.content


def test_any_course_of_an_upload_ends_in_its_bytes_or_in_none(house, project):
    actor = Actor(id="usr_model", kind="person", label="model", roles={project.id: "contributor"})
    changed = house.settings.model_copy(update={"uploads_per_credential": 10_000})
    outside = SimpleNamespace(house=type(house)(changed), actor=actor, project=project.id, count=0)
    machine = type("Machine", (OneUpload,), {"outside": outside})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
