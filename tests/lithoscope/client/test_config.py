"""Address and token: an argument, else the environment, else what login wrote."""

import os
import stat
import subprocess
import sys

import pytest

from lithoscope.client import NotSignedIn
from lithoscope.client.config import Access, config_path, find_access, save_access


def test_an_argument_goes_before_the_environment_and_the_environment_before_the_file(monkeypatch):
    save_access(Access("http://file", "token-of-file"))
    assert find_access() == Access("http://file", "token-of-file")
    monkeypatch.setenv("LITHOSCOPE_URL", "http://environment/")
    monkeypatch.setenv("LITHOSCOPE_TOKEN", "token-of-environment")
    assert find_access() == Access("http://environment", "token-of-environment")
    assert find_access("http://argument", "t") == Access("http://argument", "t")


def test_a_stored_token_is_never_sent_to_another_service():
    save_access(Access("http://mine", "secret"))
    assert find_access("http://theirs").token == ""


def test_only_the_user_can_read_what_login_keeps():
    path = save_access(Access("http://mine", "secret"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path == config_path()


def test_without_any_address_the_remedy_is_named():
    with pytest.raises(NotSignedIn, match="lithoscope login"):
        find_access()


def test_importing_the_client_brings_neither_numpy_nor_the_service():
    program = "import lithoscope.client, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "h5py", "xarray", "zarr", "fastapi", "sqlalchemy", "app", "typer"}


def test_the_library_offers_its_client_by_name():
    import lithoscope

    assert lithoscope.Client.__module__ == "lithoscope.client.client"
    with pytest.raises(AttributeError, match="nothing"):
        _ = lithoscope.nothing
