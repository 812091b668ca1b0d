// How a map is coloured: limits, a logarithmic histogram to drag them in, gamma, colour map; opacity and blending in a stack.

import { NAMES, bar } from "./colours.js";
import { BLENDS } from "./layer.js";
import { fitted } from "./mapping.js";
import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";

const DIGITS = 4;
const GRIP_PX = 12;

function field(text, input, said = "") {
  return made("label", { class: "look-row" }, made("span", {}, text), input, said);
}

function choice(label, choices, value) {
  return made("select", { "aria-label": label }, ...Object.entries(choices).map(([key, text]) => made("option", { value: key, selected: key === value }, text)));
}

export class Contrast {
  constructor(layer, onChange) {
    this.layer = layer;
    this.onChange = onChange;
    const { title } = layer.map;
    this.low = this.limit("Lower", "low");
    this.high = this.limit("Upper", "high");
    this.bar = made("canvas", { class: "colour-bar", width: 256, height: 1, role: "img", "aria-label": `Colours of ${title}` });
    this.select = choice(`Colour map of ${title}`, NAMES, layer.look.name);
    this.select.addEventListener("change", () => this.recolour());
    this.centre = made("input", { type: "number", step: "any", "aria-label": `Centre of the colours of ${title}`, placeholder: "centre", hidden: true });
    this.centre.addEventListener("change", () => this.recolour());
    this.row = made("div", { class: "colour-row" }, this.low, this.bar, this.high, made("span", { class: "soft small unit" }, layer.map.unit), this.select, this.centre);
    this.more = made("details", { class: "look-more" }, made("summary", { class: "small" }, "Histogram and gamma"), ...this.details(title));
    this.more.addEventListener("toggle", () => this.paint());
    this.element = made("div", { class: "look" }, this.row, this.more);
  }

  details(title) {
    this.histogram = made("canvas", { class: "histogram", role: "img", "aria-label": `Histogram of ${title}, logarithmic; its limits can be dragged here or typed above` });
    this.histogram.addEventListener("pointerdown", (event) => this.grasp(event));
    this.histogram.addEventListener("pointermove", (event) => this.held && this.pull(event));
    this.histogram.addEventListener("pointerup", () => { this.held = null; });
    this.gamma = made("input", { type: "range", min: -1, max: 1, step: 0.05, value: 0, "aria-label": `Gamma of ${title}` });
    this.gammaSaid = made("output", { class: "number small" }, "1");
    this.gamma.addEventListener("input", () => this.change({ gamma: Number((10 ** (this.gamma.valueAsNumber / 2)).toPrecision(3)) }));
    const button = (text, act) => {
      const found = made("button", { type: "button", class: "small" }, text);
      found.addEventListener("click", act);
      return found;
    };
    this.ends = made("p", { class: "small soft histogram-ends" });
    return [this.histogram, this.ends, field("Gamma", this.gamma, this.gammaSaid),
      made("div", { class: "actions" }, button("Middle 99 %", () => this.change(this.layer.usual)),
        button("All values", () => this.layer.counts && this.change({ low: this.layer.counts.least, high: this.layer.counts.most })))];
  }

  limit(name, end) {
    const input = made("input", { type: "number", step: "any", "aria-label": `${name} limit of ${this.layer.map.title}` });
    input.addEventListener("change", () => {
      if (Number.isFinite(input.valueAsNumber)) this.change({ [end]: input.valueAsNumber });
      else this.show();
    });
    return input;
  }

  change(look) {
    if (!look) return;
    this.layer.restyle(look);
    if (this.layer.look.name === "diverging" && ("low" in look || "high" in look)) this.balance(Object.keys(look));
    this.show();
    this.onChange();
  }

  // A diverging map has the same reach on both sides of its centre: that of the end that was moved.
  balance(ends = ["low", "high"]) {
    const { look } = this.layer;
    const { centre } = look;
    if (!Number.isFinite(centre)) return;
    const reach = Math.max(...ends.filter((end) => end === "low" || end === "high").map((end) => Math.abs(look[end] - centre)));
    if (!(reach > 0)) return;
    this.layer.restyle({ low: centre - reach, high: centre + reach });
  }

  recolour() {
    const name = this.select.value;
    const centre = this.centre.valueAsNumber;
    this.centre.hidden = name !== "diverging";
    if (name === "diverging" && !Number.isFinite(centre)) {
      this.centre.focus();
      return;
    }
    this.layer.restyle({ name, centre: name === "diverging" ? centre : undefined });
    if (name === "diverging") this.balance();
    this.show();
    this.onChange();
  }

