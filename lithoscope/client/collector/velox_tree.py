"""
The JSON headers of a Velox file, found by its own trees and read by seeks, however long the file is.

Velox writes HDF5's first format: groups by symbol tables, arrays in unpacked chunks. That, and groups of compact links,
is understood; anything else is left to the service. So many reads, bytes and entries of trees, and no more, are spent
on a file, wherever its trees lead: one that lies may lead in circles.

References
----------
HDF5 File Format Specification Version 3.0: "Version 1 B-trees", "Group Symbol Table Nodes", "Local Heaps", "Version 1
Data Object Header Prefix", "Link Message", "Data Layout Message".
"""

import struct
from collections.abc import Iterator
from io import BufferedReader

MOST_READS, MOST_BYTES, MOST_DEPTH = 20_000, 1 << 20, 8
MOST_BYTES_IN_ALL, MOST_ENTRIES, LONGEST_NAME = 64 << 20, 200_000, 1024
#: Frames of a stack whose headers are read, its first and last among them.
MOST_FRAMES = 16
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_UNDEFINED = 2**64 - 1
_DATASPACE, _LINK_INFO, _DATATYPE, _LINK, _LAYOUT, _FILTERS, _CONTINUED, _SYMBOLS = 1, 2, 3, 6, 8, 11, 16, 17
_CONTIGUOUS, _CHUNKED = 1, 2
_GROUP_TREE, _CHUNK_TREE = 0, 1


class NotUnderstood(Exception):
    """The file is damaged, or lies in another way than Velox writes."""


def headers(file: BufferedReader) -> Iterator[bytes]:
    """
    Yield the header beside each image, spectrum and stream; of a stack, those of some frames.

    Raises
    ------
    NotUnderstood
        The file is damaged, or lies in another way than Velox writes.
    struct.error
        It ends too early.
    """
    tree = _Tree(file)
    data = tree.children(tree.root).get("Data")
    if data is None:
        raise NotUnderstood("no group Data")
    for kind in tree.children(data).values():
        for group in tree.children(kind).values():
            if metadata := tree.children(group).get("Metadata"):
                yield from tree.columns(metadata)


