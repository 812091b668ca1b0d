"""A zip that is sent while it is made: no file of it is ever whole in memory or on disk."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: no member carries the time of packing
_PLAIN_FILE = 0o100644 << 16
Member = tuple[str, Iterable[bytes]]


def zip_pieces(members: Iterable[Member]) -> Iterator[bytes]:
    """
    Pack members into a zip, piece by piece.

    Members are stored uncompressed, because what they hold already is compressed; times and modes are fixed, so the
    same members give the same bytes.

    Parameters
    ----------
    members : iterable of (str, iterable of bytes)
        Name within the zip, and content in pieces; both are asked for when their turn comes.

    Yields
    ------
    piece : bytes
        The next bytes of the zip. An error of a member passes through, and the zip stays without its end, which every
        reader notices.
    """
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for name, pieces in members:
            member = zipfile.ZipInfo(name, _EPOCH)
            member.external_attr = _PLAIN_FILE
            member.create_system = 3
            with archive.open(member, "w", force_zip64=True) as target:
                for piece in pieces:
                    target.write(piece)
                    yield from pipe.taken()
            yield from pipe.taken()
    yield from pipe.taken()


class _Pipe(io.RawIOBase):
    """Where `zipfile` writes to; it cannot go back, so sizes follow each member."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, given: Any) -> int:
        piece = bytes(given)
        self._waiting.append(piece)
        return len(piece)

    def taken(self) -> Sequence[bytes]:
        waiting, self._waiting = self._waiting, []
        return waiting
