// The read-out of a table's chart: a line at the pointer or the arrow keys, and the values there in words.

import { number } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST = 8;
const LEAST_DRAG = 12;
const DEPTH = "depth_nm";

// Dragging over a long curve shows that part of it; only what is drawn changes, not the numbers.
class Zoom {
  constructor(figure, picture, about, after) {
    Object.assign(this, { figure, picture, about });
    this.whole = { low: about.x.low, high: about.x.high };
    this.view = this.whole;
    this.inside = picture.querySelector("svg.inside");
    this.ticks = picture.querySelector(".x-ticks");
    this.band = document.createElementNS(SVG, "rect");
    this.band.setAttribute("class", "window");
    this.back = document.createElement("button");
    Object.assign(this.back, { type: "button", className: "small", textContent: "Whole width", hidden: true });
    this.back.addEventListener("click", () => this.show(this.whole));
    after.after(this.back);
    picture.addEventListener("pointerdown", (event) => { this.from = this.at(event); });
    picture.addEventListener("pointermove", (event) => this.drag(event));
    picture.addEventListener("pointerup", (event) => this.release(event));
    picture.addEventListener("pointerleave", () => this.release(null));
    picture.addEventListener("dblclick", () => this.show(this.whole));
  }

  at(event) {
    const box = this.picture.getBoundingClientRect();
    const pixel = ((event.clientX - box.left) / box.width) * this.picture.viewBox.baseVal.width;
    return Math.max(this.about.x.start, Math.min(this.about.x.end, pixel));
  }

  drag(event) {
    if (this.from === undefined || !(event.buttons & 1)) return;
    const [left, right] = [this.from, this.at(event)].sort((a, b) => a - b);
    const size = { x: left, width: right - left, y: this.about.y.end, height: this.about.y.start - this.about.y.end };
    for (const [name, value] of Object.entries(size)) this.band.setAttribute(name, value);
    this.picture.append(this.band);
  }

  release(event) {
    const ends = event && this.from !== undefined ? [this.from, this.at(event)].sort((a, b) => a - b) : [0, 0];
    this.from = undefined;
    this.band.remove();
    if (ends[1] - ends[0] < LEAST_DRAG) return;
    const [low, high] = ends.map((pixel) => this.value(pixel));
    this.show({ low, high });
  }

  value(pixel) {
    const { start, end } = this.about.x;
    return this.view.low + ((pixel - start) / (end - start)) * (this.view.high - this.view.low);
  }

  show(view) {
    const { start, end } = this.about.x;
    const pixel = (value) => start + ((value - this.whole.low) / (this.whole.high - this.whole.low)) * (end - start);
    this.view = view;
    this.picture.querySelector(".readout-rule")?.removeAttribute("x1");
    this.inside.setAttribute("viewBox", `${pixel(view.low)} 0 ${pixel(view.high) - pixel(view.low)} ${this.about.height}`);
    this.back.hidden = view === this.whole;
    this.figure.classList.toggle("zoomed", view !== this.whole);
    const place = (value) => start + ((value - view.low) / (view.high - view.low)) * (end - start);
    this.ticks.replaceChildren(...round(view.low, view.high).flatMap((value) => this.tick(place(value), number(value))));
  }

  tick(x, text) {
    const { start, end } = this.about.y;
    const line = document.createElementNS(SVG, "line");
    const word = document.createElementNS(SVG, "text");
    line.setAttribute("class", "rule");
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: end, y2: start })) line.setAttribute(name, value);
    for (const [name, value] of Object.entries({ x, y: start + 17, "text-anchor": "middle" })) word.setAttribute(name, value);
    word.textContent = text;
    return [line, word];
  }
}

function round(low, high, most = 6) {
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => (high - low) / each <= most);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