class _Tree:
    """A file's groups and small arrays by their addresses."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self._left, self._bytes_left, self._entries_left = MOST_READS, MOST_BYTES_IN_ALL, MOST_ENTRIES
        head = self._at(0, 80)
        version, width, length = head[8], head[13], head[14]
        if not head.startswith(_SIGNATURE) or version not in {0, 1} or (width, length) != (8, 8):
            raise NotUnderstood("another version of HDF5")
        (self.root,) = struct.unpack_from("<Q", head, 64 + 4 * version)

    def _at(self, offset: int, length: int) -> bytes:
        self._left, self._bytes_left = self._left - 1, self._bytes_left - length
        if self._left < 0 or length > MOST_BYTES or self._bytes_left < 0 or offset >= 2**63:
            raise NotUnderstood("too much to read")
        self._file.seek(offset)
        content = self._file.read(length)
        if len(content) < length:
            raise struct.error("the file ends too early")
        return content

    def _count(self, entries: int) -> None:
        self._entries_left -= entries
        if self._entries_left < 0:
            raise NotUnderstood("too many entries")

    def _messages(self, address: int) -> Iterator[tuple[int, bytes]]:
        """Yield the messages of an object's header: kind and content."""
        version, count, size = struct.unpack("<BxHxxxxI", self._at(address, 12))
        if version != 1:
            raise NotUnderstood("another version of object headers")
        blocks = [(address + 16, size)]
        while blocks:
            start, length = blocks.pop(0)
            block, at = self._at(start, length), 0
            while at + 8 <= length and count > 0:
                kind, size = struct.unpack_from("<HH", block, at)
                content = block[at + 8 : at + 8 + size]
                at, count = at + 8 + size, count - 1
                if kind == _CONTINUED:
                    blocks.append(struct.unpack_from("<QQ", content))
                else:
                    yield kind, content

    def children(self, address: int) -> dict[str, int]:
        """Return the addresses of what a group holds; nothing for an array."""
        found: dict[str, int] = {}
        for kind, content in self._messages(address):
            if kind == _SYMBOLS:
                tree, heap = struct.unpack_from("<QQ", content)
                found.update(self._symbols(tree, heap))
            elif kind == _LINK:
                found.update([_link(content)])
            elif kind == _LINK_INFO and _heap_of(content) != _UNDEFINED:
                raise NotUnderstood("a group of many links")
        return found

    def _symbols(self, tree: int, heap: int) -> Iterator[tuple[str, int]]:
        mark, size, data = struct.unpack("<4s4xQ8xQ", self._at(heap, 32))
        if mark != b"HEAP":
            raise NotUnderstood("no heap of names")
        names = self._at(data, size)
        for _, node in self._leaves(tree, _GROUP_TREE, key_bytes=8):
            mark, count = struct.unpack("<4sxxH", self._at(node, 8))
            if mark != b"SNOD":
                raise NotUnderstood("no symbol table")
            self._count(count)
            for name, address in struct.iter_unpack("<QQ24x", self._at(node + 8, 40 * count)):
                text, end, _ = names[name : name + LONGEST_NAME].partition(b"\0")
                if not end:
                    raise NotUnderstood("a name without an end")
                yield text.decode("utf-8", "replace"), address

    def _leaves(self, address: int, kind: int, *, key_bytes: int, depth: int = 0) -> Iterator[tuple[bytes, int]]:
        """Yield what the leaves of a tree lead to, each with the key before it."""
        mark, found, level, count = struct.unpack("<4sBBH16x", self._at(address, 24))
        if mark != b"TREE" or found != kind or depth > MOST_DEPTH:
            raise NotUnderstood("no tree")
        self._count(count)
        for key, child in struct.iter_unpack(f"<{key_bytes}sQ", self._at(address + 24, (key_bytes + 8) * count)):
            if level:
                yield from self._leaves(child, kind, key_bytes=key_bytes, depth=depth + 1)
            else:
                yield key, child

    def columns(self, address: int) -> Iterator[bytes]:
        """Yield columns of an array of bytes: the header of a frame each."""
        about = dict(self._messages(address))
        if _FILTERS in about or not {_DATASPACE, _DATATYPE, _LAYOUT} <= about.keys():
            raise NotUnderstood("a packed header")
        version, rank = about[_DATASPACE][0], about[_DATASPACE][1]
        lengths = struct.unpack_from(f"<{rank}Q", about[_DATASPACE], 8 if version == 1 else 4)
        (itemsize,) = struct.unpack_from("<I", about[_DATATYPE], 4)
        if rank != 2 or itemsize != 1 or about[_LAYOUT][0] != 3:
            raise NotUnderstood("a header that is no text")
        if about[_LAYOUT][1] == _CONTIGUOUS:
            (start,) = struct.unpack_from("<Q", about[_LAYOUT], 2)
            block = self._at(start, lengths[0] * lengths[1])
            yield from (block[column :: lengths[1]] for column in _chosen(lengths[1]))
        elif about[_LAYOUT][1] == _CHUNKED:
            yield from self._chunked(about[_LAYOUT], lengths)
        else:
            raise NotUnderstood("a header within a header")

    def _chunked(self, layout: bytes, lengths: tuple[int, ...]) -> Iterator[bytes]:
        (tree,) = struct.unpack_from("<Q", layout, 3)
        rows, columns = struct.unpack_from("<2I", layout, 11)
        if columns != 1 or tree == _UNDEFINED:
            raise NotUnderstood("frames that share a chunk")
        chosen: dict[int, list[tuple[int, int]]] = {column: [] for column in _chosen(lengths[1])}
        for key, address in self._leaves(tree, _CHUNK_TREE, key_bytes=32):
            row, column = struct.unpack_from("<2Q", key, 8)
            if column in chosen:
                chosen[column].append((row, address))
        for parts in chosen.values():
            yield b"".join(self._at(address, rows) for _, address in sorted(parts))


def _chosen(count: int) -> list[int]:
    """Choose frames, evenly from the first to the last."""
    if count <= MOST_FRAMES:
        return list(range(count))
    return sorted({round(step * (count - 1) / (MOST_FRAMES - 1)) for step in range(MOST_FRAMES)})


def _heap_of(link_info: bytes) -> int:
    """Return where the links of a group lie that are too many for its header."""
    start = 10 if link_info[1] & 1 else 2
    return int(struct.unpack_from("<Q", link_info, start)[0])


def _link(content: bytes) -> tuple[str, int]:
    """Read a link by its message; one to another file or path leads nowhere."""
    flags = content[1]
    at = 2
    is_hard = True
    if flags & 8:
        is_hard, at = content[at] == 0, at + 1
    at += (8 if flags & 4 else 0) + (1 if flags & 16 else 0)
    width = 1 << (flags & 3)
    length = int.from_bytes(content[at : at + width], "little")
    name = content[at + width : at + width + length].decode("utf-8", "replace")
    if not is_hard:
        raise NotUnderstood("a link to elsewhere")
    return name, int(struct.unpack_from("<Q", content, at + width + length)[0])
