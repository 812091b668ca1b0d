// A plot: curves, points and steps upon one axis, with bars or bands of uncertainty, marks and windows; it is zoomed, read
// out by pointer and arrow keys, and saved as CSV and PNG.
//
//   const shown = plot(root, about)          draws into `root`; `plots.css` must be linked by the page
//   about = {
//     title, name,                           words; the stem of saved files
//     x: { title, unit, isLog }, y: { title, unit, isLog },
//     xs,                                    places shared by the lines that have none of their own
//     lines: [{ title, unit, values, xs, error, errorWords, kind, tone, dash, isHidden }],
//                                            kind "line" | "points" | "step" | "band"; tone a class, "series-0" to "series-7"
//     marks: [{ x, title, tone, isDotted }], tone a colour token such as "--info"
//     windows: [{ low, high }],
//     onWindow(low, high), onPlace(x),       a drag chooses a window (else it zooms); the place that is read out
//     hasLegend, height }                    [rem]
//   shown.update(change)                     a part of `about`; the zoom stays unless `xs` outgrow it
//   shown.mark(x, words)                     a dotted line and what it means; null takes the line away
//   shown.zoom([low, high]), shown.whole(), shown.end()

import uPlot from "uplot";

import { made } from "../page/elements.js";
import { save } from "../page/saving.js";
import { drawBands, drawBars, drawMarks, drawWindows, steps } from "./drawing.js";
import { joined } from "./joining.js";
import { Reader } from "./reading.js";
import { csv, fileName, picture } from "./saving.js";
import { extent, headed, ticks, tickWords, widened } from "./scales.js";

const TONES = 8;
const DASHES = { 4: [7, 3], 5: [2, 3], 6: [9, 3, 2, 3], 7: [4, 4] };
const FONT = "12px system-ui, sans-serif";
const LEAST_DRAG_PX = 8;
const FEW = 20; // so few points are marked each, or a curve of one or two steps is hardly seen
const ZOOM = 2;
const HEIGHT_REM = 20;

export class Plot {
  constructor(root, about) {
    this.root = root;
    this.about = about;
    this.colours = new Map();
    this.isLog = Boolean(about.y.isLog);
    this.build();
    this.take();
    this.draw();
    this.watch();
  }

  build() {
    this.stage = made("div", { class: "plot-stage", tabindex: 0, role: "img" });
    this.probe = made("span", { class: "plot-probe", "aria-hidden": "true" });
    this.said = made("output", { class: "readout small number" });
    this.place = made("p", { class: "small number depth-said", hidden: true });
    this.legend = made("ul", { class: "legend plot-legend" });
    this.log = made("input", { type: "checkbox" });
    this.log.checked = this.isLog;
    this.log.addEventListener("change", () => this.setLog(this.log.checked));
    this.back = this.button("Whole width", () => this.whole());
    this.back.hidden = true;
    this.acts = made("div", { class: "plot-acts" }, made("label", { class: "inline" }, this.log, " Logarithmic"),
      this.button("−", () => this.scaleBy(ZOOM), "Zoom out"), this.button("+", () => this.scaleBy(1 / ZOOM), "Zoom in"), this.back,
      this.button("CSV", () => this.saveNumbers(), "Save the numbers as CSV"), this.button("PNG", () => this.savePicture(), "Save the picture as PNG"));
    this.root.classList.add("plot");
    this.root.replaceChildren(this.probe, this.stage, this.place, this.said, this.legend, this.acts);
    this.reader = new Reader(this);
  }

  button(text, act, label) {
    const button = made("button", { type: "button", class: "small", "aria-label": label, title: label }, text);
    button.addEventListener("click", act);
    return button;
  }

  // The curves in order, with their tones and what is shown.
  take() {
    this.lines = this.about.lines.map((line, k) => ({ ...line, tone: line.tone ?? `series-${k % TONES}` }));
    for (const line of this.lines) line.dash ??= DASHES[line.tone.slice("series-".length)];
    this.data = joined(this.lines, this.about.xs ?? [], this.about.x.isLog);
    const before = this.shown ?? [];
    this.shown = this.lines.map((line, k) => before[k] ?? !line.isHidden);
    const { xs } = this.data;
    const zoomed = this.isZoomed ? this.view : null;
    this.full = xs.length ? widened([xs[0], xs.at(-1)], this.about.x.isLog, false) : [0, 1];
    this.view = zoomed && zoomed[0] >= this.full[0] && zoomed[1] <= this.full[1] ? zoomed : this.full;
    this.stage.setAttribute("aria-label", `${this.about.title || this.about.y.title || "Values"} against ${headed(this.about.x)}; arrow keys read values, plus and minus zoom`);
    this.writeLegend();
  }

