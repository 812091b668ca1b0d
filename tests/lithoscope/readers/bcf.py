"""Small Bruker containers, whole and hostile."""

import struct
import zlib
from pathlib import Path

CHUNK = 4096
ROOM = CHUNK - 32
HEADER = """<?xml version="1.0"?><TRTBase><ClassInstance Type="TRTSpectrumDatabase" Name="Map">
<Header><Date>9.8.2016</Date><Time>14:48:10</Time><FileVersion>1</FileVersion></Header>
<ClassInstance Type="TRTSEMData"><HV>200</HV><DX>0,002</DX><DY>0,002</DY></ClassInstance>
<ClassInstance Type="TRTImageData"><Width>2</Width><Height>1</Height><ItemSize>2</ItemSize>
<PlaneCount>1</PlaneCount><Plane0><Description>HAADF</Description><Data>AQACAA==</Data></Plane0></ClassInstance>
<SpectrumData0><ClassInstance Type="TRTSpectrum"><ClassInstance Type="TRTSpectrumHeader">
<ChannelCount>8</ChannelCount><CalibAbs>-0,1</CalibAbs><CalibLin>0,01</CalibLin></ClassInstance></ClassInstance>
</SpectrumData0></ClassInstance></TRTBase>"""


def pixel(column: int, packing: int, body: bytes, *, pulses: int = 0, added: bytes | None = None) -> bytes:
    """One packed pixel of eight channels; ``added`` are further pulses of an instructed one."""
    size = len(body) + (0 if added is None else 4)
    head = struct.pack("<IHHIHHHI", column, 8, 8, 0, packing, 0, pulses, size)
    return head + body + (b"" if added is None else struct.pack("<I", len(added)) + added)


def stream(rows: list[list[bytes]], columns: int) -> bytes:
    """The stream of a spectrum image."""
    packed = b"".join(struct.pack("<i", len(row)) + b"".join(row) for row in rows)
    return struct.pack("<ii", len(rows), columns).ljust(0x1A0, b"\0") + packed


def compressed(raw: bytes, *, block: int = 1 << 16) -> bytes:
    """Pack a stream in blocks as the container does."""
    parts = [zlib.compress(raw[at : at + block], 9) for at in range(0, len(raw), block)]
    head = (b"AACS" + struct.pack("<III", block, 0, len(parts))).ljust(0x80, b"\0")
    return head + b"".join(struct.pack("<I12x", len(part)) + part for part in parts)


def write_bcf(path: Path, streams: dict[str, bytes]) -> Path:
    """Write a container: numbers in chunk 0, the list of streams in chunk 1, then the table and chunks of each."""
    entry = "<iQ28xi176x?3x256s32x"
    items, chunks = [struct.pack(entry, 0, 0, -1, True, b"EDSDatabase")], []
    for name, raw in streams.items():
        count, table = -(-len(raw) // ROOM), 2 + len(chunks)
        items.append(struct.pack(entry, table, len(raw), 0, False, name.encode()))
        chunks.append(struct.pack(f"<{count}I", *range(table + 1, table + 1 + count)))
        chunks += [raw[at : at + ROOM] for at in range(0, len(raw), ROOM)]
    numbers = struct.pack("<III", 1, len(items), 2 + len(chunks))
    first = b"AAMVHFSS".ljust(0x124, b"\0") + struct.pack("<fI", 2.6, CHUNK)
    written = bytearray((first.ljust(0x140, b"\0") + numbers).ljust(0x118 + CHUNK, b"\0"))
    for one in (b"".join(items), *chunks):
        written += bytes(32) + one.ljust(ROOM, b"\0")
    path.write_bytes(written)
    return path
