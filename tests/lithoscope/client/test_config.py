"""Address and token: an argument, else the environment, else what login wrote."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring
from keyring.errors import KeyringLocked

from lithoscope.client import NotSignedIn
from lithoscope.client.config import Access, config_path, find_access, keep_access, save_access


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


@pytest.fixture
def drawer() -> Iterator[dict[tuple[str, str], str]]:
    """Give this process a keyring of its own; what lies in it."""
    secrets: dict[tuple[str, str], str] = {}

    class Drawer(KeyringBackend):
        """Keeps secrets until the test ends."""

        priority = 1
        name = "a drawer"

        def get_password(self, service, username):
            return secrets.get((service, username))

        def set_password(self, service, username, password):
            if password == "too secret":
                raise KeyringLocked
            secrets[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(Drawer())
    yield secrets
    keyring.set_keyring(before)


def test_a_token_is_kept_in_the_keyring_and_not_in_the_file_where_there_is_one(drawer):
    words = keep_access(Access("http://mine", "secret"))
    assert words.startswith("a drawer (keyring)")
    assert drawer == {("lithoscope", "http://mine"): "secret"}
    assert "secret" not in config_path().read_text()
    assert find_access() == Access("http://mine", "secret")
    assert find_access("http://theirs").token == ""


def test_a_keyring_that_refuses_leaves_the_token_to_the_file(drawer):
    assert keep_access(Access("http://mine", "too secret")) == str(config_path())
    assert drawer == {}
    assert find_access().token == "too secret"


def test_without_a_keyring_the_token_is_kept_in_the_file(drawer):
    keyring.set_keyring(Keyring())
    assert keep_access(Access("http://mine", "secret")) == str(config_path())
    assert find_access() == Access("http://mine", "secret")


def test_without_any_address_the_remedy_is_named():
    with pytest.raises(NotSignedIn, match="lithoscope login"):
        find_access()


def test_importing_the_client_brings_neither_numpy_nor_the_service():
    program = "import lithoscope.client, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "h5py", "xarray", "zarr", "fastapi", "sqlalchemy", "app", "typer", "keyring"}


def test_the_library_offers_its_client_by_name():
    import lithoscope

    assert lithoscope.Client.__module__ == "lithoscope.client.client"
    with pytest.raises(AttributeError, match="nothing"):
        _ = lithoscope.nothing
