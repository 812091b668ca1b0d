// Planes of stored OME-Zarr 0.5 arrays: regular chunks, shards with an index at their end, gzip or nothing.
//
// Chunks come by HTTP Range from the service's own chunk route, so access and ETags are those of every request. Chunks,
// not planes made by the service, because one chunk serves sixty-four planes in each direction: moving costs nothing.

const TYPES = {
  bool: Uint8Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, int32: Int32Array,
  uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, float32: Float32Array, float64: Float64Array,
};
const EMPTY = 2n ** 64n - 1n;
const KEPT_BYTES = 384 * 2 ** 20;

class Cache {
  constructor() {
    this.found = new Map();
    this.bytes = 0;
  }

  get(key, make) {
    let entry = this.found.get(key);
    if (entry) this.found.delete(key);
    else {
      entry = { bytes: 0, values: make() };
      entry.values.then((values) => this.weigh(entry, values?.byteLength ?? 0), () => this.found.delete(key));
    }
    this.found.set(key, entry);
    return entry.values;
  }

  weigh(entry, bytes) {
    entry.bytes = bytes;
    this.bytes += bytes;
    for (const [key, old] of this.found) {
      if (this.bytes <= KEPT_BYTES || old === entry) return;
      this.bytes -= old.bytes;
      this.found.delete(key);
    }
  }
}

const cache = new Cache();

async function bytesOf(address, range) {
  const answer = await fetch(address, range ? { headers: { Range: `bytes=${range}` } } : {});
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`the service answered ${answer.status}`);
  return answer.arrayBuffer();
}

async function jsonOf(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the service answered ${answer.status}`);
  return answer.json();
}

function unzipped(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

export class ZarrArray {
  static async open(address) {
    return new ZarrArray(address, await jsonOf(`${address}/zarr.json`));
  }

  constructor(address, about) {
    this.address = address;
    this.shape = about.shape;
    this.outer = about.chunk_grid.configuration.chunk_shape;
    const shard = about.codecs.find(({ name }) => name === "sharding_indexed")?.configuration;
    this.isSharded = Boolean(shard);
    this.inner = shard?.chunk_shape ?? this.outer;
    const codecs = (shard?.codecs ?? about.codecs).map(({ name }) => name);
    this.type = TYPES[about.data_type];
    if (!this.type || codecs.some((name) => name !== "bytes" && name !== "gzip")) {
      throw new Error("these values are stored in a way the page cannot read: download them");
    }
    this.isPacked = codecs.includes("gzip");
    this.fill = Number(about.fill_value);
  }

  chunk(place) {
    return cache.get(`${this.address}/${place}`, () => this.read(place));
  }

  async read(place) {
    const name = place.map((at, k) => Math.floor((at * this.inner[k]) / this.outer[k]));
    const address = `${this.address}/c/${name.join("/")}`;
    let range;
    if (this.isSharded) {
      const index = await cache.get(`${address}#index`, () => this.index(address));
      const [start, length] = index ? this.span(index, place, name) : [EMPTY, 0n];
      if (start === EMPTY) return null;
      range = `${start}-${start + length - 1n}`;
    }
    const bytes = await bytesOf(address, range);
    if (!bytes) return null;
    const values = new this.type(this.isPacked ? await unzipped(bytes) : bytes);
    return typeof values[0] === "bigint" ? Float64Array.from(values, Number) : values;
  }

  async index(address) {
    const counts = this.outer.map((whole, k) => whole / this.inner[k]);
    const size = 16 * counts.reduce((product, count) => product * count, 1);
    const bytes = await bytesOf(address, `-${size + 4}`);
    return bytes && new BigUint64Array(bytes.slice(0, size));
  }

  span(index, place, name) {
    const counts = this.outer.map((whole, k) => whole / this.inner[k]);
    const at = place.reduce((sum, each, k) => sum * counts[k] + each - name[k] * counts[k], 0);
    return [index[2 * at], index[2 * at + 1]];
  }

  // Values over two axes at a place along the others, row by row; what was never written is the fill value.
  async plane(down, across, place) {
    const [height, width] = [this.shape[down], this.shape[across]];
    const values = new Float32Array(height * width).fill(this.fill);
    const at = place.map((each, k) => Math.min(each, this.shape[k] - 1));
    const [rows, columns] = [Math.ceil(height / this.inner[down]), Math.ceil(width / this.inner[across])];
    const pieces = [];
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const chunk = at.map((each, k) => (k === down ? row : k === across ? column : Math.floor(each / this.inner[k])));
        pieces.push(this.chunk(chunk).then((piece) => piece && this.paste(values, piece, chunk, { down, across, at })));
      }
    }
    await Promise.all(pieces);
    return { values, height, width };
  }

  paste(values, piece, chunk, { down, across, at }) {
    const steps = this.inner.map((_, k) => this.inner.slice(k + 1).reduce((product, length) => product * length, 1));
    const base = at.reduce((sum, each, k) => sum + (k === down || k === across ? 0 : (each % this.inner[k]) * steps[k]), 0);
    const [top, left] = [chunk[down] * this.inner[down], chunk[across] * this.inner[across]];
    const height = Math.min(this.inner[down], this.shape[down] - top);
    const width = Math.min(this.inner[across], this.shape[across] - left);
    for (let row = 0; row < height; row += 1) {
      let from = base + row * steps[down];
      let to = (top + row) * this.shape[across] + left;
      for (let column = 0; column < width; column += 1, from += steps[across], to += 1) values[to] = piece[from];
    }
  }
}

// The levels of an image, from full size downward.
export async function openLevels(address) {
  const about = await jsonOf(`${address}/zarr.json`);
  const paths = about.attributes.ome.multiscales[0].datasets.map(({ path }) => path);
  return Promise.all(paths.map((path) => ZarrArray.open(`${address}/${path}`)));
}
