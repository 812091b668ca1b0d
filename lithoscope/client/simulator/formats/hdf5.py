"""HDF5 as far as a Velox file needs it: groups and unpacked arrays of whole numbers, without the HDF5 library."""

import struct
from dataclasses import dataclass

_UNDEFINED = 2**64 - 1
_SUPERBLOCK_BYTES = 96
_DATASPACE, _LINK_INFO, _DATATYPE, _LINK, _LAYOUT, _GROUP_INFO = 1, 2, 3, 6, 8, 10


@dataclass(frozen=True, slots=True)
class Numbers:
    """
    An array of unsigned whole numbers.

    Parameters
    ----------
    shape : tuple of int
        Lengths, slowest first.
    itemsize : int
        Bytes of one number.
    raw : bytes
        The numbers, little-endian.
    """

    shape: tuple[int, ...]
    itemsize: int
    raw: bytes


Tree = dict[str, "Tree | Numbers"]


def hdf5(tree: Tree) -> bytes:
    """
    Write groups (mappings) and arrays.

    References
    ----------
    HDF5 File Format Specification 3.0: superblock version 0, object headers version 1, groups of compact links.
    """
    body = bytearray(_SUPERBLOCK_BYTES)
    root = _put(body, tree)
    body[:_SUPERBLOCK_BYTES] = struct.pack(
        "<8s8BHHI4QQQII16x", b"\x89HDF\r\n\x1a\n", 0, 0, 0, 0, 0, 8, 8, 0, 4, 16, 0,
        0, _UNDEFINED, len(body), _UNDEFINED, 0, root, 0, 0,
    )  # fmt: skip
    return bytes(body)


def _put(body: bytearray, node: Tree | Numbers) -> int:
    """Append an object after those it leads to; return where its header stands."""
    if isinstance(node, Numbers):
        place = _append(body, node.raw)
        messages = _array_messages(node, place)
    else:
        links = [(name, _put(body, child)) for name, child in node.items()]
        messages = [
            (_LINK_INFO, struct.pack("<BBQQ", 0, 0, _UNDEFINED, _UNDEFINED)),
            (_GROUP_INFO, b"\0\0"),
            *((_LINK, _link(name, at)) for name, at in links),
        ]
    return _append(body, _header(messages))


def _append(body: bytearray, block: bytes) -> int:
    place = len(body)
    body += block + b"\0" * (-len(block) % 8)
    return place


def _array_messages(array: Numbers, place: int) -> list[tuple[int, bytes]]:
    rank = len(array.shape)
    return [
        (_DATASPACE, struct.pack(f"<BBB5x{rank}Q", 1, rank, 0, *array.shape)),
        (_DATATYPE, struct.pack("<B3BIHH", 0x10, 0, 0, 0, array.itemsize, 0, 8 * array.itemsize)),
        (_LAYOUT, struct.pack("<BBQQ", 3, 1, place, len(array.raw))),
    ]


def _link(name: str, address: int) -> bytes:
    encoded = name.encode("ascii")
    return struct.pack("<BBB", 1, 0, len(encoded)) + encoded + struct.pack("<Q", address)


def _header(messages: list[tuple[int, bytes]]) -> bytes:
    packed = b""
    for kind, content in messages:
        padded = content + b"\0" * (-len(content) % 8)
        packed += struct.pack("<HHB3x", kind, len(padded), 0) + padded
    return struct.pack("<BxHII4x", 1, len(messages), 1, len(packed)) + packed
