// Files that are one dataset as the one archive the service reads: stored, never compressed, put together while it is sent.
//
// The archive is a Blob of records and of the files themselves, so nothing is copied; equal files give equal bytes, so a
// transfer that was cut goes on in the middle. The layout is that of lithoscope/client/packing.py.

const UTF8 = 1 << 11;
const NEEDS_ZIP64 = 45;
const ELSEWHERE = 0xffffffff;
const EPOCH = 0x21; // 1 January 1980
const BLOCK = 1 << 22;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

function updated(check, bytes) {
  let value = ~check;
  for (let i = 0; i < bytes.length; i += 1) value = (value >>> 8) ^ TABLE[(value ^ bytes[i]) & 255];
  return ~value >>> 0;
}

async function crc32(file, tell, signal) {
  let check = 0;
  for (let at = 0; at < file.size; at += BLOCK) {
    signal.throwIfAborted();
    const piece = new Uint8Array(await file.slice(at, at + BLOCK).arrayBuffer());
    check = updated(check, piece);
    tell(piece.length);
  }
  return check;
}

/** Write fields of 2, 4 and 8 bytes, smallest byte first: "2:45 4:0 8:12". */
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [width]) => sum + width, 0)));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return view;
}

function headers(name, size, check, at) {
  const common = [[2, NEEDS_ZIP64], [2, UTF8], [2, 0], [2, 0], [2, EPOCH], [4, check], [4, ELSEWHERE], [4, ELSEWHERE], [2, name.length]];
  const local = [record([4, 0x04034b50], ...common, [2, 20]), name, record([2, 1], [2, 16], [8, size], [8, size])];
  const central = [
    record([4, 0x02014b50], [2, NEEDS_ZIP64], ...common, [2, 28], [2, 0], [2, 0], [2, 0], [4, 0], [4, ELSEWHERE]),
    name,
    record([2, 1], [2, 24], [8, size], [8, size], [8, at]),
  ];
  return { local, central };
}

function closing(count, bytes, at) {
  const end = [[8, 44], [2, NEEDS_ZIP64], [2, NEEDS_ZIP64], [4, 0], [4, 0], [8, count], [8, count], [8, bytes], [8, at]];
  return [
    record([4, 0x06064b50], ...end),
    record([4, 0x07064b50], [4, 0], [8, at + bytes], [4, 1]),
    record([4, 0x06054b50], [2, 0], [2, 0], [2, 0xffff], [2, 0xffff], [4, ELSEWHERE], [4, ELSEWHERE], [2, 0]),
  ];
}

const lengthOf = (parts) => parts.reduce((sum, part) => sum + (part.byteLength ?? part.size), 0);

/** Pack files; `tell(share)` hears how much of them was read for their checks. */
export async function packed(files, tell, signal) {
  const total = lengthOf(files) || 1;
  const [archive, directory] = [[], []];
  let [at, read] = [0, 0];
  for (const file of files) {
    const check = await crc32(file, (bytes) => tell((read += bytes) / total), signal);
    const { local, central } = headers(new TextEncoder().encode(file.name), file.size, check, at);
    archive.push(...local, file);
    directory.push(...central);
    at += lengthOf(local) + file.size;
  }
  return new Blob([...archive, ...directory, ...closing(files.length, lengthOf(directory), at)]);
}
