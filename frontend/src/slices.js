// Linked slices: every map of one frame cut at one shared place, by sliders, keys and clicks.
//
// The page says in data-slices which frame (axes, lengths, steps, tilt angles) and which maps there are; `viewing.py`
// writes it. A map is drawn by a `MapCard`; the place is kept by the `Viewer` alone.

import { NAMES, bar } from "./seeing/colours.js";
import { fitted, length, made, paintMap, paintName, paintScale, usualLimits } from "./seeing/mapping.js";
import { number } from "./numbers.js";
import { openLevels } from "./seeing/zarr.js";

const SETTLE_MS = 250;
const SAID_MAPS = 12;
const SAMPLE = 200_000;
const FIRST_SHOWN = 12;
const places = new Map(); // of frames, so that a page that is written anew stays where it was

class MapCard {
  constructor(viewer, map, index) {
    this.viewer = viewer;
    this.map = map;
    this.look = { name: map.colours, low: 0, high: 1 };
    this.planes = viewer.planes.map((plane) => ({ ...plane, canvas: this.canvas(plane, index) }));
    this.profile = made("canvas", { class: "profile", role: "img", "aria-label": `${map.title} along a line through the place` });
    this.profile.addEventListener("pointerdown", (event) => this.pressProfile(event));
    this.said = made("span", { class: "number" });
    this.element = made("section", { class: "map", "aria-label": map.title },
      made("div", { class: "map-head" }, made("strong", {}, map.title), this.said),
      made("div", { class: `planes planes-${this.planes.length}` }, ...this.planes.map(({ canvas }) => canvas), this.profile),
      this.controls());
  }

