// Numbers of a region, computed by the service from the values as measured: a box, a shell of depths, or a label.

import { length } from "./mapping.js";
import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";

const COLUMNS = [["n", "Voxels"], ["left_out", "Without value"], ["mean", "Mean"], ["sd", "SD"], ["min", "Least"], ["median", "Median"], ["max", "Most"]];
const BOX = "box";
const [BUSY, MOST_TURNS] = [503, 10];
const HOME = /^\/api\/v1\/(?:review\/[^/]+\/)?(?:results|datasets)\/([^/]+)\/(?:outputs|arrays)\/([^/]+)$/;

export class Regions {
  constructor(viewer) {
    this.viewer = viewer;
    this.turn = 0;
    const kinds = { [BOX]: "a box", ...(viewer.layers.some(({ map }) => map.isDepth) ? { shell: "a shell of depths" } : {}), ...(viewer.layers.some(({ isLabels }) => isLabels) ? { label: "a label" } : {}) };
    this.kind = made("select", { "aria-label": "Region of" }, ...Object.entries(kinds).map(([value, text]) => made("option", { value }, text)));
    this.kind.addEventListener("change", () => { this.show(); viewer.keep(); });
    this.forms = { box: this.boxForm(), shell: this.shellForm(), label: this.labelForm() };
    this.button = made("button", { type: "button", class: "small" }, "Compute");
    this.button.addEventListener("click", () => this.compute());
    this.said = made("p", { class: "small", role: "status" });
    this.table = made("div", { class: "scroll", hidden: true });
    this.element = made("details", { class: "tool" }, made("summary", {}, "Region statistics"),
      made("p", { class: "small soft" }, "Choose “Draw a box” above and drag over a plane, or type what the region is; the numbers are of the values as measured, not of what the screen shows."),
      made("div", { class: "window-row" }, made("label", { class: "inline" }, "Of ", this.kind), ...Object.values(this.forms), this.button), this.said, this.table);
    this.element.addEventListener("toggle", () => this.show());
    this.show();
  }

  number(label, onChange) {
    const input = made("input", { type: "number", step: "any", "aria-label": label });
    input.addEventListener("change", onChange);
    return input;
  }

  boxForm() {
    const { frame } = this.viewer;
    this.ends = Object.fromEntries(frame.spatial.map((axis) => [axis, ["From", "To"].map((end) => this.number(`${end} ${axis} [voxel]`, () => this.typed()))]));
    return made("span", { class: "region-form" }, ...frame.spatial.map((axis) => made("span", { class: "span-of" }, made("span", { class: "small" }, axis), this.ends[axis][0], made("span", {}, "to"), this.ends[axis][1])));
  }

  shellForm() {
    this.shell = ["From", "To"].map((end) => this.number(`${end} depth [nm]`, () => this.viewer.keep()));
    return made("span", { class: "region-form" }, made("span", { class: "small" }, "depth [nm]"), this.shell[0], made("span", {}, "to"), this.shell[1]);
  }

  labelForm() {
    this.label = this.number("Label", () => this.viewer.keep());
    return made("span", { class: "region-form" }, made("span", { class: "small" }, "label"), this.label);
  }

  typed() {
    const { frame } = this.viewer;
    const inputs = frame.spatial.map((axis) => this.ends[axis].map((input) => input.valueAsNumber));
    if (!inputs.flat().every(Number.isFinite)) return;
    const end = (k) => Object.fromEntries(frame.spatial.map((axis, i) => [axis, frame.position(axis, frame.within(axis, inputs[i][k])) + (k ? 0.5 : -0.5) * frame.steps[axis]]));
    this.viewer.setBox({ from: end(0), to: end(1) });
  }

  show() {
    for (const [name, form] of Object.entries(this.forms)) form.hidden = name !== this.kind.value;
    const { box, frame } = this.viewer;
    for (const axis of frame.spatial) {
      const [from, to] = box ? [frame.index(axis, box.from[axis] + 1e-6), frame.index(axis, box.to[axis] - 1e-6)] : ["", ""];
      Object.assign(this.ends[axis][0], { value: from });
      Object.assign(this.ends[axis][1], { value: to });
    }
    if (!box && this.kind.value === BOX) this.table.hidden = true;
    if (this.kind.value === BOX) this.said.textContent = box ? this.boxWords(box) : "No box is drawn.";
    else this.said.textContent = "";
  }

  boxWords(box) {
    const { frame } = this.viewer;
    const sides = frame.spatial.map((axis) => `${axis} ${frame.isKnown[axis] ? length(box.to[axis] - box.from[axis]) : `${number(box.to[axis] - box.from[axis])} pixels`}`);
    return `The box measures ${sides.join(", ")}.`;
  }

