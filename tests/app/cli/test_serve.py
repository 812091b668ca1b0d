"""The supervisor: one line when ready, nothing left behind at the end, whatever dies."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.live import LiveService


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    with LiveService(tmp_path_factory.mktemp("serve") / "data", workers=0) as service:
        yield service


@pytest.fixture
def service(shared: LiveService) -> LiveService:
    """Give the service of the module, started again where the test before ended it."""
    if shared.process is None or shared.process.poll() is not None:
        shared.lines.clear()
        shared.start()
    return shared


def family_of(service: LiveService) -> list[psutil.Process]:
    return service.process_info.children(recursive=True)


def api_of(service: LiveService) -> psutil.Process:
    return service.children("app.cli.api")[0]


def ends(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=20)[1]


def test_one_line_says_where_the_service_is_ready_and_how_its_first_administrator_signs_in(service):
    assert service.lines[0].startswith("Lithoscope is ready at http://127.0.0.1:")
    assert "/setup?code=" in service.lines[0]
    assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_sigterm_ends_the_service_and_every_process_it_started(service):
    family = family_of(service)
    assert family
    service.stop()
    assert service.process.returncode == 0
    assert ends(family)


def test_many_signals_at_once_end_it_as_well_as_one(service):
    family = family_of(service)
    for _ in range(50):
        service.process.send_signal(signal.SIGINT)
        time.sleep(0.001)
    assert service.process.wait(30) == 0
    assert ends(family)


def test_no_process_outlives_a_supervisor_that_was_killed(service):
    family = family_of(service)
    service.process.kill()
    assert ends(family)


def test_clients_of_a_killed_api_wait_for_the_next_one_and_are_never_refused(service):
    before = api_of(service).pid
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = httpx.get(f"{service.url}/healthz", timeout=30)
            break
        except httpx.RemoteProtocolError:  # the connection the dead process had already taken
            assert time.monotonic() < deadline
    assert answer.status_code == 200
    assert api_of(service).pid != before


def test_a_second_service_over_the_same_folder_is_refused_with_the_address_of_the_first(service):
    second = LiveService(service.folder, workers=0)
    with pytest.raises(RuntimeError, match=re.escape(service.url)):
        second.start()
    assert second.process.wait(30) == 78


def test_a_production_database_with_another_schema_is_not_migrated_by_whoever_starts_first(tmp_path):
    service = LiveService(tmp_path / "data", workers=0, queue="celery")
    with pytest.raises(RuntimeError, match="lithoscope admin migrate"):
        service.start()
    assert service.process.wait(30) == 78


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ({"lease_s": "minute"}, "LITHOSCOPE_LEASE_S: "),
        ({"roots_in_place": '{"em": {"path": "/mnt/em"}}'}, "LITHOSCOPE_ROOTS_IN_PLACE__EM__PROJECTS: "),
        ({"roots_in_place": '{"em": '}, '"roots_in_place".*write it as JSON'),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_its_value_is_not_told(tmp_path, setting, named):
    service = LiveService(tmp_path / "data", workers=0, **setting)
    with pytest.raises(RuntimeError, match=named):
        service.start()
    said = service.log.read_text()
    assert "Traceback" not in said
    assert not any(value in said for value in setting.values())


def test_neither_supervisor_nor_api_imports_what_only_workers_need():
    program = "import app.main, app.cli.api, sys; app.main.create_app; print(sorted(sys.modules))"
    names = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    for heavy in ("scipy", "skimage", "rsciio", "h5py"):
        assert f"'{heavy}'" not in names
    program = "import app.cli.supervision, sys; print(sorted(sys.modules))"
    names = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    for heavy in ("fastapi", "sqlalchemy", "numpy", "pydantic"):
        assert f"'{heavy}'" not in names
