"""Zip archives that attack whoever unpacks them."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path


def zip_with(member: str, content: bytes = b"x" * 10) -> Callable[[Path], None]:
    def build(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(zipfile.ZipInfo(member), content)

    return build


def zip_symlink(path: Path) -> None:
    member = zipfile.ZipInfo("a.mrc")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "/etc/passwd")


def zip_duplicates(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.mrc", b"x")
        archive.writestr("A.mrc", b"y")


def zip_bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("a.mrc", "w") as member,
    ):
        for _ in range(200):
            member.write(bytes(1 << 20))


def lying_zip_bomb(path: Path) -> None:
    """The table of contents claims a kilobyte of what unpacks to 64 MiB; no more is unpacked, and it is wrong."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.mrc", bytes(64 << 20))
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = raw.rindex(mark) + offset
        raw[place : place + 4] = struct.pack("<I", 1000)
    path.write_bytes(raw)


def nested_zip(path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.mrc", b"x")
    zip_with("inner.mrc", inner.getvalue())(path)


def overlapping_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.mrc", bytes(1 << 20))
        archive.writestr("b.tlt", bytes(1 << 20))
    raw = bytearray(path.read_bytes())
    second = raw.rindex(b"PK\x01\x02")
    raw[second + 42 : second + 46] = struct.pack("<I", 0)
    path.write_bytes(raw)


def cut_zip(path: Path) -> None:
    zip_with("a.mrc", b"x" * 1000)(path)
    path.write_bytes(path.read_bytes()[:-60])