  show() {
    const { look } = this.layer;
    for (const end of ["low", "high"]) this[end].value = Number(look[end].toPrecision(DIGITS));
    this.select.value = look.name;
    this.centre.hidden = look.name !== "diverging";
    if (Number.isFinite(look.centre)) this.centre.value = look.centre;
    this.gamma.value = 2 * Math.log10(look.gamma);
    this.gammaSaid.textContent = number(look.gamma, 3);
    this.gamma.setAttribute("aria-valuetext", number(look.gamma, 3));
    this.bar.getContext("2d").putImageData(bar(look), 0, 0);
    this.paint();
  }

  paint() {
    const { counts, look, map } = this.layer;
    if (!this.more.open || !counts) return;
    const pen = fitted(this.histogram);
    const { width, height } = this.histogram;
    const style = getComputedStyle(this.histogram);
    const top = Math.log1p(counts.counts.reduce((a, b) => Math.max(a, b), 1));
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = style.getPropertyValue("color");
    const wide = width / counts.counts.length;
    counts.counts.forEach((count, k) => {
      const tall = (Math.log1p(count) / top) * (height - 4);
      pen.fillRect(k * wide, height - tall, Math.ceil(wide), tall);
    });
    pen.fillStyle = style.getPropertyValue("accent-color");
    for (const end of ["low", "high"]) pen.fillRect(this.across(look[end]) - 1.5 * devicePixelRatio, 0, 3 * devicePixelRatio, height);
    const unit = map.unit ? ` ${map.unit}` : "";
    this.ends.textContent = `${number(counts.least)} to ${number(counts.most)}${unit}, numbers of voxels on a logarithmic scale, from the coarsest level`;
  }

  across(value) {
    const { least, most } = this.layer.counts;
    return Math.max(1, Math.min(this.histogram.width - 1, ((value - least) / (most - least)) * this.histogram.width));
  }

  grasp(event) {
    if (!this.layer.counts) return;
    const at = this.pointed(event);
    const distance = (end) => Math.abs(this.across(this.layer.look[end]) - at.pixel);
    const near = distance("low") <= distance("high") ? "low" : "high";
    this.held = distance(near) <= GRIP_PX * devicePixelRatio || at.value > this.layer.look.low ? near : "low";
    this.histogram.setPointerCapture(event.pointerId);
    this.pull(event);
  }

  pointed(event) {
    const box = this.histogram.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    const { least, most } = this.layer.counts;
    return { pixel: share * this.histogram.width, value: least + share * (most - least) };
  }

  pull(event) {
    const { value } = this.pointed(event);
    const { low, high } = this.layer.look;
    if (this.held === "low" ? value < high : value > low) this.change({ [this.held]: value });
  }
}

// Opacity, blending and order: of use only where maps lie over each other.
export function stacking(layer, onChange, onOrder) {
  const { title } = layer.map;
  const opacity = made("input", { type: "range", min: 0, max: 1, step: 0.05, value: layer.opacity, "aria-label": `Opacity of ${title}` });
  const said = made("output", { class: "number small" });
  const blend = choice(`Blending of ${title}`, BLENDS, layer.blend);
  const mover = (text, by, name) => {
    const found = made("button", { type: "button", class: "small", "aria-label": name, title: name }, text);
    found.addEventListener("click", () => onOrder(by));
    return found;
  };
  const movers = [mover("↑ Up", 1, `Lay ${title} one higher`), mover("↓ Down", -1, `Lay ${title} one lower`)];
  const show = () => {
    const { order } = layer.viewer;
    movers.forEach((button, k) => button.setAttribute("aria-disabled", String(order.at(k ? 0 : -1) === layer.index)));
    opacity.value = layer.opacity;
    said.textContent = `${Math.round(100 * layer.opacity)} %`;
    opacity.setAttribute("aria-valuetext", said.textContent);
    blend.value = layer.blend;
  };
  opacity.addEventListener("input", () => { layer.opacity = opacity.valueAsNumber; show(); onChange(); });
  blend.addEventListener("change", () => { layer.blend = blend.value; onChange(); });
  show();
  return { show, element: made("div", { class: "stacking" }, field("Opacity", opacity, said), field("Laid", blend), made("div", { class: "actions" }, ...movers)) };
}
