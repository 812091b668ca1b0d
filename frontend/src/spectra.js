// Spectra: the map of counts within a window of energies, and beside it the mean spectrum, that of the chosen pixel and
// that of a region.
//
// The service reads only what is asked for: one pixel, a region, or the sums of one tilt (`data-spectra`, written by
// `viewing.py`). Slices of the same rows and columns on the page move the chosen pixel.

import { ElementMarks } from "./plots/elements.js";
import { plot } from "./plots/plot.js";
import { PixelMap } from "./plots/pixels.js";
import { made } from "./page/elements.js";
import { number } from "./page/numbers.js";

const WAIT_MS = 300;
const CURVES = {
  mean: { title: "mean of all pixels", tone: "tone-soft" },
  pixel: { title: "chosen pixel", tone: "series-2" },
  region: { title: "mean of the region", tone: "series-0" },
};

class Spectra {
  constructor(root) {
    Object.assign(this, JSON.parse(root.dataset.spectra));
    this.root = root;
    this.hasMap = this.axes.includes("y") && this.axes.includes("x");
    this.isKnown = Boolean(this.energies);
    this.energies ??= Array.from({ length: this.shape.at(-1) }, (_, channel) => channel);
    this.t = this.tilts ? this.tilts.reduce((best, angle, i, all) => (Math.abs(angle) < Math.abs(all[best]) ? i : best), 0) : 0;
    this.window = null;
    this.curves = {};
    this.turns = {};
    this.build();
  }

  lengthOf(axis) {
    const at = this.axes.indexOf(axis);
    return at < 0 ? 1 : this.shape[at];
  }

  build() {
    this.status = made("p", { class: "viewer-status small", role: "status", "aria-live": "polite" }, "Loading.");
    const stage = made("div", {});
    const plotted = made("div", { class: "spectra-side" }, stage, this.windowControls());
    if (this.hasMap) this.buildMap(plotted);
    else this.root.replaceChildren(...this.controls(), this.status, plotted);
    this.plot = plot(stage, {
      title: this.title, name: `${this.title} spectra`, x: { title: this.isKnown ? "Energy" : "Channel (energies unknown)", unit: this.isKnown ? "eV" : "" },
      y: { title: "", unit: this.unit }, xs: this.energies, lines: [], windows: [], height: 24,
      ...(this.isKnown && { onWindow: (low, high) => this.take([low, high]) }) });
    if (this.isKnown) plotted.append(new ElementMarks(this.plot, { kind: this.marks }).element);
    this.readTilt();
    if (this.hasMap) this.named();
  }

  buildMap(plotted) {
    this.map = new PixelMap({
      title: this.title, unit: this.unit, height: this.lengthOf("y"), width: this.lengthOf("x"), steps: this.steps,
      onPixel: () => this.chosen(), onRegion: () => this.settled("region", () => this.readRegion()) });
    this.root.replaceChildren(...this.controls(), this.status, made("div", { class: "spectra-sides" }, this.map.element, plotted));
    document.addEventListener("place", (event) => this.follow(event));
    document.addEventListener("box", (event) => this.enclose(event));
    this.lead();
    if (this.way) this.map.element.append(made("div", {}, this.way));
    addEventListener("hashchange", () => this.named());
  }

  // Slices on the page follow, and the link to the viewer leads to the same place.
  chosen() {
    this.settled("pixel", () => this.readPixel());
    const at = { ...this.map.at, ...this.series };
    document.dispatchEvent(new CustomEvent("pixel", { detail: { at, lengths: { y: this.lengthOf("y"), x: this.lengthOf("x"), ...(this.tilts && { t: this.lengthOf("t") }) } } }));
    this.lead();
  }

