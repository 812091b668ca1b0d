"""A request's body, from the socket to the disk: gathered in blocks of 1 MiB with one block in flight."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from app.lab.uploads.refusals import SlowBody
from app.lab.uploads.transfer import Stand, Transfer

BLOCK_BYTES = 1024 * 1024
LEAST_BYTES_PER_S = 10_000
WINDOW_S = 60.0

T = TypeVar("T")
_writers = ThreadPoolExecutor(16, thread_name_prefix="upload")


async def on_a_thread(act: Callable[[], T]) -> T:
    """Run what blocks on the uploads' own threads; it is seen to its end even when the request is cancelled."""
    return await asyncio.shield(asyncio.get_running_loop().run_in_executor(_writers, act))


class Body:
    """
    The blocks of a request's body.

    Parameters
    ----------
    receive : Receive
        The request's ASGI channel.
    pause_s : float
        A block is handed on after this long even when it is not full, so that the lease is renewed.
    window_s : float
        Less than 10 kB/s over this window is too slow.
    """

    def __init__(self, receive: Receive, *, pause_s: float, window_s: float = WINDOW_S) -> None:
        self._receive = receive
        self._pause_s = min(pause_s, window_s)
        self._window_s = window_s
        self._window_began = asyncio.get_running_loop().time()
        self._window_bytes = 0
        self._is_over = False

    async def blocks(self) -> AsyncIterator[bytearray]:
        """Give the body block by block."""
        while not self._is_over:
            block = bytearray()
            try:
                async with asyncio.timeout(self._pause_s):
                    await self._gather(block)
            except TimeoutError:
                self._check_rate()
            yield block

    async def _gather(self, block: bytearray) -> None:
        while len(block) < BLOCK_BYTES and not self._is_over:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Cut(block)
            block += message.get("body", b"")
            self._window_bytes += len(message.get("body", b""))
            self._is_over = not message.get("more_body", False)

    def _check_rate(self) -> None:
        present = asyncio.get_running_loop().time()
        if present - self._window_began < self._window_s:
            return
        if self._window_bytes < LEAST_BYTES_PER_S * self._window_s:
            raise SlowBody
        self._window_began, self._window_bytes = present, 0


class Cut(ClientDisconnect):
    """The connection broke; ``rest`` arrived and was not handed on yet."""

    def __init__(self, rest: bytearray) -> None:
        super().__init__()
        self.rest = rest


async def receive(body: Body, transfer: Transfer) -> Stand:
    """
    Write a body to the disk while it arrives.

    Raises
    ------
    ClientDisconnect
        The connection broke; what arrived is kept.
    """
    try:
        await _pump(body, transfer)
    except (ClientDisconnect, SlowBody):
        await on_a_thread(transfer.keep)
        raise
    except BaseException:
        await on_a_thread(transfer.drop)
        raise
    try:
        return await on_a_thread(transfer.complete)
    except BaseException:
        await on_a_thread(transfer.drop)
        raise


async def _pump(body: Body, transfer: Transfer) -> None:
    writing: asyncio.Future[None] | None = None
    loop = asyncio.get_running_loop()
    try:
        async for block in body.blocks():
            if writing is not None:
                await writing
            writing = loop.run_in_executor(_writers, transfer.take, block)
    except Cut as cut:
        if writing is not None:
            await writing
        writing = loop.run_in_executor(_writers, transfer.take, cut.rest)
        await writing
        raise
    finally:
        if writing is not None and not writing.done():
            await asyncio.wait([writing])
    if writing is not None:
        await writing
