"""Staging files: written and hashed in one pass, never beyond what is recorded."""

import hashlib
import os
import subprocess
import sys

import pytest

from app.lab.uploads import leases
from app.lab.uploads.staging import RunningHashes, ShortFile, StagingFile


def test_bytes_are_hashed_while_they_are_written(tmp_path):
    file = StagingFile(tmp_path / "upl", 0, hashlib.sha256())
    for block in (b"one", bytearray(b"two"), b""):
        file.write(block)
    file.sync()
    file.close()
    assert (tmp_path / "upl").read_bytes() == b"onetwo"
    assert file.digest.hexdigest() == hashlib.sha256(b"onetwo").hexdigest()


def test_opening_cuts_what_was_never_recorded(tmp_path):
    (tmp_path / "upl").write_bytes(b"recorded, lost")
    file = StagingFile(tmp_path / "upl", 8, None)
    file.write(b"!")
    file.close()
    assert (tmp_path / "upl").read_bytes() == b"recorded!"


def test_a_file_shorter_than_recorded_is_said(tmp_path):
    (tmp_path / "upl").write_bytes(b"abc")
    with pytest.raises(ShortFile) as caught:
        StagingFile(tmp_path / "upl", 10, None)
    assert caught.value.held == 3


def test_only_its_owner_reads_a_staging_file(tmp_path):
    StagingFile(tmp_path / "upl", 0, None).close()
    assert (tmp_path / "upl").stat().st_mode & 0o777 == 0o600


def test_hash_states_are_known_at_their_offset_only():
    hashes = RunningHashes(most=2)
    state = hashlib.sha256(b"abc")
    hashes.keep("upl_a", 3, state)
    state.update(b"later")
    assert hashes.at("upl_a", 3).hexdigest() == hashlib.sha256(b"abc").hexdigest()
    assert hashes.at("upl_a", 4) is None
    assert hashes.at("upl_b", 0).hexdigest() == hashlib.sha256().hexdigest()


def test_the_oldest_hash_states_make_way():
    hashes = RunningHashes(most=2)
    for name in ("a", "b", "c"):
        hashes.keep(name, 1, hashlib.sha256(b"x"))
    assert [hashes.at(name, 1) is not None for name in ("a", "b", "c")] == [False, True, True]


def test_a_lease_lives_as_long_as_its_holder():
    token = leases.take()
    assert not leases.is_dead(token)
    leases.drop(token)
    assert leases.is_dead(token)


def test_the_lease_of_a_process_that_is_gone_is_dead():
    child = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    assert leases.is_dead(f"{leases.NODE}.{int(child.stdout)}.abc")
    assert not leases.is_dead(f"{leases.NODE}.{os.getppid()}.abc")


def test_leases_of_other_hosts_are_judged_by_time_alone():
    assert not leases.is_dead("another-host.1.abc")