  canvas(plane, index) {
    const canvas = made("canvas", { role: "img", tabindex: index || plane.name !== this.viewer.planes[0].name ? null : 0,
      "aria-label": `${this.map.title}, plane ${plane.name}; arrow keys move the place` });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.press(event, plane);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons & 1 && this.press(event, plane));
    canvas.addEventListener("keydown", (event) => this.viewer.press(event, plane));
    canvas.addEventListener("wheel", (event) => event.shiftKey && this.viewer.wheel(event, plane), { passive: false });
    return canvas;
  }

  controls() {
    if (this.map.colours === "labels") return made("p", { class: "small soft" }, "a colour for each label");
    const limit = (name, end) => {
      const input = made("input", { type: "number", step: "any", "aria-label": `${name} limit of ${this.map.title}` });
      input.addEventListener("change", () => this.limit(end, Number(input.value), input.value));
      return input;
    };
    this.inputs = { low: limit("Lower", "low"), high: limit("Upper", "high") };
    this.bar = made("canvas", { class: "colour-bar", width: 256, height: 1, role: "img", "aria-label": `Colours of ${this.map.title}` });
    const choices = Object.entries(NAMES).map(([value, text]) => made("option", { value, selected: value === this.look.name }, text));
    this.select = made("select", { "aria-label": `Colour map of ${this.map.title}` }, ...choices);
    this.select.addEventListener("change", () => this.recolour());
    this.centre = made("input", { type: "number", step: "any", "aria-label": `Centre of the colours of ${this.map.title}`, placeholder: "centre", hidden: true });
    this.centre.addEventListener("change", () => this.recolour());
    return made("div", { class: "colour-row" }, this.inputs.low, this.bar, this.inputs.high,
      made("span", { class: "soft small unit" }, this.map.unit), this.select, this.centre);
  }

  async open() {
    this.levels = await openLevels(this.map.address);
    if (this.map.colours === "labels") return;
    const [low, high] = await this.usualLimits();
    Object.assign(this.look, { low, high });
    this.showLimits();
  }

  // Of the coarsest level, which is small.
  async usualLimits() {
    const level = this.levels.at(-1);
    const { down, across, along } = this.axes(this.viewer.planes[0]);
    const count = along === null ? 1 : level.shape[along];
    const some = [];
    const step = Math.max(1, Math.floor((count * level.shape[down] * level.shape[across]) / SAMPLE));
    for (let at = 0; at < count; at += 1) {
      const place = this.place(level);
      if (along !== null) place[along] = at;
      const { values } = await level.plane(down, across, place);
      for (let i = at % step; i < values.length; i += step) if (Number.isFinite(values[i])) some.push(values[i]);
    }
    return usualLimits(some);
  }

  axes({ down, across, along }) {
    const at = (axis) => (axis === null ? null : this.map.axes.indexOf(axis));
    return { down: at(down), across: at(across), along: at(along) };
  }

  // The viewer's place as an index of a level of this map.
  place(level) {
    return [...this.map.axes].map((axis, k) => {
      if (axis === "c") return this.map.channel;
      return Math.floor((this.viewer.at[axis] * level.shape[k]) / this.viewer.lengths[axis]);
    });
  }

  level(pixels) {
    const enough = this.levels.filter(({ shape }) => Math.max(...shape.slice(-2)) >= pixels / 2.4);
    return this.viewer.isFull || this.map.colours === "labels" ? this.levels[0] : (enough.at(-1) ?? this.levels[0]);
  }

  async draw(turn) {
    const width = Math.round(this.planes[0].canvas.clientWidth * devicePixelRatio);
    const level = this.level(width);
    const read = this.planes.map((plane) => {
      const { down, across } = this.axes(plane);
      return level.plane(down, across, this.place(level));
    });
    const found = await Promise.all(read);
    if (turn !== this.viewer.turn) return;
    this.found = found;
    this.paint();
  }

  paint() {
    if (!this.found) return;
    this.planes.forEach((plane, k) => this.paintPlane(plane, this.found[k], k === 0));
    this.paintProfile();
    if (this.bar) this.bar.getContext("2d").putImageData(bar(this.look.name), 0, 0);
  }

  paintPlane({ canvas, down, across, name }, found, hasBar) {
    paintMap(canvas, found, this.look, [this.share(across), this.share(down)]);
    const step = this.viewer.steps[across];
    if (hasBar && step) paintScale(canvas, step * this.viewer.lengths[across]);
    if (this.planes.length > 1) paintName(canvas, name);
  }

  share(axis) {
    return (this.viewer.at[axis] + 0.5) / this.viewer.lengths[axis];
  }

  line() {
    const axis = this.viewer.along;
    const k = this.planes.findIndex(({ down, across }) => across === axis || down === axis);
    const { values, width, height } = this.found[k];
    const { down, across } = this.planes[k];
    if (across === axis) {
      const row = Math.floor(this.share(down) * height);
      return values.subarray(row * width, (row + 1) * width);
    }
    const column = Math.floor(this.share(across) * width);
    return Float32Array.from({ length: height }, (_, row) => values[row * width + column]);
  }

  paintProfile() {
    const pen = fitted(this.profile);
    const style = getComputedStyle(this.element);
    const { width, height } = this.profile;
    const line = this.line();
    const { low, high } = this.map.colours === "labels" ? { low: 0, high: Math.max(1, ...line) } : this.look;
    const y = (value) => height - 4 - ((value - low) / (high - low || 1)) * (height - 8);
    pen.clearRect(0, 0, width, height);
    pen.lineWidth = devicePixelRatio;
    pen.strokeStyle = style.getPropertyValue("color");
    pen.globalAlpha = 0.5;
    pen.beginPath();
    pen.moveTo(this.share(this.viewer.along) * width, 0);
    pen.lineTo(this.share(this.viewer.along) * width, height);
    pen.stroke();
    pen.globalAlpha = 1;
    pen.lineWidth = 1.5 * devicePixelRatio;
    pen.beginPath();
    line.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const x = ((i + 0.5) / line.length) * width;
      if (i > 0 && Number.isFinite(line[i - 1])) pen.lineTo(x, y(value));
      else pen.moveTo(x, y(value));
    });
    pen.stroke();
    pen.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    pen.fillStyle = pen.strokeStyle;
    pen.fillText(`along ${this.viewer.along}`, 4 * devicePixelRatio, 13 * devicePixelRatio);
  }

  press(event, { canvas, down, across }) {
    const box = event.currentTarget.getBoundingClientRect();
    this.viewer.move({
      [across]: Math.floor(((event.clientX - box.left) / box.width) * this.viewer.lengths[across]),
      [down]: Math.floor(((event.clientY - box.top) / box.height) * this.viewer.lengths[down]),
    });
  }

  pressProfile(event) {
    const box = this.profile.getBoundingClientRect();
    const axis = this.viewer.along;
    this.viewer.move({ [axis]: Math.floor(((event.clientX - box.left) / box.width) * this.viewer.lengths[axis]) });
  }

  limit(end, value, text) {
    if (text === "" || !Number.isFinite(value)) this.showLimits();
    else this.look[end] = value;
    if (this.look.name === "diverging") this.recolour();
    this.paint();
  }

  showLimits() {
    for (const end of ["low", "high"]) this.inputs[end].value = Number(this.look[end].toPrecision(4));
  }

  recolour() {
    const isDiverging = this.select.value === "diverging";
    this.centre.hidden = !isDiverging;
    const centre = this.centre.valueAsNumber;
    if (isDiverging && !Number.isFinite(centre)) {
      this.centre.focus();
      return;
    }
    if (isDiverging) {
      const reach = Math.max(Math.abs(this.look.high - centre), Math.abs(this.look.low - centre));
      Object.assign(this.look, { low: centre - reach, high: centre + reach });
      this.showLimits();
    }
    this.look.name = this.select.value;
    this.paint();
  }

  // The value of the very voxel, whatever level is shown.
  async value() {
    const level = this.levels[0];
    const { down, across } = this.axes(this.viewer.planes[0]);
    const place = this.place(level);
    const chunk = place.map((at, k) => Math.floor(at / level.inner[k]));
    const piece = await level.chunk(chunk);
    if (!piece) return level.fill;
    return piece[place.reduce((sum, at, k) => sum * level.inner[k] + (at % level.inner[k]), 0)];
  }

  say(value) {
    const text = Number.isNaN(value) ? "no value" : `${number(value)}${this.map.unit ? ` ${this.map.unit}` : ""}`;
    this.said.textContent = text;
    return `${this.map.title} ${text}`;
  }
}

