// The read-out of a plot: the values at the pointer or at the place the arrow keys reach, in words.

import { number } from "../page/numbers.js";

const MOST = 8;
const NEAR_PX = 6;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity };
const HINT = "Point at the plot, or use the arrow keys on it. Drag to see a part.";

export class Reader {
  constructor(plot) {
    this.plot = plot;
    plot.stage.addEventListener("keydown", (event) => this.key(event));
  }

  // What is said until somebody asks.
  rest(leftOut) {
    const hint = this.plot.about.onWindow ? HINT.replace("see a part", "choose a window") : HINT;
    const many = leftOut === 1 ? "1 point that a logarithmic axis cannot show is left out." : `${leftOut} points that a logarithmic axis cannot show are left out.`;
    this.plot.said.textContent = `${hint}${leftOut ? ` ${many}` : ""}`;
  }

  // The same place after the curves changed.
  again() {
    if (this.x !== undefined && this.plot.data.xs.includes(this.x)) this.show(this.x);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = { "+": () => this.plot.scaleBy(0.5), "=": () => this.plot.scaleBy(0.5), "-": () => this.plot.scaleBy(2), 0: () => this.plot.whole() };
    const step = STEPS[event.key];
    if (!step && !acts[event.key]) return;
    event.preventDefault();
    if (acts[event.key]) acts[event.key]();
    else if (event.shiftKey) this.pan(Math.sign(step));
    else this.step(step);
  }

  pan(way) {
    const [low, high] = this.plot.view;
    const by = (way * (high - low)) / 5;
    const [first, last] = this.plot.full;
    const kept = way < 0 ? Math.max(by, first - low) : Math.min(by, last - high);
    if (this.plot.isZoomed) this.plot.zoom([low + kept, high + kept]);
  }

  // Places at which something shown stands, each once.
  get places() {
    const { xs, columns } = this.plot.data;
    const isSaid = (at) => columns.some(({ values }, k) => this.plot.shown[k] && values[at] !== undefined);
    return xs.filter((x, at) => x !== xs[at - 1] && isSaid(at));
  }

  step(by) {
    const { places } = this;
    if (!places.length) return;
    const found = this.x === undefined ? -1 : places.findIndex((x) => x >= this.x);
    const now = found < 0 && (this.x !== undefined || by < 0) ? places.length : found;
    const x = places[Math.max(0, Math.min(places.length - 1, now + by))];
    this.show(x);
    const [low, high] = this.plot.view;
    if (x < low || x > high) this.plot.zoom([x - (high - low) / 2, x + (high - low) / 2]);
    this.plot.chart.setCursor({ left: this.plot.chart.valToPos(x, "x"), top: 1 }, false);
  }

  follow() {
    const { chart, data } = this.plot;
    if (chart?.cursor.idx === null || chart?.cursor.idx === undefined) return;
    this.show(data.xs[chart.cursor.idx], chart.cursor.left);
  }

  show(x, pixel) {
    if (x === undefined) return;
    this.x = x;
    const { about, lines, shown, data, chart } = this.plot;
    const said = [];
    for (let at = data.xs.indexOf(x); data.xs[at] === x; at += 1) {
      lines.forEach((line, k) => {
        if (shown[k] && data.columns[k].values[at] !== undefined) said.push(this.words(line, k, at));
      });
    }
    const at = pixel ?? chart.valToPos(x, "x");
    const near = (about.marks ?? []).filter((mark) => mark.title && Math.abs(chart.valToPos(mark.x, "x") - at) <= NEAR_PX);
    const more = said.length > MOST ? `; ${said.length - MOST} more` : "";
    const marks = near.length ? ` Near: ${near.slice(0, MOST).map((mark) => mark.words ?? `${mark.title} at ${number(mark.x)} ${about.x.unit}`).join("; ")}.` : "";
    this.plot.said.textContent = `${about.x.title} ${`${number(x)} ${about.x.unit ?? ""}`.trim()}: ${said.slice(0, MOST).join("; ")}${more}${marks && "."}${marks}`;
    about.onPlace?.(x);
  }

  words(line, k, at) {
    const { values, errors } = this.plot.data.columns[k];
    const unit = line.unit ?? this.plot.about.y.unit ?? "";
    const spread = errors?.[at];
    const text = values[at] === null ? "unknown" : `${number(values[at])}${Number.isFinite(spread) ? ` ± ${number(spread, 2)}` : ""} ${unit}`.trim();
    return `${line.title || this.plot.about.y.title} ${text}`;
  }
}
