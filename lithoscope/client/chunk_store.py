"""A zarr store over the service's chunk addresses: read-only, with the caller's own rights."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype

from lithoscope.client.connection import Connection
from lithoscope.client.problems import ClientError, NotFound


class Immutable(ClientError):
    """What the service holds is never written in place."""

    def __init__(self) -> None:
        super().__init__("what the service holds is immutable: copy the array to change it")


class ChunkStore(Store):
    """
    The files of one OME-Zarr group.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address of the group, below ``/api/v1``.
    """

    supports_writes = False
    supports_deletes = False
    supports_listing = False

    def __init__(self, connection: Connection, path: str) -> None:
        super().__init__(read_only=True)
        self._connection = connection
        self._path = path

    def __eq__(self, other: object) -> bool:
        """Compare addresses."""
        return isinstance(other, ChunkStore) and (self._path, self._connection) == (other._path, other._connection)

    def __hash__(self) -> int:
        """Hash the address."""
        return hash(self._path)

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """Fetch a file or a part of it; None when there is none (an empty chunk)."""
        headers = {"Range": f"bytes={_range(byte_range)}"} if byte_range is not None else None
        try:
            answer = await asyncio.to_thread(self._connection.send, "GET", f"{self._path}/{key}", headers=headers)
        except NotFound:
            return None
        return prototype.buffer.from_bytes(answer.content)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Fetch several parts."""
        return list(await asyncio.gather(*(self.get(key, prototype, wanted) for key, wanted in key_ranges)))

    async def exists(self, key: str) -> bool:
        """Say whether there is such a file."""
        try:
            await asyncio.to_thread(self._connection.send, "HEAD", f"{self._path}/{key}")
        except NotFound:
            return False
        return True

    async def set(self, key: str, value: Buffer) -> None:  # noqa: ARG002 - zarr's signature
        """Refuse to write."""
        raise Immutable

    async def delete(self, key: str) -> None:  # noqa: ARG002 - zarr's signature
        """Refuse to delete."""
        raise Immutable

    def list(self) -> AsyncIterator[str]:
        """List nothing: the group's metadata names its arrays."""
        return _nothing()

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:  # noqa: ARG002 - zarr's signature
        """List nothing."""
        return _nothing()

    def list_dir(self, prefix: str) -> AsyncIterator[str]:  # noqa: ARG002 - zarr's signature
        """List nothing."""
        return _nothing()


async def _nothing() -> AsyncIterator[str]:
    nothing: tuple[str, ...] = ()
    for key in nothing:
        yield key


def _range(wanted: ByteRequest) -> str:
    if isinstance(wanted, RangeByteRequest):
        return f"{wanted.start}-{wanted.end - 1}"
    return f"{wanted.offset}-" if isinstance(wanted, OffsetByteRequest) else f"-{wanted.suffix}"
