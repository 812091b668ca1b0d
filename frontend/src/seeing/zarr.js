// Images stored as OME-Zarr 0.4 or 0.5, sharded or not: their levels, and planes, lines and values out of them.
//
// Runs in the worker. Chunks come by HTTP Range from the service's own chunk route, so access and ETags are those of
// every request. Chunks, not planes made by the service, because one chunk serves sixty-four planes in each direction:
// moving costs nothing.

import { BoolArray, FetchStore, isZarritaError, open, root } from "zarrita";
import { Cache } from "./cache.js";
import { indexWithin, levelByLengths, levelWithin, middleOf } from "./levels.js";

const KEPT_BYTES = 384 * 2 ** 20;
const NANOMETRES = { angstrom: 0.1, picometer: 1e-3, nanometer: 1, micrometer: 1e3, millimeter: 1e6, meter: 1e9 };
const chunks = new Cache(KEPT_BYTES);
const images = new Map();

// `stored` are the descriptions of group and levels by their paths, where the page has told them.
export function imageAt(address, stored) {
  if (!images.has(address)) images.set(address, opened(address, stored).catch((error) => forget(address, error)));
  return images.get(address);
}

function forget(address, error) {
  images.delete(address);
  throw error;
}

// OME-Zarr 0.5 (Zarr 3) is what the service writes: 0.4 (Zarr 2) is tried where there is none.
async function groupIn(store) {
  try {
    return [await open.v3(store, { kind: "group" }), open.v3];
  } catch (error) {
    if (!isZarritaError(error, "NotFoundError")) throw error;
    return [await open.v2(store, { kind: "group" }), open.v2];
  }
}

class Store extends FetchStore {
  constructor(address, told) {
    super(address, { useSuffixRequest: true });
    this.told = told;
  }

  get(key, options) {
    const known = this.told[key.slice(1)];
    return known ? Promise.resolve(new TextEncoder().encode(JSON.stringify(known))) : super.get(key, options);
  }
}

async function opened(address, stored = {}) {
  const store = new Store(new URL(address, self.location.href), stored);
  const [group, openIn] = await groupIn(store);
  const about = group.attrs.ome ?? group.attrs;
  const multiscale = about.multiscales?.[0];
  if (!multiscale) throw new Error("these files are no OME-Zarr image");
  const arrays = await Promise.all(multiscale.datasets.map(({ path }) => openIn(root(store).resolve(path), { kind: "array" })));
  return new Image(address, arrays, { multiscale, labels: about["image-label"], display: group.attrs.lithoscope?.display });
}

// Numbers JavaScript can add up: truth values as 0 and 1, 64-bit integers as the nearest number.
function plain(data) {
  if (data instanceof BoolArray) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  return typeof data[0] === "bigint" ? Float64Array.from(data, Number) : data;
}

function transformed(axes, ...lists) {
  const grid = axes.map(() => ({ scale: 1, shift: 0 }));
  for (const each of lists.flat().filter(Boolean)) {
    grid.forEach((axis, k) => {
      axis.scale *= each.scale?.[k] ?? 1;
      axis.shift = axis.shift * (each.scale?.[k] ?? 1) + (each.translation?.[k] ?? 0);
    });
  }
  return grid;
}

class Image {
  constructor(address, arrays, { multiscale, labels, display }) {
    this.address = address;
    this.axes = multiscale.axes.map(({ name }) => name);
    this.levels = arrays;
    this.display = display;
    const grids = multiscale.datasets.map((each) => transformed(this.axes, each.coordinateTransformations, multiscale.coordinateTransformations));
    const [grid] = grids;
    const isStated = multiscale.datasets.every(({ coordinateTransformations: stated }) => stated?.some(({ type }) => type === "scale"));
    this.grids = grids.map((level, k) => (isStated ? levelWithin(level, grid) : levelByLengths(arrays[k].shape, arrays[0].shape)));
    const inNm = multiscale.axes.map(({ unit }) => NANOMETRES[unit]);
    this.about = {
      axes: this.axes,
      shapes: arrays.map(({ shape }) => shape),
      grids: this.grids.map((level) => Object.fromEntries(this.axes.map((axis, k) => [axis, level[k]]))),
      origin: Object.fromEntries(this.axes.map((axis, k) => [axis, inNm[k] ? grid[k].shift * inNm[k] : 0])),
      classes: (labels?.colors ?? []).map((each) => ({ value: each["label-value"], rgba: each.rgba })),
      named: (labels?.properties ?? []).flatMap((each) => (each.name ?? each.class ? [{ value: each["label-value"], name: String(each.name ?? each.class) }] : [])),
    };
  }

  // Indices of a level along each axis for a place given in indices of the full size.
  indices(level, place) {
    return this.axes.map((axis, k) => indexWithin(this.grids[level][k], place[axis] ?? 0, this.levels[level].shape[k]));
  }

  key(level, chunk) {
    return `${this.address}/${level}/${chunk}`;
  }

  chunk(level, chunk) {
    return chunks.get(this.key(level, chunk), async () => {
      const { data, stride } = await this.levels[level].getChunk(chunk);
      return { data: plain(data), stride };
    });
  }

