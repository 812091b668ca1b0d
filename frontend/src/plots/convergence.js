// What the steps of a job measured, drawn as it goes: it takes the place of the service's own picture.

import { plot } from "./plot.js";

const ABOUT = new Set(["done", "total", "stage"]);
const worded = (name) => `${name[0].toUpperCase()}${name.slice(1)}`.replaceAll("_", " ");

export class Convergence {
  constructor(root) {
    this.root = root;
    Object.assign(this, JSON.parse(root.dataset.convergence));
    this.offset = 0;
    this.before = this.steps.at(-1) ?? 0;
    this.show();
  }

  // What a step measured, by its words; nothing where it measured nothing.
  add(progress) {
    const found = Object.entries(progress).filter(([name, value]) => !ABOUT.has(name) && Number.isFinite(value));
    if (!found.length || !Number.isFinite(progress.done)) return [];
    this.steps.push(this.step(progress.done));
    for (const [name] of found) this.measures[name] ??= Array(this.steps.length - 1).fill(null);
    for (const values of Object.values(this.measures)) values.push(null);
    for (const [name, value] of found) this.measures[name][this.steps.length - 1] = value;
    this.show();
    return found.map(([name, value]) => [worded(name), value]);
  }

  // A stage that counts anew goes on where the last one ended.
  step(done) {
    const now = this.offset + done;
    if (now < this.before) this.offset = this.before;
    this.before = this.offset + done;
    return this.before;
  }

  show() {
    if (this.steps.length < 2) return;
    this.root.hidden = false;
    const lines = Object.entries(this.measures).map(([name, values]) => ({ title: worded(name), unit: "", values }));
    const y = { title: `${lines.length === 1 ? lines[0].title : "Value"} of each step`, unit: "", isLog: true };
    if (this.drawn) this.drawn.update({ xs: this.steps, lines, y });
    else this.drawn = plot(this.root, { title: "Convergence", name: "convergence", x: { title: "Step", unit: "" }, y, xs: this.steps, lines, height: 16 });
  }
}