class ReadOut {
  constructor(figure) {
    this.about = JSON.parse(figure.dataset.chart);
    this.address = figure.dataset.rows;
    this.picture = figure.querySelector("svg.xy");
    this.said = document.createElement("output");
    this.said.className = "readout small number";
    this.picture.after(this.said);
    this.rule = document.createElementNS(SVG, "line");
    this.rule.setAttribute("class", "readout-rule");
    this.rule.setAttribute("y1", this.about.y.end);
    this.rule.setAttribute("y2", this.about.y.start);
    this.picture.append(this.rule);
    this.picture.setAttribute("tabindex", 0);
    this.picture.addEventListener("pointermove", (event) => this.point(event));
    this.picture.addEventListener("pointerdown", (event) => this.point(event));
    if (!this.about.x.isLog && !this.picture.querySelector("circle, path")) this.zoom = new Zoom(figure, this.picture, this.about, this.said);
    this.said.textContent = `Point at the chart, or use the arrow keys on it.${this.zoom ? " Drag to see a part." : ""}`;
    this.picture.addEventListener("keydown", (event) => this.key(event));
    if (this.about.xColumn === DEPTH && this.about.xTitle.startsWith("Depth below")) this.followDepth();
  }

  // Slices on the same page say how deep their place lies.
  followDepth() {
    this.mark = document.createElementNS(SVG, "line");
    for (const [name, value] of Object.entries({ class: "depth-mark", y1: this.about.y.end, y2: this.about.y.start })) this.mark.setAttribute(name, value);
    this.said.before(this.place = document.createElement("p"));
    this.place.className = "small number depth-said";
    document.addEventListener("depth", ({ detail }) => this.showDepth(detail));
  }

  showDepth(depth) {
    const { low, high, start, end } = this.scale;
    const share = (depth - low) / (high - low);
    this.place.textContent = Number.isFinite(depth) ? `Dotted: ${number(depth)} nm, the depth of the place in the slices.` : "The place in the slices lies outside the particle.";
    this.mark.remove();
    if (!(share >= 0 && share <= 1)) return;
    for (const side of ["x1", "x2"]) this.mark.setAttribute(side, start + share * (end - start));
    this.picture.append(this.mark);
  }

  async rows() {
    this.loading ??= fetch(this.address).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))));
    return (await this.loading).columns;
  }

  async point(event) {
    const x = this.scale;
    const box = this.picture.getBoundingClientRect();
    const pixel = ((event.clientX - box.left) / box.width) * this.picture.viewBox.baseVal.width;
    const share = Math.max(0, Math.min(1, (pixel - x.start) / (x.end - x.start)));
    const wanted = x.isLog ? x.low * (x.high / x.low) ** share : x.low + share * (x.high - x.low);
    const places = await this.places();
    this.show(places.reduce((best, place) => (Math.abs(place - wanted) < Math.abs(best - wanted) ? place : best), places[0]));
  }

  get scale() {
    return { ...this.about.x, ...this.zoom?.view };
  }

  async places() {
    const { x, xColumn } = this.about;
    const columns = await this.rows();
    this.found ??= [...new Set(columns[xColumn])].filter((value) => Number.isFinite(value) && !(x.isLog && value <= 0)).sort((a, b) => a - b);
    return this.found;
  }

  async key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    const places = await this.places();
    const now = this.at === undefined ? (step > 0 ? -1 : places.length) : places.indexOf(this.at);
    this.show(places[Math.max(0, Math.min(places.length - 1, now + step))]);
  }

  async show(place) {
    const { xColumn, xTitle, xUnit, lines, by } = this.about;
    const x = this.scale;
    const columns = await this.rows();
    this.at = place;
    const share = x.isLog ? Math.log(place / x.low) / Math.log(x.high / x.low) : (place - x.low) / (x.high - x.low);
    for (const end of ["x1", "x2"]) this.rule.setAttribute(end, x.start + share * (x.end - x.start));
    const rows = columns[xColumn].flatMap((value, row) => (value === place ? [row] : []));
    const said = rows.flatMap((row) => lines.map((line) => this.words(columns, row, line, by)));
    const more = said.length > MOST ? `; ${said.length - MOST} more` : "";
    this.said.textContent = `${xTitle.replace(/ \[.*\]$/, "")} ${number(place)} ${xUnit}: ${said.slice(0, MOST).join("; ")}${more}`;
  }

  words(columns, row, { y, error, title, unit }, by) {
    const value = columns[y][row];
    const spread = error ? columns[error][row] : null;
    const text = value === null ? "unknown" : `${number(value)}${spread === null ? "" : ` ± ${number(spread, 2)}`} ${unit}`.trim();
    return `${by ? `${columns[by][row]} ` : ""}${title} ${text}`;
  }
}

export function showCharts(within = document) {
  for (const figure of within.querySelectorAll("[data-chart]")) new ReadOut(figure);
}

showCharts();
