"""Pieces of a file: hashed once, however often the transfer is interrupted."""

import hashlib
from io import BufferedReader
from pathlib import Path

from lithoscope.client.pieces import Hashed, pieces_of

PIECE = 100


class Counted:
    """A file that keeps where it was read."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self.places: list[int] = []

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def read(self, length: int) -> bytes:
        self.places.append(self._file.tell())
        return self._file.read(length)


def test_a_transfer_that_pauses_after_each_piece_reads_every_byte_once(tmp_path: Path) -> None:
    content = bytes(range(250)) * 4
    path = tmp_path / "series.dm4"
    path.write_bytes(content)
    hashed, digest = Hashed(), None
    with path.open("rb") as opened:
        file = Counted(opened)
        for offset in range(0, len(content), PIECE):
            with pieces_of(file, len(content), piece_bytes=PIECE, is_ahead=False, hashed=hashed) as pieces:  # type: ignore[arg-type]
                digest = pieces.at(offset).whole
    assert digest == hashlib.sha256(content).hexdigest()
    assert file.places == list(range(0, len(content), PIECE))


def test_what_a_process_before_sent_is_read_for_the_digest_of_the_whole(tmp_path: Path) -> None:
    content = bytes(range(250))
    path = tmp_path / "series.dm4"
    path.write_bytes(content)
    with path.open("rb") as file, pieces_of(file, len(content), piece_bytes=PIECE) as pieces:
        assert pieces.at(200).whole == pieces.digest() == hashlib.sha256(content).hexdigest()
