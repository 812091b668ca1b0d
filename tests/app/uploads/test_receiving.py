"""A body on its way to the disk: in blocks, one in flight, never too slow, never half kept."""

import asyncio
import hashlib

import pytest

from app.lab.uploads import receiving
from app.lab.uploads.receiving import Body, Cut, receive
from app.lab.uploads.refusals import SlowBody, TooLarge

MIB = 2**20


class Wire:
    """The ASGI channel of a client that sends these pieces; a number is a pause, None a broken connection."""

    def __init__(self, *pieces):
        self._pieces = list(pieces)
        self._until = None

    async def __call__(self):
        present = asyncio.get_running_loop().time()
        while self._pieces and isinstance(self._pieces[0], float):
            self._until = self._until or present + self._pieces[0]
            await asyncio.sleep(self._until - present)
            self._until = None
            self._pieces.pop(0)
        if not self._pieces:
            return {"type": "http.request", "body": b"", "more_body": False}
        piece = self._pieces.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": True}


class Recorder:
    """A transfer that remembers what was done to it."""

    def __init__(self, fails_at=None):
        self.taken = bytearray()
        self.blocks = []
        self.end = None
        self._fails_at = fails_at

    def take(self, block):
        if len(self.blocks) == self._fails_at:
            raise TooLarge("too much")
        self.blocks.append(len(block))
        self.taken += block

    def complete(self):
        self.end = "complete"
        return "stand"

    def keep(self):
        self.end = "keep"

    def drop(self):
        self.end = "drop"


def run(wire, transfer, **timing):
    async def go():
        return await receive(Body(wire, **({"pause_s": 5.0} | timing)), transfer)

    return asyncio.run(go())


def test_a_body_is_written_in_blocks_of_a_mebibyte_in_order():
    pieces = [bytes([number % 251]) * 65_536 for number in range(50)]
    transfer = Recorder()
    assert run(Wire(*pieces), transfer) == "stand"
    assert bytes(transfer.taken) == b"".join(pieces)
    assert max(transfer.blocks) == MIB
    assert transfer.end == "complete"


def test_a_broken_connection_keeps_what_arrived():
    transfer = Recorder()
    with pytest.raises(Cut):
        run(Wire(b"a" * MIB, b"b" * 1000, None), transfer)
    assert hashlib.sha256(transfer.taken).digest() == hashlib.sha256(b"a" * MIB + b"b" * 1000).digest()
    assert transfer.end == "keep"


def test_a_refusal_while_writing_drops_the_body():
    transfer = Recorder(fails_at=1)
    with pytest.raises(TooLarge):
        run(Wire(*[b"x" * MIB] * 5), transfer)
    assert transfer.end == "drop"


def test_a_body_that_hardly_moves_is_ended_and_kept():
    transfer = Recorder()
    with pytest.raises(SlowBody):
        run(Wire(b"abc", 1.0, b"d"), transfer, pause_s=0.02, window_s=0.1)
    assert transfer.taken == b"abc"
    assert transfer.end == "keep"


def test_a_steady_body_below_a_block_is_handed_on_at_intervals():
    """The lease of a slow but lively upload is renewed before a block is full."""
    transfer = Recorder()
    run(Wire(b"x" * 5000, 0.1, b"y" * 5000, 0.1, b"z" * 5000), transfer, pause_s=0.03, window_s=0.3)
    assert len(transfer.taken) == 15_000
    assert len(transfer.blocks) > 3


def test_the_limits_are_those_documented():
    assert (receiving.BLOCK_BYTES, receiving.LEAST_BYTES_PER_S, receiving.WINDOW_S) == (MIB, 10_000, 60.0)
