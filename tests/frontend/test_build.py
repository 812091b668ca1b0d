"""What browsers are given is what the sources say."""

import filecmp
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from app.portal import statics
from tests.servers import need

FRONTEND = Path(__file__).parents[2] / "frontend"
LOCK = json.loads((FRONTEND / "package-lock.json").read_text())


def differences(comparison: filecmp.dircmp[str]) -> list[str]:
    found = [*comparison.left_only, *comparison.right_only, *comparison.diff_files]
    return found + [name for part in comparison.subdirs.values() for name in differences(part)]


def test_the_committed_files_are_those_the_sources_build_to(tmp_path: Path):
    need("node", None if shutil.which("node") and shutil.which("npm") else "needs Node and npm")
    workshop = shutil.copytree(FRONTEND, tmp_path / "frontend", ignore=shutil.ignore_patterns("node_modules"))
    quiet = {**os.environ, "npm_config_cache": str(tmp_path / "cache"), "npm_config_update_notifier": "false"}
    subprocess.run(["npm", "ci", "--silent"], cwd=workshop, env=quiet, check=True, timeout=300)
    subprocess.run(["node", "build.mjs", str(tmp_path / "static")], cwd=workshop, check=True, timeout=120)
    assert differences(filecmp.dircmp(tmp_path / "static", statics.FOLDER)) == [], "run `make assets` and commit"


@pytest.mark.parametrize("name", sorted(name for name in LOCK["packages"] if name))
def test_the_lock_file_pins_by_digest_and_names_no_address(name: str):
    about = LOCK["packages"][name]
    assert "resolved" not in about
    assert about["integrity"].startswith("sha512-")
