"""Gzip without the time of writing in its header: equal arrays become equal bytes, and so have equal digests."""

import gzip
from typing import TYPE_CHECKING

from zarr.codecs import GzipCodec

if TYPE_CHECKING:
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer


class TimelessGzip(GzipCodec):
    """Zarr's gzip, with the modification time of its header (RFC 1952, MTIME) set to none."""

    def _encode_sync(self, chunk_bytes: "Buffer", chunk_spec: "ArraySpec") -> "Buffer":
        packed = gzip.compress(chunk_bytes.to_bytes(), self.level, mtime=0)
        return chunk_spec.prototype.buffer.from_bytes(packed)
