// Spectra: the map of counts within a window of energies, and beside it the mean spectrum and that of the chosen pixel.
//
// The service reads only what is asked for: one pixel, or the sums of one tilt (`data-spectra`, written by `viewing.py`).

import { length, made, paintMap, paintScale, usualLimits } from "./seeing/mapping.js";
import { number } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 320, 64, 12, 12, 40];
const WAIT_MS = 300;

function drawn(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function ticks(low, high, most = 6) {
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => (high - low) / each <= most);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

class Plot {
  constructor(energies, unit, yTitle, onWindow) {
    this.energies = energies;
    this.yTitle = yTitle;
    this.unit = unit;
    this.onWindow = onWindow;
    this.curves = {};
    this.isLog = false;
    this.view = [Math.min(...energies), Math.max(...energies)];
    this.window = null;
    this.element = drawn("svg", { class: "xy spectra-plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Spectra; drag to choose a window of energies, or type it" });
    this.element.addEventListener("pointerdown", (event) => this.press(event));
    this.element.addEventListener("pointermove", (event) => this.drag(event));
    this.element.addEventListener("pointerup", () => this.release());
  }

  x(energy) {
    return LEFT + ((energy - this.view[0]) / (this.view[1] - this.view[0])) * (WIDTH - LEFT - RIGHT);
  }

  energy(event) {
    const box = this.element.getBoundingClientRect();
    const pixel = ((event.clientX - box.left) / box.width) * WIDTH;
    const share = Math.max(0, Math.min(1, (pixel - LEFT) / (WIDTH - LEFT - RIGHT)));
    return this.view[0] + share * (this.view[1] - this.view[0]);
  }

  press(event) {
    this.element.setPointerCapture(event.pointerId);
    this.from = this.energy(event);
  }

  drag(event) {
    if (this.from === undefined) return;
    this.window = [this.from, this.energy(event)].sort((a, b) => a - b);
    this.draw();
  }

  release() {
    if (this.from !== undefined && this.window) this.onWindow(this.window);
    this.from = undefined;
  }

  show(name, values) {
    this.curves[name] = values;
    this.draw();
  }

  draw() {
    const inside = this.energies.flatMap((energy, k) => (energy >= this.view[0] && energy <= this.view[1] ? [k] : []));
    const values = Object.values(this.curves).flatMap((curve) => inside.map((k) => curve[k])).filter((value) => value !== null && (!this.isLog || value > 0));
    if (!values.length) return;
    const high = values.reduce((a, b) => Math.max(a, b));
    const low = values.reduce((a, b) => Math.min(a, b));
    const [bottom, top] = this.isLog ? [Math.log10(low) - 0.05, Math.log10(high) + 0.05] : [Math.min(0, low), high * 1.05 || 1];
    const scale = (value) => HEIGHT - BOTTOM - (((this.isLog ? Math.log10(value) : value) - bottom) / (top - bottom || 1)) * (HEIGHT - TOP - BOTTOM);
    const parts = [...this.frame(bottom, top, scale)];
    if (this.window) parts.push(this.band());
    for (const name of ["pixel", "mean"].filter((each) => this.curves[each])) {
      const curve = this.curves[name];
      const points = inside.filter((k) => curve[k] !== null && (!this.isLog || curve[k] > 0)).map((k) => `${this.x(this.energies[k]).toFixed(1)},${scale(curve[k]).toFixed(1)}`);
      parts.push(drawn("polyline", { class: name, points: points.join(" ") }));
    }
    this.element.replaceChildren(...parts);
  }

  *frame(bottom, top, scale) {
    const end = HEIGHT - BOTTOM;
    for (const energy of ticks(...this.view)) {
      yield drawn("line", { class: "rule", x1: this.x(energy), x2: this.x(energy), y1: TOP, y2: end });
      yield drawn("text", { x: this.x(energy), y: end + 16, "text-anchor": "middle" }, number(energy));
    }
    const heights = this.isLog ? ticks(bottom, top, 5).filter(Number.isInteger).map((power) => 10 ** power) : ticks(bottom, top, 5);
    for (const value of heights) {
      yield drawn("line", { class: "rule", x1: LEFT, x2: WIDTH - RIGHT, y1: scale(value), y2: scale(value) });
      yield drawn("text", { x: LEFT - 6, y: scale(value) + 4, "text-anchor": "end" }, number(value));
    }
    yield drawn("text", { x: LEFT + 6, y: TOP + 10 }, this.yTitle);
    yield drawn("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, this.unit);
  }

  band() {
    const [left, right] = this.window.map((energy) => Math.max(LEFT, Math.min(WIDTH - RIGHT, this.x(energy))));
    return drawn("rect", { class: "window", x: left, width: Math.max(1, right - left), y: TOP, height: HEIGHT - TOP - BOTTOM });
  }
}

class Spectra {
  constructor(root) {
    Object.assign(this, JSON.parse(root.dataset.spectra));
    this.root = root;
    this.hasMap = this.axes.includes("y") && this.axes.includes("x");
    this.isKnown = Boolean(this.energies);
    this.energies ??= Array.from({ length: this.shape.at(-1) }, (_, channel) => channel);
    this.at = { y: Math.floor(this.lengthOf("y") / 2), x: Math.floor(this.lengthOf("x") / 2), t: 0 };
    if (this.tilts) this.at.t = this.tilts.reduce((best, angle, i, all) => (Math.abs(angle) < Math.abs(all[best]) ? i : best), 0);
    this.look = { name: "gray", low: 0, high: 1 };
    this.turns = {};
    this.build();
  }

  lengthOf(axis) {
    const at = this.axes.indexOf(axis);
    return at < 0 ? 1 : this.shape[at];
  }

  build() {
    this.plot = new Plot(this.energies, this.isKnown ? "Energy [eV]" : "Channel (energies unknown)", this.unit, (window) => this.take(window));
    this.status = made("p", { class: "viewer-status small", role: "status", "aria-live": "polite" }, "Loading.");
    const keys = made("ul", { class: "legend small" },
      ...[["mean", "mean of all pixels"], ["pixel", "chosen pixel"]].slice(0, this.hasMap ? 2 : 1).map(([name, text]) => made("li", {}, made("span", { class: `swatch line ${name}` }), text)));
    const plotted = made("div", { class: "spectra-side" }, this.plot.element, keys, this.windowControls());
    if (!this.hasMap) {
      this.root.replaceChildren(this.status, plotted);
      return this.readMean();
    }
    this.canvas = made("canvas", { role: "img", tabindex: 0, "aria-label": `Counts of ${this.title} in every pixel; arrow keys move the chosen pixel` });
    const isStepped = this.steps.every(Boolean);
    this.canvas.style.aspectRatio = `${this.lengthOf("x") * (isStepped ? this.steps[1] : 1)} / ${this.lengthOf("y") * (isStepped ? this.steps[0] : 1)}`;
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.root.replaceChildren(...(this.axes.includes("t") ? [made("div", { class: "viewer-controls" }, this.slider())] : []), this.status,
      made("div", { class: "spectra-sides" }, made("div", { class: "planes" }, this.canvas), plotted));
    new ResizeObserver(() => this.paint()).observe(this.canvas);
    return this.readTilt();
  }

  slider() {
    const input = made("input", { type: "range", min: 0, max: this.lengthOf("t") - 1, value: this.at.t });
    this.tiltSaid = made("output", { class: "number small" }, this.tilt());
    input.addEventListener("input", () => {
      this.at.t = input.valueAsNumber;
      this.tiltSaid.textContent = this.tilt();
      input.setAttribute("aria-valuetext", this.tilt());
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.readTilt(), WAIT_MS);
    });
    return made("label", { class: "slider" }, made("span", {}, "Tilt"), input, this.tiltSaid);
  }

  tilt() {
    return `${this.tilts ? `${number(this.tilts[this.at.t])}° (` : ""}${this.at.t + 1} of ${this.lengthOf("t")}${this.tilts ? ")" : ""}`;
  }

  windowControls() {
    const unit = this.isKnown ? "eV" : "channel";
    this.ends = ["Lower", "Upper"].map((name) => made("input", { type: "number", step: "any", "aria-label": `${name} end of the window [${unit}]`, disabled: !this.isKnown }));
    for (const input of this.ends) input.addEventListener("change", () => this.typed());
    const log = made("input", { type: "checkbox" });
    log.addEventListener("change", () => { this.plot.isLog = log.checked; this.plot.draw(); });
    const button = (text, act) => {
      const element = made("button", { type: "button", class: "small" }, text);
      element.addEventListener("click", act);
      return element;
    };
    return made("div", { class: "window-row" }, made("span", { class: "small" }, `Window [${unit}]`), this.ends[0], made("span", {}, "to"), this.ends[1],
      button("Zoom to it", () => this.zoom(this.plot.window)), button("All energies", () => this.whole()), made("label", { class: "inline" }, log, " Logarithmic"));
  }

  typed() {
    const [low, high] = this.ends.map((input) => input.valueAsNumber);
    if (Number.isFinite(low) && Number.isFinite(high) && low < high) this.take([low, high]);
  }

  take(window) {
    if (!this.isKnown) return;
    this.plot.window = window;
    this.ends.forEach((input, k) => { input.value = Number(window[k].toPrecision(6)); });
    this.plot.draw();
    this.readMap();
  }

  zoom(view) {
    if (!view) return;
    this.plot.view = view;
    this.plot.draw();
  }

  whole() {
    this.plot.window = null;
    this.plot.view = [Math.min(...this.energies), Math.max(...this.energies)];
    for (const input of this.ends) input.value = "";
    this.plot.draw();
    this.readMap();
  }

  // Only the latest answer of each kind counts.
  async ask(kind, path, query) {
    const turn = (this.turns[kind] ?? 0) + 1;
    this.turns[kind] = turn;
    const named = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    const answer = await fetch(`${this.address}/${path}?${new URLSearchParams(named)}`);
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `the service answered ${answer.status}`);
    return turn === this.turns[kind] ? answer : null;
  }

  get series() {
    return this.axes.includes("t") ? { t: this.at.t } : {};
  }

  async tried(act) {
    try {
      await act();
    } catch (error) {
      this.status.textContent = error.message;
    }
  }

  readTilt() {
    this.readMean();
    this.readMap();
    this.readPixel();
  }

  readMean() {
    return this.tried(async () => {
      const answer = await this.ask("mean", "spectrum", this.series);
      if (answer) this.plot.show("mean", (await answer.json()).values);
      if (!this.hasMap) this.status.textContent = `${this.title}, ${this.energies.length} channels.`;
    });
  }

  readPixel() {
    return this.tried(async () => {
      const answer = await this.ask("pixel", "spectrum", { ...this.series, y: this.at.y, x: this.at.x });
      if (answer) this.plot.show("pixel", (await answer.json()).values);
      this.say();
    });
  }

  readMap() {
    if (!this.hasMap) return null;
    return this.tried(async () => {
      const [low, high] = this.plot.window ?? [];
      const answer = await this.ask("map", "energy-map", { ...this.series, low_eV: low, high_eV: high });
      if (!answer) return;
      this.found = { values: new Float32Array(await answer.arrayBuffer()), height: this.lengthOf("y"), width: this.lengthOf("x") };
      [this.look.low, this.look.high] = usualLimits(this.found.values);
      this.paint();
      this.say();
    });
  }

  paint() {
    if (!this.found) return;
    paintMap(this.canvas, this.found, this.look, [(this.at.x + 0.5) / this.lengthOf("x"), (this.at.y + 0.5) / this.lengthOf("y")]);
    if (this.steps[1]) paintScale(this.canvas, this.steps[1] * this.lengthOf("x"));
  }

  say() {
    const place = ["y", "x"].map((axis, k) => `${axis} ${this.at[axis]}${this.steps[k] ? ` (${length(this.at[axis] * this.steps[k])})` : ""}`).join(", ");
    const value = this.found?.values[this.at.y * this.lengthOf("x") + this.at.x];
    const window = this.plot.window ? ` between ${this.plot.window.map((end) => number(end)).join(" and ")} eV` : "";
    const tilt = this.axes.includes("t") ? `tilt ${this.tilt()}, ` : "";
    this.status.textContent = `${tilt}${place}${value === undefined ? "" : `: ${number(value)} ${this.unit}${window}`}. Grey: ${number(this.look.low)} to ${number(this.look.high)} ${this.unit}.`;
  }

  move(y, x) {
    this.at.y = Math.max(0, Math.min(this.lengthOf("y") - 1, y));
    this.at.x = Math.max(0, Math.min(this.lengthOf("x") - 1, x));
    this.paint();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.readPixel(), WAIT_MS / 3);
  }

  press(event) {
    const box = this.canvas.getBoundingClientRect();
    this.move(Math.floor(((event.clientY - box.top) / box.height) * this.lengthOf("y")), Math.floor(((event.clientX - box.left) / box.width) * this.lengthOf("x")));
  }

  key(event) {
    const [y, x] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (y === undefined) return;
    event.preventDefault();
    this.move(this.at.y + y, this.at.x + x);
  }
}

// A whole tilt is summed for the mean and the map, so it is asked for when somebody comes to see it.
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries.filter(({ isIntersecting }) => isIntersecting)) {
    seen.unobserve(entry.target);
    new Spectra(entry.target);
  }
}, { rootMargin: "200px" });
for (const root of document.querySelectorAll("[data-spectra]")) seen.observe(root);
