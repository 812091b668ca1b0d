// A level of a volume that graphics hold: the finest that is small enough, read plane by plane like all others.

import { middleOf } from "../seeing/levels.js";

const MOST_VOXELS = { fast: 4_500_000, slow: 1_000_000 };
const LAST = 255;

export async function levelOf(slicer, { address, channel, isLabels, isSlow }) {
  const { shapes, axes, grids } = await slicer.ask("about", { address });
  const lengths = shapes.map((shape) => ["z", "y", "x"].map((axis) => shape[axes.indexOf(axis)]));
  const small = lengths.findIndex(([z, y, x]) => z * y * x <= MOST_VOXELS[isSlow ? "slow" : "fast"]);
  const level = small < 0 ? lengths.length - 1 : small;
  const [planes, height, width] = lengths[level];
  const values = new Float32Array(planes * height * width);
  const cuts = Array.from({ length: planes }, (_, k) => ({
    address, level, plane: { down: "y", across: "x", place: { c: channel ?? 0, z: middleOf(grids[level].z, k, lengths[0][0]) } },
  }));
  const found = await slicer.ask("cut", { cuts });
  found.forEach((plane, k) => values.set(plane.values, k * height * width));
  return { values, lengths: [width, height, planes], whole: lengths[0].toReversed(), grid: ["x", "y", "z"].map((axis) => grids[level][axis]), level, isLabels };
}

// Codes for the graphics: 0 is a place without a value or of a hidden class, 1 to 255 run from the low to the high end of the look.
export function coded({ values, isLabels }, { low, high, hidden }) {
  const codes = new Uint8Array(values.length);
  const scale = (LAST - 1) / (high - low || 1);
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    if (Number.isNaN(value) || (isLabels && hidden.has(value))) continue;
    codes[at] = isLabels ? Math.min(LAST, value) : Math.max(1, Math.min(LAST, 1.5 + (value - low) * scale));
  }
  return codes;
}

// What surfaces are drawn in: places without a value lie below all others, hidden classes are no class.
export function solid({ values, isLabels }, { hidden }) {
  if (isLabels) return values.map((value) => (hidden.has(value) ? 0 : value));
  let [least, most] = [0, 0];
  for (const value of values) {
    if (value < least && value > -Infinity) least = value;
    if (value > most && value < Infinity) most = value;
  }
  const below = least - (most - least || 1);
  return values.map((value) => (Number.isNaN(value) ? below : value));
}