  lead() {
    if (!this.viewer) return;
    const at = { ...this.map.at, t: this.t };
    this.way ??= made("a", { class: "button small" }, `Show the pixel in the viewer: ${this.viewer.title}`);
    this.way.href = `${this.viewer.address}#at=${[...this.viewer.axes].map((axis, k) => at[axis] ?? Math.floor(this.viewer.shape[k] / 2)).join(",")}`;
  }

  // The pixel or region that a link names: `#spectra-NAME:y,x`, `:y-y,x-x`, each with the tilt behind it; `:,,t` is a tilt.
  named() {
    const [name, place] = location.hash.slice(1).split(":");
    if (decodeURIComponent(name) !== `spectra-${this.name}` || !place) return;
    const [rows, columns, tilt] = place.split(",").map((part) => part.split("-").filter(Boolean).map(Number));
    const isPlace = (span) => span?.length > 0 && span.every(Number.isInteger);
    if (this.slider && isPlace(tilt)) this.turn(Math.max(0, Math.min(this.lengthOf("t") - 1, tilt[0])));
    if (!isPlace(rows) || !isPlace(columns)) return;
    this.map.move(rows[0], columns[0]);
    if (rows.length + columns.length > 2) this.map.spanned(this.map.inside(rows[0], columns[0]), this.map.inside(rows.at(-1), columns.at(-1)));
  }

  controls() {
    if (!this.axes.includes("t")) return [];
    const input = made("input", { type: "range", min: 0, max: this.lengthOf("t") - 1, value: this.t });
    this.tiltSaid = made("output", { class: "number small" }, this.tilt());
    input.addEventListener("input", () => this.turn(input.valueAsNumber));
    this.slider = input;
    return [made("div", { class: "viewer-controls" }, made("label", { class: "slider" }, made("span", {}, "Tilt"), input, this.tiltSaid))];
  }

  turn(t) {
    this.t = t;
    this.slider.value = t;
    this.slider.setAttribute("aria-valuetext", this.tilt());
    this.tiltSaid.textContent = this.tilt();
    this.settled("tilt", () => this.readTilt(), WAIT_MS);
    if (this.hasMap) this.chosen();
  }

