// What is written upon the view in space: where it is cut, with position and unit, a scale bar, numbers along the box.

import { paintAxes } from "./axes.js";
import { fitted, length, paintScale, textUnit } from "../seeing/mapping.js";
import { number } from "../page/numbers.js";

const AXES = ["x", "y", "z"];
const MARK = "#ffd23f";
const SHADE = "#000000c0";
const SIDES = [[0, 0], [0, 1], [1, 1], [1, 0]];
const [PAD, TALL] = [5, 19];
const SLACK = 1e-5; // of the whole: what sliders and the six figures of an address leave

export const place = (at, isKnown) => (isKnown ? length(at) : `${number(at)} px`);

export const isCut = (at, end, whole) => (end ? at < whole * (1 - SLACK) : at > whole * SLACK);

// The cuts that take something away, each with its corners; `clips` and `size` in the same unit.
export function cutsOf(clips, size) {
  return clips.flatMap(([low, high], axis) => [low, high].flatMap((at, end) => {
    if (!isCut(at, end, size[axis])) return [];
    const others = [0, 1, 2].filter((each) => each !== axis);
    const corners = SIDES.map((side) => {
      const corner = [0, 0, 0];
      corner[axis] = at;
      others.forEach((each, k) => { corner[each] = clips[each][side[k]]; });
      return corner;
    });
    return [{ axis: AXES[axis], at, corners }];
  }));
}

// `project` gives shares of width and height, from the upper left; `wide` is how much the width shows [nm], null where
// sizes are unknown; `note` says where a scale holds; `axes` is what paintAxes takes, null where no numbers can stand.
export function paintOverlay(canvas, { cuts, project, wide, isKnown, note, axes }) {
  const pen = fitted(canvas);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const taken = wide ? [paintScale(canvas, wide, note)] : [];
  const pixels = ([x, y]) => [x * canvas.width, y * canvas.height];
  for (const cut of cuts) {
    const points = cut.corners.map((corner) => pixels(project(corner)));
    outline(pen, points);
    label(pen, points, { text: `${cut.axis} ${place(cut.at, isKnown)}`, taken });
  }
  if (axes) paintAxes(pen, { ...axes, project: (point) => pixels(axes.project(point)) }, taken);
}

function outline(pen, points) {
  for (const [colour, width] of [[SHADE, 3.5], [MARK, 1.5]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width * devicePixelRatio;
    pen.beginPath();
    points.forEach(([x, y]) => pen.lineTo(x, y));
    pen.closePath();
    pen.stroke();
  }
}

// At the corner that is lowest in the picture, within it, below a label that stands there already.
function label(pen, points, { text, taken }) {
  const unit = textUnit();
  const { width, height } = pen.canvas;
  pen.font = `600 ${12 * unit}px system-ui, sans-serif`;
  const wide = pen.measureText(text).width + 2 * PAD * unit;
  const tall = TALL * unit;
  const [x, y] = points.reduce((low, point) => (point[1] > low[1] ? point : low));
  const left = Math.max(0, Math.min(width - wide, x - wide / 2));
  let top = Math.max(0, Math.min(height - tall, y + 3 * unit));
  const isTaken = (at) => taken.some((other) => left < other.left + other.wide && other.left < left + wide && at < other.top + other.tall && other.top < at + tall);
  for (let turn = 0; turn < 6 && isTaken(top); turn += 1) top = top + 2 * tall <= height ? top + tall : Math.max(0, top - (turn + 2) * tall);
  taken.push({ left, top, wide, tall });
  pen.fillStyle = SHADE;
  pen.fillRect(left, top, wide, tall);
  pen.fillStyle = MARK;
  pen.fillText(text, left + PAD * unit, top + tall - 5.5 * unit);
}