  // What is chosen besides a box, for the address: `shell~10~20`, `label~2`.
  get chosen() {
    return this.kind.value === BOX || !this.isReady() ? "" : [this.kind.value, ...this.inputs.map(({ value }) => value)].join("~");
  }

  choose(text) {
    const [kind, ...values] = text.split("~");
    if (![...this.kind.options].some(({ value }) => value === kind) || kind === BOX) return false;
    this.kind.value = kind;
    this.inputs.forEach((input, k) => { input.value = values[k] ?? ""; });
    this.show();
    return this.isReady();
  }

  get inputs() {
    return this.kind.value === "shell" ? this.shell : [this.label];
  }

  // The labels or depths that stand in the viewer choose; the service checks that they fit.
  by(isChosen) {
    const home = HOME.exec(this.viewer.layers.find(isChosen).map.home);
    return home ? { by: `${home[1]}/${decodeURIComponent(home[2])}` } : {};
  }

  // The region in a map's own voxels; null when the map does not reach it.
  query(layer) {
    const { at, frame, box } = this.viewer;
    const channel = layer.map.channel === null ? {} : { c: layer.map.channel };
    if (this.kind.value === "shell") return { shell: this.shell.map((input) => input.value).join(","), ...this.by(({ map }) => map.isDepth), ...channel };
    if (this.kind.value === "label") return { label: this.label.value, ...this.by(({ isLabels }) => isLabels), ...channel };
    const spans = [...layer.map.axes].filter((axis) => axis !== "c").map((axis) => {
      if (axis === "t") return [at.t, at.t + 1];
      return frame.span(layer.map, axis, box.from[axis], box.to[axis]);
    });
    if (spans.includes(null)) return null;
    return { box: spans.flat().join(","), ...channel };
  }

  isReady() {
    if (this.kind.value === BOX) return Boolean(this.viewer.box);
    return this.inputs.every((input) => Number.isFinite(input.valueAsNumber));
  }

  async compute() {
    this.element.open = true;
    if (!this.isReady()) {
      this.said.textContent = this.kind.value === BOX ? "No box is drawn." : "Say first which.";
      return;
    }
    this.turn += 1;
    const { turn } = this;
    this.button.disabled = true;
    const rows = await Promise.all(this.viewer.shown().map((layer) => this.ask(layer)));
    if (turn !== this.turn) return;
    this.button.disabled = false;
    this.write(rows);
  }

  async ask(layer) {
    const query = this.query(layer);
    if (!query) return { layer, fault: "lies outside" };
    try {
      const answer = await this.answered(`${layer.map.home}/statistics?${new URLSearchParams(query)}`);
      const found = await answer.json();
      return answer.ok ? { layer, found } : { layer, fault: found.detail ?? found.title };
    } catch (error) {
      return { layer, fault: error.message };
    }
  }

  // A service that sums up for others says when to ask again.
  async answered(address) {
    let answer = await fetch(address);
    for (let turn = 1; answer.status === BUSY && turn < MOST_TURNS; turn += 1) {
      this.said.textContent = "The service sums up for others: waiting for a turn.";
      await new Promise((resolve) => { setTimeout(resolve, 1000 * Number(answer.headers.get("Retry-After") ?? 1)); });
      answer = await fetch(address);
    }
    return answer;
  }

  write(rows) {
    const head = made("tr", {}, made("th", { scope: "col" }, "Map"), ...COLUMNS.map(([, text]) => made("th", { scope: "col", class: "number" }, text)), made("th", { scope: "col" }, "Unit"));
    const cell = (found, key) => {
      const value = found[key];
      return made("td", { class: "number", "data-label": COLUMNS.find(([name]) => name === key)[1] }, value === null || value === undefined ? "unknown" : number(value));
    };
    const body = rows.map(({ layer, found, fault }) => made("tr", {}, made("th", { scope: "row" }, layer.map.title),
      ...(fault ? [made("td", { colspan: COLUMNS.length + 1 }, fault)] : [...COLUMNS.map(([key]) => cell(found, key)), made("td", { "data-label": "Unit" }, layer.map.unit || "1")])));
    const coarse = rows.find(({ found }) => found?.level > 0);
    this.table.replaceChildren(made("table", { class: "cards" }, made("thead", {}, head), made("tbody", {}, ...body)));
    this.table.hidden = false;
    const said = this.kind.value === BOX ? [this.boxWords(this.viewer.box)] : [];
    if (coarse) said.push(`The region is large: its numbers are of means of ${coarse.found.voxels_per_value} voxels.`);
    this.said.textContent = said.join(" ");
  }
}
