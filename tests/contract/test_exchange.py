"""What we export, before judges that are not ours: `make peers` gives them an environment of their own."""

import io
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.exchange.facilities import Facility, Story, facility, go_wrong, tell, titrate
from tests.conftest import add_sample
from tests.servers import need

PEERS = Path(__file__).parents[2] / ".venv-peers" / "bin"


@pytest.fixture(scope="module", autouse=True)
def judges() -> None:
    """Skip without the judges."""
    need("peers", None if (PEERS / "rocrate-validator").exists() else "no .venv-peers: run make peers")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    """Give a facility."""
    with facility(tmp_path_factory.mktemp("here")) as found:
        yield found


@pytest.fixture(scope="module")
def story(here: Facility, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Give what happened in it."""
    told = tell(here, tmp_path_factory.mktemp("story"))
    go_wrong(here, told)
    titrate(here, [told.cell, told.electrode])
    return told


def judged(*words: str | Path) -> str:
    """Ask a judge."""
    command = [str(PEERS / "python"), str(Path(__file__).with_name("peers.py")), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("edition", "profile"), [("1.3", "ro-crate-1.3"), ("1.2", "ro-crate-1.2"), ("1.3", "process-run-crate")]
)
def test_a_crate_meets_what_its_profile_requires(here, story, tmp_path, edition, profile):
    with zipfile.ZipFile(io.BytesIO(here.export(story.cell.id, crate=edition))) as zipped:
        zipped.extractall(tmp_path / "crate")
    assert judged("crate", tmp_path / "crate", profile) == "sound"


def test_provenance_is_read_by_prov(here, story, tmp_path):
    (tmp_path / "prov.json").write_bytes(here.export(story.cell.id, format="prov"))
    assert judged("prov", tmp_path / "prov.json") == "sound"


@pytest.mark.parametrize(("kind", "definition"), [("lamella", "NXem"), ("tip", "NXapm")])
def test_custody_is_valid_by_its_application_definition(here, tmp_path, kind, definition):
    sample = add_sample(here.house, here.project, f"LS-{kind.upper()}", kind=kind)
    opened = {"type": "disassembly", "occurred_at": "2026-05-04T10:00:00Z", "atmosphere": "argon", "o2_ppm": 0.1}
    assert here.steward.post(f"/api/v1/samples/{sample.id}/events", json=opened).status_code == 201
    file = tmp_path / "custody.nxs"
    file.write_bytes(here.export(sample.id, format="nexus"))
    command = [str(PEERS / "pynx"), "validate", "--ignore-undocumented", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert f"is valid according to the `{definition}`" in done.stdout + done.stderr, done.stdout + done.stderr
