"""What HDF5 files claim to hold, found by a process of its own: it reads JSON, PLACE and FILES, and writes JSON."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lithoscope.errors import ReaderError

REFUSED = 3
_LIMIT_S = 120


class Hdf5Refused(ValueError):
    """A file that leads out of itself, or claims what nobody should read; the words are the reader's."""

    def __init__(self, path: Path, words: str) -> None:
        super().__init__(words)
        self.path = path


def hdf5_claims(paths: Sequence[Path], place: str) -> dict[Path, tuple[int, ...]]:
    """
    Walk through files link by link, and return the shape of the array at a place in each; those without are left out.

    HDF5 stays out of this process, and so does whatever a damaged file does to its library.

    Raises
    ------
    Hdf5Refused
        For the first file that is not what our own writer could have made.
    """
    if not paths:
        return {}
    command = [sys.executable, "-m", "app.infra.hdf5_claims"]
    asked = json.dumps([place, *map(str, paths)]).encode()  # more names than a command line can hold
    try:
        done = subprocess.run(command, input=asked, capture_output=True, timeout=_LIMIT_S, check=False)  # noqa: S603 - our own module
    except subprocess.TimeoutExpired:
        raise Hdf5Refused(paths[0], f"looking into it takes longer than {_LIMIT_S} s") from None
    if done.returncode not in {0, REFUSED}:
        raise Hdf5Refused(paths[0], "it cannot be read as HDF5")
    found: list[Mapping[str, Any]] = json.loads(done.stdout)
    for path, told in zip(paths, found, strict=False):
        if "refused" in told:
            raise Hdf5Refused(path, str(told["refused"]))
    return {path: tuple(told["shape"]) for path, told in zip(paths, found, strict=True) if "shape" in told}


def _claims(path: Path, place: str) -> dict[str, Any]:
    from lithoscope.readers import inspect

    try:
        return next(({"shape": entry.shape} for entry in inspect(path).arrays if entry.name == place), {})
    except ReaderError as error:
        return {"refused": str(error)}


def main() -> int:
    """Print what each file claims, up to the first that is refused."""
    place, *names = json.load(sys.stdin)
    found: list[dict[str, Any]] = []
    for name in names:
        found.append(_claims(Path(name), place))
        if "refused" in found[-1]:
            break
    sys.stdout.write(json.dumps(found))
    return REFUSED if "refused" in found[-1] else 0


if __name__ == "__main__":
    sys.exit(main())
