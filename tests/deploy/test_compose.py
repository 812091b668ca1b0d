"""The compose file is what the documentation says: valid, complete, without a secret in it."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_compose_file_follows_the_compose_specification(compose: dict[str, Any]):
    schema = json.loads((ROOT / "tests/data/compose_spec.json").read_text())
    jsonschema.Draft7Validator(schema).validate(compose)


def test_every_queue_class_but_gpu_has_a_worker(compose: dict[str, Any]):
    commands = [service.get("command", []) for service in compose["services"].values()]
    queues = {command[command.index("--queues") + 1] for command in commands if "--queues" in command}
    assert queues == {"io", "cpu-short", "cpu-long"}


def test_redis_keeps_an_append_only_file_and_never_evicts(compose: dict[str, Any]):
    command = " ".join(compose["services"]["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_no_password_stands_in_the_file(compose: dict[str, Any]):
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name:
                assert value.startswith("${"), name


def test_every_setting_of_the_compose_file_is_a_setting_of_the_service(compose: dict[str, Any]):
    from app.settings import Settings

    names = {f"LITHOSCOPE_{name.upper()}" for name in Settings.model_fields}
    given = {name for name in compose["x-service"]["environment"] if name.startswith("LITHOSCOPE_")}
    assert given <= names


def test_the_image_runs_as_its_own_user_and_reports_its_health():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "\nUSER lithoscope\n" in dockerfile
    assert "\nHEALTHCHECK " in dockerfile
    assert dockerfile.count("\nFROM ") == 2


def test_nginx_may_read_the_files_that_the_service_names_to_it(compose: dict[str, Any]):
    """They are readable by their owner only, so both run as one user."""
    match = re.search(r"useradd .*--uid (\d+)", (ROOT / "Dockerfile").read_text())
    assert match is not None
    assert compose["services"]["nginx"]["user"].partition(":")[0] == match[1]
