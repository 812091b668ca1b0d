// Values along a straight line through the place, one curve for each layer, drawn between that layer's own limits.

import { indexWithin } from "./levels.js";
import { fitted, textUnit } from "./mapping.js";
import { number } from "../page/numbers.js";

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

const planeAlong = (frame, along) => frame.planes.findIndex(({ down, across }) => across === along || down === along);

// Row or column of the plane that the axis runs along; null where that plane is not here.
function lineOf(layer, viewer) {
  const { frame, at, along } = viewer;
  const k = planeAlong(frame, along);
  const found = layer.planes[k]?.found;
  if (!found) return null;
  const { down, across } = frame.planes[k];
  const { values, width, height } = found;
  const other = across === along ? down : across;
  const index = indexAt(layer, other, found, frame.position(other, at[other]));
  if (index === null) return null;
  if (across === along) return values.subarray(index * width, (index + 1) * width);
  return Float32Array.from({ length: height }, (_, row) => values[row * width + index]);
}

// The row or column of a plane at a position; null outside of the map.
function indexAt({ map, about, viewer }, axis, { level }, position) {
  if (viewer.frame.indexOf(map, axis, position) === null) return null;
  const length = about.shapes[level][about.axes.indexOf(axis)];
  return indexWithin(about.grids[level][axis], viewer.frame.exactly(map, axis, position), length);
}

function limitsOf(layer, line) {
  return layer.isLabels ? { low: 0, high: line.reduce((most, value) => (value > most ? value : most), 1) } : layer.look;
}

export function paintProfile(canvas, layers, viewer) {
  const pen = fitted(canvas);
  const { width, height } = canvas;
  const { frame, at, along } = viewer;
  const unit = textUnit();
  pen.clearRect(0, 0, width, height);
  pen.strokeStyle = getComputedStyle(canvas).getPropertyValue("color");
  pen.fillStyle = pen.strokeStyle;
  pen.lineWidth = unit;
  pen.globalAlpha = 0.5;
  pen.beginPath();
  const x = frame.share(along, frame.position(along, at[along])) * width;
  pen.moveTo(x, 0);
  pen.lineTo(x, height);
  pen.stroke();
  pen.globalAlpha = 1;
  pen.lineWidth = 1.5 * unit;
  layers.forEach((layer, order) => {
    pen.setLineDash(DASHES[order % DASHES.length].map((dash) => dash * unit));
    paintLine(pen, layer, viewer);
  });
  pen.setLineDash([]);
  pen.font = `${11 * unit}px system-ui, sans-serif`;
  write(pen, `along ${along}`, { left: 4 * unit, base: 13 * unit });
  if (layers.length === 1) paintLimits(pen, layers[0], viewer);
}

// The values at top and bottom; of several maps each is drawn between limits of its own.
function paintLimits(pen, layer, viewer) {
  const line = lineOf(layer, viewer);
  if (!line) return;
  const { width, height } = pen.canvas;
  const { low, high } = limitsOf(layer, line);
  const unit = textUnit();
  const gap = 4 * unit;
  write(pen, `${number(high)}${layer.map.unit ? ` ${layer.map.unit}` : ""}`, { right: width - gap, base: 13 * unit });
  write(pen, number(low), { right: width - gap, base: height - gap });
}

// Upon a ground of its own, so that no curve runs through it.
function write(pen, text, { left, right, base }) {
  const unit = textUnit();
  const wide = pen.measureText(text).width;
  const from = left ?? right - wide;
  const ink = pen.fillStyle;
  pen.globalAlpha = 0.85;
  pen.fillStyle = getComputedStyle(pen.canvas).getPropertyValue("background-color");
  pen.fillRect(from - 2 * unit, base - 11 * unit, wide + 6 * unit, 15 * unit);
  pen.globalAlpha = 1;
  pen.fillStyle = ink;
  pen.fillText(text, from, base);
}

function paintLine(pen, layer, viewer) {
  const line = lineOf(layer, viewer);
  if (!line) return;
  const { frame, along } = viewer;
  const { width, height } = pen.canvas;
  const { low, high } = limitsOf(layer, line);
  const k = planeAlong(frame, along);
  const [from, to] = layer.reach(along, layer.planes[k].found.level).map((position) => frame.share(along, position) * width);
  pen.beginPath();
  let isOpen = false;
  line.forEach((value, i) => {
    if (!Number.isFinite(value)) {
      isOpen = false;
      return;
    }
    const x = from + ((i + 0.5) / line.length) * (to - from);
    const y = height - 4 - ((value - low) / (high - low || 1)) * (height - 8);
    if (isOpen) pen.lineTo(x, y);
    else pen.moveTo(x, y);
    isOpen = true;
  });
  pen.stroke();
}
