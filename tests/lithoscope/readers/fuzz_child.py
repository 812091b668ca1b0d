"""Flips bytes of a file, reads it again and again, and says what came out that is no refusal. A process of its own."""

import json
import random
import resource
import sys
import warnings
from pathlib import Path

from lithoscope.errors import ReaderError
from lithoscope.readers import read

_ADDRESS_SPACE = 4 << 30
_HEADER_BYTES = 2048
_FLIPS = 8


def main(source: Path, folder: Path, rounds: int) -> None:
    """Print a JSON list of the names of errors other than refusals, and how many readings were refused."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    warnings.simplefilter("ignore")
    rng = random.Random(source.name)
    original = source.read_bytes()
    target = folder / source.name
    escaped, refused = [], 0
    for number in range(rounds):
        flipped = bytearray(original)
        end = _HEADER_BYTES if number % 2 else len(flipped)
        for _ in range(rng.randint(1, _FLIPS)):
            flipped[rng.randrange(min(end, len(flipped)))] = rng.randrange(256)
        target.write_bytes(flipped)
        try:
            read(target)
        except ReaderError:
            refused += 1
        except MemoryError:
            refused += 1  # the confined process's limit: its supervisor gives it a name
        except Exception as error:
            escaped.append(f"round {number}: {type(error).__name__}: {error}")
    print(json.dumps({"escaped": escaped, "refused": refused}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
