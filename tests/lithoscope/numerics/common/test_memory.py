"""What does not fit is refused before it is allocated, and what fits is not."""

import resource
import subprocess
import sys

import pytest

from lithoscope.numerics.common.errors import NeedsTooMuchMemory
from lithoscope.numerics.common.memory import MIB, memory_limit_bytes, refuse_too_large

BOUND = 512 * MIB


def test_more_than_the_bound_is_refused_with_a_remedy_and_no_less():
    refuse_too_large(0.7 * BOUND, what="it", remedy="bin it", limit_bytes=BOUND)
    with pytest.raises(NeedsTooMuchMemory, match=r"it needs about 461 MiB.*may take 410 MiB: bin it") as refused:
        refuse_too_large(0.9 * BOUND, what="it", remedy="bin it", limit_bytes=BOUND)
    assert refused.value.code == "needs-too-much-memory"


def test_the_bound_is_at_most_what_the_machine_has():
    limit = memory_limit_bytes()
    assert limit is not None
    assert limit > MIB


def test_a_process_plans_with_the_limit_of_its_resident_set():
    said = subprocess.run(
        [sys.executable, "-c", "from lithoscope.numerics.common.memory import memory_limit_bytes as m; print(m())"],
        check=True,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_RSS, (BOUND, BOUND)),
    ).stdout
    assert int(said) == BOUND
