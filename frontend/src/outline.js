// Drawing an outline: the lines of the text field are the outline; the picture beside it is another way to write them.

import { number } from "./page/numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const HEIGHT = 360;
const MARGIN = 0.12;
const EMPTY_UM = 10;
const HIT_PX = 12;

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function read(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  const points = lines.map((line) => line.trim().split(/[\s,;]+/).map(Number));
  return points.filter((point) => point.length === 2 && point.every(Number.isFinite));
}

class Outline {
  constructor(field) {
    this.text = field.querySelector("textarea");
    this.others = JSON.parse(field.dataset.outline).map(([name, points]) => [name, JSON.parse(points)]);
    this.picture = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "The outline as drawn" });
    const acts = document.createElement("div");
    acts.className = "actions";
    for (const [name, act] of [["Remove the last corner", () => this.points.pop()], ["Begin anew", () => (this.points = [])],
      ["Wider view", () => this.widen(1.6)], ["Closer view", () => this.widen(1 / 1.6)]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.textContent = name;
      button.addEventListener("click", () => { act(); this.write(); });
      acts.append(button);
    }
    this.text.after(this.picture, acts);
    field.querySelector("[data-drawn]").hidden = false;
    this.text.addEventListener("input", () => { this.points = read(this.text.value); this.draw(); });
    this.picture.addEventListener("pointerdown", (event) => this.press(event));
    this.points = read(this.text.value);
    this.fit();
    this.draw();
  }

  fit() {
    const all = [...this.points, ...this.others.flatMap(([, points]) => points)];
    const [xs, ys] = all.length > 2 ? [all.map(([x]) => x), all.map(([, y]) => y)] : [[0, EMPTY_UM], [0, EMPTY_UM]];
    const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.middle = [(left + right) / 2, (low + high) / 2];
    const span = Math.max((right - left) / WIDTH, (high - low) / HEIGHT) || EMPTY_UM / HEIGHT;
    this.scale = span * (1 + 2 * MARGIN);
  }

  widen(factor) {
    this.scale *= factor;
  }

  place([x, y]) {
    return [WIDTH / 2 + (x - this.middle[0]) / this.scale, HEIGHT / 2 - (y - this.middle[1]) / this.scale];
  }

  pointAt(event) {
    const box = this.picture.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
    return [this.middle[0] + (x - WIDTH / 2) * this.scale, this.middle[1] - (y - HEIGHT / 2) * this.scale];
  }

  press(event) {
    event.preventDefault();
    const at = this.pointAt(event);
    let held = this.points.findIndex(([x, y]) => Math.hypot(x - at[0], y - at[1]) < HIT_PX * this.scale);
    if (held < 0) held = this.points.push(at) - 1;
    this.picture.setPointerCapture(event.pointerId);
    const move = (next) => { this.points[held] = this.pointAt(next); this.write(); };
    this.picture.addEventListener("pointermove", move);
    this.picture.addEventListener("pointerup", () => this.picture.removeEventListener("pointermove", move), { once: true });
    this.write();
  }

  write() {
    const places = Math.min(6, Math.max(0, Math.ceil(-Math.log10(this.scale)) + 1));
    this.points = this.points.map((point) => point.map((value) => Number(value.toFixed(places))));
    this.text.value = this.points.map((point) => point.join(", ")).join("\n");
    this.draw();
  }

  draw() {
    this.picture.replaceChildren();
    const step = 10 ** Math.round(Math.log10(this.scale * WIDTH * 0.25));
    const [left, bottom] = [this.middle[0] - (WIDTH / 2) * this.scale, this.middle[1] - (HEIGHT / 2) * this.scale];
    for (let x = Math.ceil(left / step) * step; x < left + WIDTH * this.scale; x += step) this.rule(this.place([x, 0])[0], x, true);
    for (let y = Math.ceil(bottom / step) * step; y < bottom + HEIGHT * this.scale; y += step) this.rule(this.place([0, y])[1], y, false);
    for (const [name, points] of this.others) this.shape(points, "other", name);
    this.shape(this.points, "", "");
    for (const point of this.points) {
      const [cx, cy] = this.place(point);
      this.picture.append(element("circle", { cx, cy, r: 6 }));
    }
  }

  rule(at, value, isUpright) {
    const ends = isUpright ? { x1: at, x2: at, y1: 0, y2: HEIGHT } : { x1: 0, x2: WIDTH, y1: at, y2: at };
    const label = isUpright ? { x: at + 3, y: HEIGHT - 5 } : { x: 4, y: at - 3 };
    this.picture.append(element("line", ends), element("text", label, `${number(Number(value.toPrecision(6)))} µm`));
  }

  shape(points, kind, name) {
    const placed = points.map((point) => this.place(point));
    const drawn = element("polygon", { class: kind, points: placed.map((point) => point.join(",")).join(" ") });
    if (name) drawn.append(element("title", {}, name));
    this.picture.append(drawn);
  }
}

for (const field of document.querySelectorAll("[data-outline]")) new Outline(field);
