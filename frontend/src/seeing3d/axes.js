// Numbers and names along the box in space: one edge of each axis, at its outer side, no text upon another or beyond the picture.
//
// They are written upon the picture, not drawn with it, so they keep the page's size of type whatever the picture is drawn with.

import { number } from "../page/numbers.js";
import { textUnit } from "../seeing/mapping.js";

const AXES = ["x", "y", "z"];
const STEPS = [1, 2, 5, 10];
const [PAD, GAP, TICK] = [7, 14, 4];
const SHORTEST = 40; // an edge that is seen from its end has no numbers
const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((code) => [code & 1, (code >> 1) & 1, (code >> 2) & 1]);

const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
const apart = (a, b) => [b[0] - a[0], b[1] - a[1]];
const along = (a, by, far) => [a[0] + by[0] * far, a[1] + by[1] * far];

/**
 * Where multiples of 1, 2 or 5 times a power of ten stand, the closest that leave room.
 *
 * @param {number} whole - Length of an axis.
 * @param {number} least - The least step.
 * @returns {number[]} From 0 on.
 */
export function ticks(whole, least) {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = STEPS.map((each) => each * power).find((each) => each >= least * (1 - 1e-9));
  return Array.from({ length: Math.floor((whole / step) * (1 + 1e-9)) + 1 }, (_, k) => Number((k * step).toPrecision(12)));
}

/**
 * The edge of each axis that numbers are written along: of those at the rim of the picture, below or at the left.
 *
 * @param {number[][]} corners - Where the eight corners stand in the picture, x running fastest, then y.
 * @param {number} shortest - Of an edge that is written along.
 * @returns {object[]} `axis`, `from` and `to` (shares of the box), `a` and `b` in the picture, `unit` along, `out` outward.
 */
export function edges(corners, shortest) {
  const middle = [0, 1].map((k) => corners.reduce((sum, corner) => sum + corner[k] / corners.length, 0));
  return [0, 1, 2].flatMap((axis) => {
    const found = CORNERS.filter((from) => from[axis] === 0).flatMap((from) => {
      const to = from.map((share, k) => (k === axis ? 1 : share));
      const [a, b] = [from, to].map(([x, y, z]) => corners[x + 2 * y + 4 * z]);
      const size = Math.hypot(...apart(a, b));
      if (!(size >= shortest)) return [];
      const unit = apart(a, b).map((each) => each / size);
      const side = [unit[1], -unit[0]];
      const out = dot(side, apart(middle, a)) < 0 ? side.map((each) => -each) : side;
      const isRim = corners.every((corner) => dot(out, apart(a, corner)) < 1);
      return isRim ? [{ axis, from, to, a, b, unit, out }] : [];
    });
    const liking = ({ out }) => 1.1 * out[1] - out[0];
    return found.length ? [found.reduce((best, each) => (liking(each) > liking(best) ? each : best))] : [];
  });
}

/**
 * Writes numbers and names upon a picture.
 *
 * @param {CanvasRenderingContext2D} pen - Of the picture.
 * @param {object} axes - `size` of the box, `unit` in words, `project` (a point to pixels of the canvas), `ink`, `ground`.
 * @param {object[]} taken - `left`, `top`, `wide`, `tall` of what is written already; what is written is added.
 */
export function paintAxes(pen, { size, unit, project, ink, ground }, taken) {
  const scale = textUnit();
  const font = (weight, px) => `${weight} ${px * scale}px system-ui, sans-serif`;
  const write = new Writer(pen, { ink, ground, scale, taken });
  const seen = edges(CORNERS.map((corner) => project(corner.map((share, k) => share * size[k]))), SHORTEST * scale);
  pen.font = font(400, 12);
  const numbered = seen.map((edge) => ({ ...edge, places: write.places(edge, size[edge.axis]) }));
  pen.font = font(600, 13);
  numbered.forEach((edge) => write.name(edge, `${AXES[edge.axis]} [${unit}]`));
  pen.font = font(400, 12);
  for (const { axis, from, out, places } of numbered) {
    for (const at of places) write.tick(project(from.map((share, k) => (k === axis ? at : share * size[k]))), out, number(at));
  }
}

class Writer {
  constructor(pen, { ink, ground, scale, taken }) {
    Object.assign(this, { pen, scale, taken });
    Object.assign(pen, { strokeStyle: ground, fillStyle: ink, lineJoin: "round" });
    [this.ink, this.ground] = [ink, ground];
  }

  shape(text) {
    return [this.pen.measureText(text).width, (parseFloat(this.pen.font.match(/([\d.]+)px/)[1]) || 12) * 1.2];
  }

  // Values along an edge, as close as their numbers leave room for each other.
  places({ a, b, unit }, whole) {
    const [wide, tall] = this.shape(number(whole));
    const [across, down] = unit.map(Math.abs);
    const room = Math.min((wide + GAP * this.scale) / (across || 1e-9), (tall + GAP * this.scale) / (down || 1e-9));
    return ticks(whole, (whole * room) / Math.hypot(...apart(a, b)));
  }

  // Where a text begins whose middle is a point.
  box([x, y], [wide, tall]) {
    return { left: x - wide / 2, top: y - tall / 2, wide, tall };
  }

  isFree({ left, top, wide, tall }) {
    const { width, height } = this.pen.canvas;
    if (left < 2 || top < 2 || left + wide > width - 2 || top + tall > height - 2) return false;
    return this.taken.every((other) => left >= other.left + other.wide || other.left >= left + wide || top >= other.top + other.tall || other.top >= top + tall);
  }

  put(box, text) {
    this.taken.push(box);
    this.pen.strokeStyle = this.ground;
    this.pen.lineWidth = 3 * this.scale;
    const low = box.top + box.tall * 0.8;
    this.pen.strokeText(text, box.left, low);
    this.pen.fillText(text, box.left, low);
  }

  // Beyond the numbers at the middle of the edge, else nearer to its ends, else in line with it; left out where nothing is free.
  name({ a, b, unit, out, places }, text) {
    const shape = this.shape(text);
    const numbers = this.shape(number(places.at(-1)));
    const reach = ([wide, tall], by) => (Math.abs(by[0]) * wide + Math.abs(by[1]) * tall) / 2;
    const beyond = PAD * this.scale + 2 * reach(numbers, out) + 4 * this.scale + reach(shape, out);
    const beside = [0.5, 0.35, 0.65, 0.2, 0.8].map((share) => along(along(a, apart(a, b), share), out, beyond));
    const after = PAD * 2 * this.scale + reach(shape, unit);
    const found = [...beside, along(b, unit, after), along(a, unit, -after)].map((at) => this.box(at, shape)).find((box) => this.isFree(box));
    if (found) this.put(found, text);
  }

  tick(at, out, text) {
    const [wide, tall] = this.shape(text);
    const far = PAD * this.scale + (Math.abs(out[0]) * wide + Math.abs(out[1]) * tall) / 2;
    const box = this.box(along(at, out, far), [wide, tall]);
    if (!this.isFree(box)) return;
    this.pen.strokeStyle = this.ink;
    this.pen.lineWidth = this.scale;
    this.pen.beginPath();
    this.pen.moveTo(...at);
    this.pen.lineTo(...along(at, out, TICK * this.scale));
    this.pen.stroke();
    this.put(box, text);
  }
}