  writeLegend() {
    if (this.written === this.shape) return;
    this.written = this.shape;
    const keys = this.lines.map((line, k) => {
      const key = made("span", { class: `swatch line ${line.tone}${line.kind === "points" ? " points" : ""}` });
      if (this.lines.length === 1) return made("li", { hidden: true }, key);
      const button = made("button", { type: "button", class: "quiet small", "aria-pressed": String(this.shown[k]) }, key, line.title || this.about.y.title);
      button.addEventListener("click", () => this.toggle(k));
      return made("li", {}, button);
    });
    this.legend.replaceChildren(...keys);
    this.legend.hidden = this.about.hasLegend === false;
    this.keys = keys.map((each) => each.querySelector(".swatch"));
    this.colours.clear();
  }

  toggle(k) {
    this.shown[k] = !this.shown[k];
    this.keys[k].parentElement.setAttribute("aria-pressed", String(this.shown[k]));
    this.chart.setSeries(k + 1, { show: this.shown[k] });
  }

  tone(k) {
    return this.kept(`line ${k}`, this.keys[k]);
  }

  colour(token) {
    this.probe.style.color = `var(${token})`;
    return this.kept(token, this.probe);
  }

  // What a colour is in the present theme.
  kept(name, element) {
    if (!this.colours.has(name)) this.colours.set(name, getComputedStyle(element).color);
    return this.colours.get(name);
  }

  get isZoomed() {
    return this.view !== undefined && this.view !== this.full;
  }

  draw() {
    this.chart?.destroy();
    this.stage.replaceChildren();
    this.chart = new uPlot(this.options(), this.aligned(), this.stage);
    this.sayLeftOut();
  }

  // A logarithmic axis shows nothing of what is not above zero.
  aligned() {
    const cut = (values) => (this.isLog ? values.map((value) => (value !== null && value <= 0 ? null : value)) : values);
    return [this.data.xs, ...this.data.columns.map(({ values }) => cut(values))];
  }

  sayLeftOut() {
    const count = this.isLog ? this.data.columns.reduce((sum, { values }) => sum + values.filter((value) => value !== null && value <= 0).length, 0) : 0;
    this.reader.rest(count);
  }

