// The read-out of a table's chart: a line at the pointer or the arrow keys, and the values there in words.

import { number } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST = 8;

class ReadOut {
  constructor(figure) {
    this.about = JSON.parse(figure.dataset.chart);
    this.address = figure.dataset.rows;
    this.picture = figure.querySelector("svg.xy");
    this.said = document.createElement("output");
    this.said.className = "readout small number";
    this.said.textContent = "Point at the chart, or use the arrow keys on it.";
    this.picture.after(this.said);
    this.rule = document.createElementNS(SVG, "line");
    this.rule.setAttribute("class", "readout-rule");
    this.rule.setAttribute("y1", this.about.y.end);
    this.rule.setAttribute("y2", this.about.y.start);
    this.picture.append(this.rule);
    this.picture.setAttribute("tabindex", 0);
    this.picture.addEventListener("pointermove", (event) => this.point(event));
    this.picture.addEventListener("pointerdown", (event) => this.point(event));
    this.picture.addEventListener("keydown", (event) => this.key(event));
  }

  async rows() {
    this.loading ??= fetch(this.address).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))));
    return (await this.loading).columns;
  }

  async point(event) {
    const { x } = this.about;
    const box = this.picture.getBoundingClientRect();
    const pixel = ((event.clientX - box.left) / box.width) * this.picture.viewBox.baseVal.width;
    const share = Math.max(0, Math.min(1, (pixel - x.start) / (x.end - x.start)));
    const wanted = x.isLog ? x.low * (x.high / x.low) ** share : x.low + share * (x.high - x.low);
    const places = await this.places();
    this.show(places.reduce((best, place) => (Math.abs(place - wanted) < Math.abs(best - wanted) ? place : best), places[0]));
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
    const { x, xColumn, xTitle, xUnit, lines, by } = this.about;
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