class Viewer {
  constructor(root) {
    const { frame, maps } = JSON.parse(root.dataset.slices);
    this.root = root;
    this.axes = frame.axes;
    this.lengths = Object.fromEntries(frame.axes.map((axis, k) => [axis, frame.shape[k]]));
    this.steps = Object.fromEntries(frame.axes.map((axis, k) => [axis, frame.steps[k]]));
    this.tilts = frame.tilts;
    this.at = Object.fromEntries(frame.axes.map((axis) => [axis, Math.floor(this.lengths[axis] / 2)]));
    if (this.tilts) this.at.t = this.tilts.reduce((best, angle, i, all) => (Math.abs(angle) < Math.abs(all[best]) ? i : best), 0);
    this.planes = this.axes.includes("z")
      ? [{ name: "xy", down: "y", across: "x", along: "z" }, { name: "yz", down: "y", across: "z", along: "x" }, { name: "xz", down: "z", across: "x", along: "y" }]
      : [{ name: "xy", down: "y", across: "x", along: this.axes.includes("t") ? "t" : null }];
    this.key = JSON.stringify([frame.axes, frame.shape, frame.steps]);
    Object.assign(this.at, places.get(this.key));
    this.along = "x";
    this.isFull = false;
    this.turn = 0; // of drawings
    this.moves = 0; // of the place: a drawing anew, as after a resize, leaves what is said of the place to be said
    this.cards = maps.map((map, index) => new MapCard(this, map, index));
    this.build();
  }