  options() {
    const ink = () => this.colour("--ink-soft");
    const rule = { stroke: () => this.colour("--line"), width: 1 };
    const axis = { stroke: ink, font: FONT, labelFont: FONT, grid: rule, ticks: { ...rule, size: 4 }, values: (_, values) => tickWords(values), filter: (_, values) => values };
    return {
      ...this.size,
      pxAlign: 0,
      padding: [8, 24, 0, 4],
      scales: {
        x: { time: false, distr: this.about.x.isLog ? 3 : 1, range: () => this.view },
        y: { distr: this.isLog ? 3 : 1, range: () => this.heights },
      },
      axes: [
        { ...axis, label: headed(this.about.x), labelSize: 20, size: 30, splits: (_, __, low, high) => ticks(low, high, this.size.width / 90, this.about.x.isLog) },
        { ...axis, label: headed(this.about.y), labelSize: 20, size: (_, values) => 14 + 7 * Math.max(3, ...(values ?? []).map((text) => text.length)), splits: (_, __, low, high) => ticks(low, high, 6, this.isLog) },
      ],
      series: [{}, ...this.lines.map((line, k) => this.series(line, k))],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX }, points: { size: 7 }, bind: { dblclick: () => () => { this.whole(); return null; } } },
      hooks: {
        drawClear: [() => drawBands(this)],
        drawAxes: [() => { drawWindows(this); drawMarks(this); }],
        draw: [() => drawBars(this)],
        setCursor: [() => this.reader.follow()],
        setSelect: [() => this.chosen()],
      },
    };
  }

  series(line, k) {
    const isPoints = line.kind === "points" || this.data.xs.length <= FEW || (line.error && this.data.xs.length <= 60);
    const paths = { points: () => null, step: steps }[line.kind];
    const stroke = () => this.tone(k);
    return { show: this.shown[k], stroke, width: line.width ?? 1.75, dash: line.dash, ...(paths && { paths }), points: { show: isPoints, size: 5.5, fill: stroke, stroke } };
  }

  get heights() {
    const found = extent(this.data, this.shown, this.view, this.isLog);
    return found ? widened(found, this.isLog, true) : this.isLog ? [1, 10] : [0, 1];
  }

  get size() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const width = Math.max(200, Math.floor(this.stage.clientWidth || this.root.clientWidth || 600));
    return { width, height: Math.round(Math.min((this.about.height ?? HEIGHT_REM) * rem, Math.max(14 * rem, width * 0.6))) };
  }

  watch() {
    this.resizing = new ResizeObserver(() => {
      if (this.size.width !== this.chart.width) this.chart.setSize(this.size);
    });
    this.resizing.observe(this.stage);
    this.theming = () => {
      this.colours.clear();
      this.chart.redraw(false);
    };
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", this.theming);
    this.switching = new MutationObserver(this.theming);
    this.switching.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  }

  chosen() {
    const { left, width } = this.chart.select;
    if (width < LEAST_DRAG_PX) return;
    const [low, high] = [left, left + width].map((at) => this.chart.posToVal(at, "x"));
    this.chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (this.about.onWindow) this.about.onWindow(low, high);
    else this.zoom([low, high]);
  }

  zoom([low, high]) {
    const [first, last] = this.full;
    const view = [Math.max(first, low), Math.min(last, high)];
    if (!(view[0] < view[1])) return;
    this.view = view[0] === first && view[1] === last ? this.full : view;
    this.back.hidden = !this.isZoomed;
    this.chart.setScale("x", { min: this.view[0], max: this.view[1] });
  }

  whole() {
    this.zoom(this.full);
  }

  // About the place that is read out, else about the middle.
  scaleBy(factor) {
    const way = this.about.x.isLog ? [Math.log, Math.exp] : [(x) => x, (x) => x];
    const [low, high] = this.view.map(way[0]);
    const at = this.reader.x === undefined ? (low + high) / 2 : way[0](this.reader.x);
    const middle = at >= low && at <= high ? at : (low + high) / 2;
    this.zoom([middle - (middle - low) * factor, middle + (high - middle) * factor].map(way[1]));
  }

  setLog(isLog) {
    this.isLog = isLog;
    this.log.checked = isLog;
    this.draw();
  }

  // As many curves of the same kinds are drawn in place; others need a chart of their own.
  update(change) {
    const before = this.shape;
    Object.assign(this.about, change);
    this.take();
    if (before !== this.shape) this.draw();
    else this.chart.setData(this.aligned());
    this.back.hidden = !this.isZoomed;
    this.sayLeftOut();
    this.reader.again();
  }

  get shape() {
    return JSON.stringify([this.about.x, this.about.y, this.lines.map(({ title, kind, tone, error }) => [title, kind, tone, Boolean(error)])]);
  }

  // Marks and windows alone: the curves stay as they are drawn.
  annotate(change) {
    Object.assign(this.about, change);
    this.chart.redraw(false);
  }

  mark(x, words) {
    const others = (this.about.marks ?? []).filter(({ isPlace }) => !isPlace);
    const isSeen = Number.isFinite(x) && x >= this.full[0] && x <= this.full[1];
    this.root.toggleAttribute("data-marked", isSeen);
    this.place.hidden = !words;
    this.place.textContent = words ?? "";
    this.annotate({ marks: isSeen ? [...others, { x, tone: "--ink", isDotted: true, isPlace: true }] : others });
  }

  get stem() {
    return fileName(this.about.name || this.about.title || this.about.y.title || "plot");
  }

  saveNumbers() {
    save(new Blob(["\ufeff", csv(this)], { type: "text/csv;charset=utf-8" }), `${this.stem}.csv`);
  }

  savePicture() {
    picture(this).toBlob((blob) => save(blob, `${this.stem}.png`));
  }

  end() {
    this.resizing.disconnect();
    this.switching.disconnect();
    this.dark.removeEventListener("change", this.theming);
    this.chart.destroy();
    this.root.replaceChildren();
  }
}

export const plot = (root, about) => new Plot(root, about);
