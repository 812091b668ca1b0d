// A quick look at a table: one column against another, or how often the values of one occur (events, particles).

import { made } from "../page/elements.js";
import { histogram } from "./histogram.js";
import { plot } from "./plot.js";

const COUNT = "";
const DENSE = 2000; // more points than this are better seen as dots

export class TableLook {
  // columns: [{ name, label, unit }] of numbers, data: { name: [values] }
  constructor(columns, data, { isEvents }) {
    Object.assign(this, { columns, data });
    const choice = (column) => made("option", { value: column.name }, column.unit ? `${column.label} [${column.unit}]` : column.label);
    this.x = made("select", { "aria-label": "Against which column" }, ...columns.map(choice));
    this.y = made("select", { "aria-label": "What is drawn" }, made("option", { value: COUNT }, "how often"), ...columns.map(choice));
    this.y.value = isEvents ? COUNT : columns[1].name;
    for (const select of [this.x, this.y]) select.addEventListener("change", () => this.draw());
    this.stage = made("div", {});
    this.element = made("div", { class: "stack" }, made("div", { class: "table-quick" }, made("label", { class: "inline" }, "Draw ", this.y), made("label", { class: "inline" }, "against ", this.x)), this.stage);
  }

  of(name) {
    return this.columns.find((column) => column.name === name);
  }

  draw() {
    this.shown?.end();
    const [x, y] = [this.of(this.x.value), this.of(this.y.value)];
    const axis = { title: x.label, unit: x.unit };
    if (!y) {
      const { xs, counts } = histogram(this.data[x.name]);
      this.shown = plot(this.stage, { title: `How often: ${x.label}`, x: axis, y: { title: "rows in each bin", unit: "" }, xs, lines: [{ title: "rows", values: counts, kind: "step" }] });
      return;
    }
    const xs = this.data[x.name];
    const rises = xs.every((value, k) => !k || xs[k - 1] === null || value === null || value >= xs[k - 1]);
    const kind = rises && xs.length < DENSE * 10 ? "line" : "points";
    this.shown = plot(this.stage, { title: `${y.label} against ${x.label}`, x: axis, y: { title: y.label, unit: y.unit }, xs, lines: [{ title: y.label, values: this.data[y.name], kind }] });
  }
}