  tilt() {
    return `${this.tilts ? `${number(this.tilts[this.t])}° (` : ""}${this.t + 1} of ${this.lengthOf("t")}${this.tilts ? ")" : ""}`;
  }

  windowControls() {
    const unit = this.isKnown ? "eV" : "channel";
    this.ends = ["Lower", "Upper"].map((name) => made("input", { type: "number", step: "any", "aria-label": `${name} end of the window [${unit}]`, disabled: !this.isKnown }));
    for (const input of this.ends) input.addEventListener("change", () => this.typed());
    const button = (text, act) => {
      const element = made("button", { type: "button", class: "small" }, text);
      element.addEventListener("click", act);
      return element;
    };
    return made("div", { class: "window-row" }, made("span", { class: "small" }, `Window [${unit}]`), this.ends[0], made("span", {}, "to"), this.ends[1],
      button("Zoom to it", () => this.window && this.plot.zoom(this.window)), button("All energies", () => this.whole()));
  }

  typed() {
    const [low, high] = this.ends.map((input) => input.valueAsNumber);
    if (Number.isFinite(low) && Number.isFinite(high) && low < high) this.take([low, high]);
  }

  take(window) {
    this.window = window;
    this.ends.forEach((input, k) => { input.value = Number(window[k].toPrecision(6)); });
    this.plot.annotate({ windows: [{ low: window[0], high: window[1] }] });
    this.readMap();
  }

  whole() {
    this.window = null;
    for (const input of this.ends) input.value = "";
    this.plot.annotate({ windows: [] });
    this.plot.whole();
    this.readMap();
  }

  // Whether slices have the same rows and columns, as a test of one of their axes; null where they do not.
  alike(target) {
    const { frame } = JSON.parse(target.closest?.("[data-slices]")?.dataset.slices ?? "{}");
    const isAlike = (axis, mine) => Boolean(frame?.axes.includes(axis)) && frame.shape[frame.axes.indexOf(axis)] === mine;
    return isAlike("y", this.lengthOf("y")) && isAlike("x", this.lengthOf("x")) ? isAlike : null;
  }

  // A box that is drawn over such slices is a region.
  enclose({ target, detail }) {
    if (!this.alike(target)) return;
    if (detail) this.map.spanned({ y: detail.y[0], x: detail.x[0] }, { y: detail.y[1], x: detail.x[1] });
    else if (this.map.region) this.map.span(null);
  }

  // Slices cut at a place of the same rows and columns, or tilts of the same number, take the spectra with them.
  follow({ target, detail }) {
    const isAlike = this.alike(target);
    if (!isAlike) return;
    if (detail.y !== this.map.at.y || detail.x !== this.map.at.x) this.map.move(detail.y, detail.x);
    if (this.slider && isAlike("t", this.lengthOf("t")) && detail.t !== this.t) this.turn(detail.t);
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
    return this.axes.includes("t") ? { t: this.t } : {};
  }

  async tried(act) {
    try {
      await act();
    } catch (error) {
      this.status.textContent = error.message;
    }
  }

  settled(kind, act, wait = WAIT_MS / 3) {
    this.waiting ??= {};
    clearTimeout(this.waiting[kind]);
    this.waiting[kind] = setTimeout(act, wait);
  }

  show(name, values) {
    if (values) this.curves[name] = values;
    else delete this.curves[name];
    const lines = Object.entries(CURVES).filter(([each]) => this.curves[each]);
    this.plot.update({ lines: lines.map(([each, look]) => ({ ...look, ...(!this.hasMap && { title: this.title }), values: this.curves[each] })) });
  }

  readTilt() {
    this.readMean();
    if (!this.hasMap) return;
    this.readMap();
    this.readPixel();
    this.readRegion();
  }

  readSpectrum(name, place) {
    return this.tried(async () => {
      const answer = await this.ask(name, "spectrum", { ...this.series, ...place });
      if (answer) this.show(name, (await answer.json()).values);
      this.say();
    });
  }

  readMean() {
    return this.readSpectrum("mean", {});
  }

  readPixel() {
    return this.readSpectrum("pixel", this.map.at);
  }

  readRegion() {
    if (this.map.region) return this.readSpectrum("region", this.map.region);
    if (this.curves.region) this.show("region", null);
    return this.say();
  }

  readMap() {
    if (!this.hasMap) return null;
    return this.tried(async () => {
      const [low, high] = this.window ?? [];
      const answer = await this.ask("map", "energy-map", { ...this.series, low_eV: low, high_eV: high });
      if (!answer) return;
      this.map.show(new Float32Array(await answer.arrayBuffer()));
      this.say();
    });
  }

  say() {
    if (!this.hasMap) {
      this.status.textContent = `${this.title}, ${this.energies.length} channels.`;
      return;
    }
    const window = this.window ? ` between ${this.window.map((end) => number(end)).join(" and ")} eV` : "";
    const tilt = this.axes.includes("t") ? `tilt ${this.tilt()}, ` : "";
    this.status.textContent = `${tilt}${this.map.words(window)}`;
  }
}

// A whole tilt is summed for the mean and the map, so it is asked for when somebody comes to see it.
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries.filter(({ isIntersecting }) => isIntersecting)) {
    seen.unobserve(entry.target);
    new Spectra(entry.target);
  }
}, { rootMargin: "200px" });
const named = (root) => decodeURIComponent(location.hash.slice(1).split(":")[0]) === `spectra-${JSON.parse(root.dataset.spectra).name}`;

// A link to a pixel brings its spectra into sight, and so begins them.
function come(root) {
  if (named(root)) root.scrollIntoView();
}

for (const root of document.querySelectorAll("[data-spectra]")) {
  seen.observe(root);
  come(root);
  addEventListener("hashchange", () => come(root));
}