  build() {
    this.status = made("p", { class: "viewer-status small", role: "status", "aria-live": "polite" }, "Loading the maps.");
    this.grid = made("div", { class: "maps" }, ...this.cards.map(({ element }) => element));
    this.cards.slice(FIRST_SHOWN).forEach(({ element }) => { element.hidden = true; });
    this.root.replaceChildren(this.controls(), ...(this.cards.length > 1 ? [this.chooser()] : []), this.status, this.grid);
    this.shapePlanes();
    new ResizeObserver(() => this.redraw()).observe(this.grid);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.cards.forEach((card) => card.paint()));
    this.open();
  }

  async open() {
    await Promise.all(this.cards.filter(({ element, levels }) => !element.hidden && !levels).map((card) => this.openCard(card)));
    this.move({});
  }

  async openCard(card) {
    try {
      await card.open();
    } catch (error) {
      card.levels = null;
      card.element.replaceChildren(made("p", { class: "small" }, `${card.map.title}: ${error.message}`));
    }
  }

  controls() {
    this.sliders = {};
    const rows = this.axes.map((axis) => this.slider(axis));
    const along = made("select", {}, ...this.axes.filter((axis) => axis !== "t").map((axis) => made("option", { value: axis, selected: axis === this.along }, axis)));
    along.addEventListener("change", () => { this.along = along.value; this.cards.forEach((card) => card.paint()); });
    const full = made("input", { type: "checkbox" });
    full.addEventListener("change", () => { this.isFull = full.checked; this.redraw(); });
    const isLarge = this.axes.some((axis) => axis !== "t" && this.lengths[axis] > 64);
    return made("div", { class: "viewer-controls" }, ...rows,
      made("label", { class: "inline" }, "Line along ", along),
      ...(isLarge ? [made("label", { class: "inline" }, full, " Full detail")] : []));
  }

  slider(axis) {
    const input = made("input", { type: "range", min: 0, max: this.lengths[axis] - 1, value: this.at[axis] });
    const where = made("output", { class: "number small" });
    input.addEventListener("input", () => this.move({ [axis]: input.valueAsNumber }));
    this.sliders[axis] = { input, where };
    return made("label", { class: "slider" }, made("span", {}, axis === "t" ? "Tilt" : axis), input, where);
  }

  chooser() {
    const boxes = this.cards.map((card) => {
      const box = made("input", { type: "checkbox", checked: !card.element.hidden });
      box.addEventListener("change", () => { card.element.hidden = !box.checked; this.open(); });
      return made("label", { class: "inline" }, box, ` ${card.map.title}`);
    });
    return made("fieldset", { class: "chooser" }, made("legend", {}, "Maps"), ...boxes);
  }

  // Canvases in true proportions: steps where they are known, pixels as squares where they are not.
  shapePlanes() {
    const spatial = this.axes.filter((axis) => axis !== "t");
    const isKnown = spatial.every((axis) => this.steps[axis]);
    const size = Object.fromEntries(spatial.map((axis) => [axis, this.lengths[axis] * (isKnown ? this.steps[axis] : 1)]));
    for (const card of this.cards) {
      for (const { canvas, down, across } of card.planes) canvas.style.aspectRatio = `${size[across]} / ${size[down]}`;
      const holder = card.profile.parentElement;
      if (card.planes.length === 3) {
        holder.style.gridTemplateColumns = `minmax(0, ${size.x}fr) minmax(0, ${size.z}fr)`;
        card.profile.style.aspectRatio = "auto";
      }
    }
  }

  move(step) {
    for (const [axis, to] of Object.entries(step)) this.at[axis] = Math.max(0, Math.min(this.lengths[axis] - 1, to));
    for (const [axis, { input, where }] of Object.entries(this.sliders)) {
      input.value = this.at[axis];
      where.textContent = this.where(axis);
      input.setAttribute("aria-valuetext", this.where(axis));
    }
    places.set(this.key, { ...this.at });
    this.moves += 1;
    this.root.dispatchEvent(new CustomEvent("place", { bubbles: true, detail: { ...this.at } }));
    this.redraw();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.say(), SETTLE_MS);
  }

  where(axis) {
    if (axis === "t") return this.tilts ? `${number(this.tilts[this.at.t])}° (${this.at.t + 1} of ${this.lengths.t})` : `${this.at.t + 1} of ${this.lengths.t}`;
    return this.steps[axis] ? `${this.at[axis]}: ${length(this.at[axis] * this.steps[axis])}` : `${this.at[axis]}`;
  }

  redraw() {
    this.turn += 1;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      for (const card of this.shown()) card.draw(this.turn).catch((error) => { this.status.textContent = `The maps could not be read: ${error.message}. Reload the page.`; });
    });
  }

  shown() {
    return this.cards.filter(({ element, levels }) => levels && !element.hidden);
  }

  async say() {
    const moves = this.moves;
    const cards = this.shown();
    const values = await Promise.all(cards.map((card) => card.value()));
    if (moves !== this.moves) return;
    const said = cards.map((card, i) => card.say(values[i]));
    const deep = cards.findIndex(({ map }) => map.isDepth);
    if (deep >= 0) document.dispatchEvent(new CustomEvent("depth", { detail: values[deep] }));
    const place = this.axes.map((axis) => `${axis === "t" ? "tilt" : axis} ${this.where(axis)}`).join(", ");
    const more = said.length > SAID_MAPS ? ` and ${said.length - SAID_MAPS} more` : "";
    const unknown = this.axes.some((axis) => axis !== "t" && !this.steps[axis]) ? " (pixel size unknown: places in pixels)" : "";
    this.status.textContent = `${place}${unknown}. ${said.slice(0, SAID_MAPS).join("; ")}${more}.`;
  }

  press(event, { down, across, along }) {
    const far = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: [across, -far], ArrowRight: [across, far], ArrowUp: [down, -far], ArrowDown: [down, far], PageUp: [along, 1], PageDown: [along, -1] };
    const [axis, step] = moves[event.key] ?? [null, 0];
    if (!axis) return;
    event.preventDefault();
    this.move({ [axis]: this.at[axis] + step });
  }

  wheel(event, { along }) {
    if (!along) return;
    event.preventDefault();
    this.move({ [along]: this.at[along] + Math.sign(event.deltaY || event.deltaX) });
  }
}

export function showSlices(within = document) {
  return [...within.querySelectorAll("[data-slices]")].map((root) => new Viewer(root));
}

showSlices();
