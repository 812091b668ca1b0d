"""A reader taken over by the file it reads: what is left to it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workers import confined
from workers import landlock
from workers.folders import lend

ALLOWED = {"read what was lent", "write its output", "make a temporary file"}


@pytest.fixture
def answer(tmp_path: Path) -> dict[str, Any]:
    other, folder = tmp_path / "store/blob", tmp_path / "job"
    other.parent.mkdir()
    folder.mkdir()
    other.write_bytes(b"evidence")
    lend(other, folder / "input", "data")
    command = [sys.executable, "-m", confined.__name__, str(folder), str(other)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert ran.returncode == 0, ran.stderr + (folder / "log.txt").read_text()
    assert other.read_bytes() == b"evidence"
    return dict(json.loads(ran.stdout))


@pytest.mark.skipif(landlock.version() < 3, reason="this kernel has no Landlock that knows of truncation")
def test_it_reads_its_file_writes_its_own_folder_and_nothing_else(answer: dict[str, Any]):
    assert answer["isolation"]["files"] == "own"
    done = {name for name, worked in answer["done"].items() if worked}
    if landlock.version() < 6:  # signals are kept in from version 6 on
        done.discard("signal its parent")
    assert done == ALLOWED


PLANS = """
import os, sys
from pathlib import Path
from workers.confinement import Limits, confine
answer = os.dup(1)
confine(Path(sys.argv[1]), Limits(cpu_s=10, file_bytes=1 << 20, resident_bytes=512 << 20))
from lithoscope.numerics.common.memory import memory_limit_bytes
os.write(answer, str(memory_limit_bytes()).encode())
"""


def test_an_analysis_knows_at_which_memory_it_would_be_ended(tmp_path: Path):
    command = [sys.executable, "-c", PLANS, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert ran.stdout == str(512 << 20), ran.stderr
