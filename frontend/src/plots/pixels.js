// A map of pixels of which one is chosen, by pointer or arrow keys, and a region, by dragging or Shift with the arrow keys.

import { length, paintMap, paintScale, usualLimits } from "../seeing/mapping.js";
import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";

const LEAST_PX = 64;
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const FRAME = [["#000000c0", 4], ["#ffd24a", 2]];

export class PixelMap {
  // about: { title, unit, height, width, steps: [y, x] in nm or null, onPixel(), onRegion() }
  constructor(about) {
    Object.assign(this, about);
    this.at = { y: Math.floor(this.height / 2), x: Math.floor(this.width / 2) };
    this.region = null; // { y, x, y_to, x_to }, ends within it
    this.look = { name: "gray", low: 0, high: 1 };
    this.canvas = made("canvas", { role: "img", tabindex: 0, "aria-label": `Counts of ${this.title} in every pixel; arrow keys move the chosen pixel, with Shift they span a region, Escape ends it` });
    const [down, across] = this.steps.every(Boolean) ? this.steps : [1, 1];
    this.canvas.style.aspectRatio = `${this.width * across} / ${this.height * down}`;
    this.clear = made("button", { type: "button", class: "small", hidden: true }, "Clear the region");
    this.clear.addEventListener("click", () => this.span(null));
    this.element = made("div", { class: "planes pixel-map" }, this.canvas, made("p", { class: "small soft" }, "Click a pixel, or drag a region."), made("div", {}, this.clear));
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.drag(event));
    this.canvas.addEventListener("pointerup", () => { this.from = null; });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.paint()).observe(this.canvas);
  }

  show(values) {
    this.found = { values, height: this.height, width: this.width };
    [this.look.low, this.look.high] = usualLimits(values);
    this.paint();
  }

  inside(y, x) {
    return { y: Math.max(0, Math.min(this.height - 1, y)), x: Math.max(0, Math.min(this.width - 1, x)) };
  }

  cell(event) {
    const box = this.canvas.getBoundingClientRect();
    return this.inside(Math.floor(((event.clientY - box.top) / box.height) * this.height), Math.floor(((event.clientX - box.left) / box.width) * this.width));
  }

  press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.from = this.cell(event);
    this.move(this.from.y, this.from.x);
  }

  drag(event) {
    if (!this.from || !(event.buttons & 1)) return;
    const here = this.cell(event);
    if (this.region || here.y !== this.from.y || here.x !== this.from.x) this.spanned(this.from, here);
  }

  key(event) {
    if (event.key === "Escape" && this.region) return this.span(null);
    const by = ARROWS[event.key];
    if (!by) return null;
    event.preventDefault();
    if (!event.shiftKey) return this.move(this.at.y + by[0], this.at.x + by[1]);
    this.corner = this.inside((this.region ? this.corner : this.at).y + by[0], (this.region ? this.corner : this.at).x + by[1]);
    return this.spanned(this.at, this.corner);
  }

  spanned(one, other) {
    this.corner = other;
    this.span({ y: Math.min(one.y, other.y), x: Math.min(one.x, other.x), y_to: Math.max(one.y, other.y), x_to: Math.max(one.x, other.x) });
  }

  span(region) {
    this.region = region;
    this.clear.hidden = !region;
    this.paint();
    this.onRegion();
  }

  move(y, x) {
    this.at = this.inside(y, x);
    this.paint();
    this.onPixel();
  }

  paint() {
    if (!this.found) return;
    const pen = paintMap(this.canvas, this.found, this.look, [(this.at.x + 0.5) / this.width, (this.at.y + 0.5) / this.height]);
    if (this.region) this.frame(pen);
    if (this.steps[1] && !this.isFlat) paintScale(this.canvas, this.steps[1] * this.width);
  }

  // A map of a few rows would be hidden by its scale bar: its width is said instead.
  get isFlat() {
    return this.canvas.clientHeight < LEAST_PX;
  }

  frame(pen) {
    const [across, down] = [this.canvas.width / this.width, this.canvas.height / this.height];
    const { y, x, y_to: bottom, x_to: right } = this.region;
    for (const [colour, width] of FRAME) {
      pen.strokeStyle = colour;
      pen.lineWidth = width * devicePixelRatio;
      pen.strokeRect(x * across, y * down, (right + 1 - x) * across, (bottom + 1 - y) * down);
    }
  }

  // The chosen pixel, the region and the grey scale in words.
  words(window) {
    const place = ["y", "x"].map((axis, k) => `${axis} ${this.at[axis]}${this.steps[k] ? ` (${length(this.at[axis] * this.steps[k])})` : ""}`).join(", ");
    const value = this.found?.values[this.at.y * this.width + this.at.x];
    const region = this.region ? ` Region: y ${this.region.y} to ${this.region.y_to}, x ${this.region.x} to ${this.region.x_to}, ${this.mean()}.` : "";
    const wide = this.isFlat && this.steps[1] ? ` The map is ${length(this.steps[1] * this.width)} wide.` : "";
    return `${place}${value === undefined ? "" : `: ${number(value)} ${this.unit}${window}`}. Grey: ${number(this.look.low)} to ${number(this.look.high)} ${this.unit}.${wide}${region}`;
  }

  mean() {
    const { y, x, y_to: bottom, x_to: right } = this.region;
    const count = (bottom + 1 - y) * (right + 1 - x);
    let sum = 0;
    for (let row = y; row <= bottom; row += 1) for (let column = x; column <= right; column += 1) sum += this.found?.values[row * this.width + column] ?? NaN;
    return `${number(count)} pixels, mean ${number(sum / count)} ${this.unit}`;
  }
}
