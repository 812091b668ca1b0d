// What stands above the maps: the place, how maps are arranged, tools of the pointer, picture and link.

import { made } from "../page/elements.js";

const FIRST_FINE = 64;
const SAID_MS = 3000;
const TOOLS = { move: "Move the place", line: "Draw a line", box: "Draw a box" };
const KEYS = [
  ["arrows", "move the place in the plane, with Shift ten steps"], ["Page Up, Page Down", "go through the planes"], ["+, −, 0", "look closer, less close, at all"],
  ["A, B", "the two ends of the line"], ["I", "what stands at the place"], ["Shift and wheel", "go through the planes"], ["Ctrl and wheel", "look closer or less close"],
];
let count = 0;

function button(text, act) {
  const found = made("button", { type: "button", class: "small" }, text);
  found.addEventListener("click", act);
  return found;
}

export class Controls {
  constructor(viewer) {
    this.viewer = viewer;
    count += 1;
    this.name = `tool-${count}`;
    this.sliders = {};
    const rows = viewer.frame.axes.map((axis) => this.slider(axis));
    this.elements = [made("div", { class: "viewer-controls" }, ...rows, ...this.choices()), this.pointing(), ...(viewer.layers.length > 1 ? [this.chooser()] : [])];
  }

  slider(axis) {
    const input = made("input", { type: "range", min: 0, max: this.viewer.frame.lengths[axis] - 1, value: this.viewer.at[axis] });
    const where = made("output", { class: "number small" });
    input.addEventListener("input", () => this.viewer.move({ [axis]: input.valueAsNumber }));
    this.sliders[axis] = { input, where };
    return made("label", { class: "slider" }, made("span", {}, axis === "t" ? "Tilt" : axis), input, where);
  }

  choices() {
    const { viewer } = this;
    const along = made("select", {}, ...viewer.frame.spatial.map((axis) => made("option", { value: axis, selected: axis === viewer.along }, axis)));
    along.addEventListener("change", () => { viewer.along = along.value; viewer.paint(); viewer.keep(); });
    this.full = made("input", { type: "checkbox" });
    this.full.addEventListener("change", () => { viewer.isFull = this.full.checked; viewer.redraw(); viewer.keep(); });
    const isLarge = viewer.frame.spatial.some((axis) => viewer.frame.lengths[axis] > FIRST_FINE);
    return [made("label", { class: "inline" }, "Line along ", along), ...(isLarge ? [made("label", { class: "inline" }, this.full, " Full detail")] : [])];
  }

  pointing() {
    const { viewer } = this;
    const tools = Object.entries(TOOLS).map(([value, text]) => {
      const input = made("input", { type: "radio", name: this.name, value, checked: value === viewer.pointer.tool });
      input.addEventListener("change", () => { viewer.pointer.tool = value; viewer.root.classList.toggle("is-drawing", value !== "move"); });
      return made("label", { class: "inline" }, input, ` ${text}`);
    });
    this.copied = made("span", { class: "small soft", role: "status" });
    this.address = made("a", { class: "button small", href: viewer.page }, "Open in the viewer");
    const isOwnPage = viewer.root.dataset.fragment !== undefined;
    const acts = [button("−", () => viewer.zoomBy(0.5)), button("+", () => viewer.zoomBy(2)), button("Whole", () => viewer.zoomBy(0)), button("Save a picture", () => viewer.snapshot()),
      ...(viewer.page && !isOwnPage ? [this.address] : []), ...(isOwnPage ? [button("Copy the link to this view", () => this.copy())] : []), this.copied];
    acts[0].setAttribute("aria-label", "Look less close");
    acts[1].setAttribute("aria-label", "Look closer");
    const keys = made("details", { class: "keys small" }, made("summary", {}, "Keys"), made("dl", { class: "pairs" }, ...KEYS.flatMap(([key, text]) => [made("dt", {}, key), made("dd", {}, text)])));
    return made("div", { class: "viewer-tools" }, made("fieldset", { class: "pointing" }, made("legend", { class: "visually-hidden" }, "What the pointer does"), ...tools), made("div", { class: "actions" }, ...acts), keys);
  }

  chooser() {
    const { viewer } = this;
    this.ticks = viewer.layers.map((layer) => {
      const box = made("input", { type: "checkbox", checked: layer.isShown });
      box.addEventListener("change", () => { layer.isShown = box.checked; viewer.open(); });
      return box;
    });
    this.arrangement = made("select", {}, made("option", { value: "side" }, "side by side"), made("option", { value: "over" }, "over each other"));
    this.arrangement.addEventListener("change", () => {
      viewer.isOver = this.arrangement.value === "over";
      viewer.arrange();
      viewer.redraw();
      viewer.keep();
    });
    return made("fieldset", { class: "chooser" }, made("legend", {}, "Maps"), made("label", { class: "inline" }, "Shown ", this.arrangement),
      ...viewer.layers.map((layer, k) => made("label", { class: "inline" }, this.ticks[k], ` ${layer.map.title}`)));
  }

  async copy() {
    this.viewer.keep();
    try {
      await navigator.clipboard.writeText(location.href);
      this.copied.textContent = "Copied.";
    } catch {
      this.copied.textContent = "The browser does not let the page copy: the address bar holds the link."; // plain HTTP has no clipboard
    }
    setTimeout(() => { this.copied.textContent = ""; }, SAID_MS);
  }

  link(address) {
    this.address.href = address;
  }

  resize() {
    for (const [axis, { input }] of Object.entries(this.sliders)) input.max = this.viewer.frame.lengths[axis] - 1;
  }

  show() {
    this.full.checked = this.viewer.isFull;
    if (!this.arrangement) return;
    this.arrangement.value = this.viewer.isOver ? "over" : "side";
    this.ticks.forEach((box, k) => { box.checked = this.viewer.layers[k].isShown; });
  }

  place() {
    for (const [axis, { input, where }] of Object.entries(this.sliders)) {
      input.value = this.viewer.at[axis];
      where.textContent = this.viewer.where(axis);
      input.setAttribute("aria-valuetext", this.viewer.where(axis));
    }
  }
}