  tiles(level, { down, across, place }) {
    const { shape, chunks: size } = this.levels[level];
    const [d, a] = [down, across].map((axis) => this.axes.indexOf(axis));
    const at = this.indices(level, place);
    const found = [];
    for (let row = 0; row * size[d] < shape[d]; row += 1) {
      for (let column = 0; column * size[a] < shape[a]; column += 1) {
        found.push(at.map((index, k) => (k === d ? row : k === a ? column : Math.floor(index / size[k]))));
      }
    }
    return { d, a, at, found, shape, size };
  }

  isHere(level, cut) {
    return this.tiles(level, cut).found.every((chunk) => chunks.peek(this.key(level, chunk)));
  }

  // Values over two axes at a place along the others, row by row.
  async plane(level, cut) {
    const { d, a, at, found, shape, size } = this.tiles(level, cut);
    const [height, width] = [shape[d], shape[a]];
    const values = new Float32Array(height * width);
    await Promise.all(found.map(async (chunk) => {
      const piece = chunks.peek(this.key(level, chunk)) ?? (await this.chunk(level, chunk));
      const [top, left] = [chunk[d] * size[d], chunk[a] * size[a]];
      const from = at.reduce((sum, index, k) => sum + (k === d || k === a ? 0 : (index % size[k]) * piece.stride[k]), 0);
      paste(values, piece.data, {
        from, to: top * width + left, pitch: width, rows: Math.min(size[d], height - top), columns: Math.min(size[a], width - left),
        down: piece.stride[d], across: piece.stride[a],
      });
    }));
    if (this.display) decode(values, this.display);
    return { values, height, width, level };
  }

  // One value; NaN where the place lies outside.
  async value(place, level = 0) {
    const { shape, chunks: size } = this.levels[level];
    const at = this.axes.map((axis) => place[axis] ?? 0);
    if (at.some((index, k) => index < 0 || index >= shape[k])) return NaN;
    const piece = await this.chunk(level, at.map((index, k) => Math.floor(index / size[k])));
    const value = Number(piece.data[at.reduce((sum, index, k) => sum + (index % size[k]) * piece.stride[k], 0)]);
    return this.display ? decoded(value, this.display) : value;
  }

  // Values along a straight line, from the eight voxels around each point (four in an image); labels from the nearest.
  // A place that is null lies outside.
  line(places, isLabels) {
    return Promise.all(places.map((place) => {
      if (!place) return NaN;
      return isLabels ? this.value(rounded(place)) : this.between(place);
    }));
  }

  async between(place) {
    const axes = Object.keys(place).filter((axis) => !Number.isInteger(place[axis]));
    let sum = 0;
    for (let corner = 0; corner < 2 ** axes.length; corner += 1) {
      const near = { ...place };
      let weight = 1;
      axes.forEach((axis, k) => {
        const low = Math.floor(place[axis]);
        const isUp = (corner >> k) & 1;
        weight *= isUp ? place[axis] - low : 1 - place[axis] + low;
        const most = this.levels[0].shape[this.axes.indexOf(axis)] - 1;
        near[axis] = Math.max(0, Math.min(most, low + isUp)); // the outer half of an edge voxel is its own
      });
      sum += weight * (await this.value(near));
    }
    return sum;
  }

  // Values of the coarsest level, at most so many: enough for limits and a histogram.
  async sample(channel, most) {
    const level = this.levels.length - 1;
    const { shape } = this.levels[level];
    const [down, across] = this.axes.slice(-2);
    const rest = this.axes.slice(0, -2).filter((axis) => axis !== "c");
    const nearest = (axis, index) => middleOf(this.about.grids[level][axis], index, this.levels[0].shape[this.axes.indexOf(axis)]);
    const count = rest.reduce((product, axis) => product * shape[this.axes.indexOf(axis)], 1);
    const planes = Math.max(1, Math.min(count, Math.ceil(most / (shape.at(-1) * shape.at(-2)))));
    const found = [];
    for (let k = 0; k < planes; k += 1) {
      let left = Math.floor(((k + 0.5) * count) / planes);
      const place = { c: channel ?? 0 };
      for (const axis of rest.toReversed()) {
        const length = shape[this.axes.indexOf(axis)];
        place[axis] = nearest(axis, left % length);
        left = Math.floor(left / length);
      }
      found.push((await this.plane(level, { down, across, place })).values);
    }
    return found;
  }
}

function rounded(place) {
  return Object.fromEntries(Object.entries(place).map(([axis, at]) => [axis, Math.round(at)]));
}

function paste(values, data, { from, to, pitch, rows, columns, down, across }) {
  for (let row = 0; row < rows; row += 1) {
    let source = from + row * down;
    const start = to + row * pitch;
    if (across === 1) values.set(data.subarray(source, source + columns), start);
    else for (let column = 0; column < columns; column += 1, source += across) values[start + column] = data[source];
  }
}

function decoded(code, { scale, offset, no_value: none }) {
  return code === none ? NaN : offset + scale * code;
}

function decode(values, display) {
  for (let at = 0; at < values.length; at += 1) values[at] = decoded(values[at], display);
}
