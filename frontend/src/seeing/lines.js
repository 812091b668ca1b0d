// A line between two points, on a plane or through the volume: its physical length and the values along it.

import { length } from "./mapping.js";
import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";

const MOST_POINTS = 1024;
const LEAST_POINTS = 2;
const DASHES = [undefined, [7, 3], [2, 3], [9, 3, 2, 3]]; // as the curves beside the planes

export class LineProfile {
  constructor(viewer) {
    this.viewer = viewer;
    this.turn = 0;
    const button = (text, act) => {
      const found = made("button", { type: "button", class: "small" }, text);
      found.addEventListener("click", act);
      return found;
    };
    this.said = made("p", { class: "small number", role: "status" });
    this.there = button("Move the place to the point read in the plot", () => this.viewer.goTo(this.viewer.probe));
    this.there.hidden = true;
    this.plot = made("div", {});
    this.element = made("details", { class: "tool" }, made("summary", {}, "Line profile"),
      made("p", { class: "small soft" }, "Choose “Draw a line” above and drag over a plane, or set the two ends at the place of the cross: keys A and B."),
      made("div", { class: "actions" }, button("Begin at the place", () => this.end("from")), button("End at the place", () => this.end("to")), button("Remove the line", () => this.viewer.setLine(null))),
      this.said, this.plot, this.there);
    this.element.addEventListener("toggle", () => this.element.open && this.read());
  }

  end(which) {
    const here = this.viewer.position();
    const { line } = this.viewer;
    this.element.open = true;
    this.viewer.setLine({ ...(line ?? { from: here, to: here }), [which]: here });
    this.viewer.measured();
  }

  // Of the line [nm, or pixels where the step is unknown].
  measure() {
    const { line, frame } = this.viewer;
    return line ? Math.hypot(...frame.spatial.map((axis) => line.to[axis] - line.from[axis])) : 0;
  }

  words() {
    const { line, frame } = this.viewer;
    if (!line) return "No line is drawn.";
    const size = this.measure();
    const place = (where) => frame.spatial.map((axis) => `${axis} ${frame.isKnown[axis] ? length(where[axis]) : number(where[axis])}`).join(", ");
    const said = frame.hasSizes ? length(size) : `${number(size)} pixels (pixel size unknown)`;
    return `Length ${said}, from ${place(line.from)} to ${place(line.to)}.`;
  }

  places(layer, count) {
    const { frame, line, at } = this.viewer;
    return Array.from({ length: count }, (_, k) => {
      const share = k / (count - 1);
      const place = layer.map.channel === null ? {} : { c: layer.map.channel };
      if (frame.axes.includes("t")) place.t = at.t;
      for (const axis of frame.spatial) {
        const exact = frame.exactly(layer.map, axis, line.from[axis] + share * (line.to[axis] - line.from[axis]));
        if (exact === null) return null;
        place[axis] = Number(exact.toFixed(6)); // on a voxel's centre it is that voxel alone
      }
      return place;
    });
  }

  // The point of the line that the plot reads out is marked upon the planes.
  point(share) {
    const { line, frame } = this.viewer;
    this.viewer.probe = Object.fromEntries(frame.spatial.map((axis) => [axis, line.from[axis] + share * (line.to[axis] - line.from[axis])]));
    this.there.hidden = false;
    this.viewer.paint();
  }

  async read() {
    this.said.textContent = this.words();
    this.viewer.probe = null;
    this.there.hidden = true;
    const size = this.measure();
    this.plot.hidden = !(size > 0);
    if (!(size > 0) || !this.element.open) return;
    this.turn += 1;
    const { turn } = this;
    const { frame } = this.viewer;
    const step = Math.min(...frame.spatial.map((axis) => frame.steps[axis]));
    const count = Math.max(LEAST_POINTS, Math.min(MOST_POINTS, Math.round(size / step) + 1));
    const layers = this.viewer.shown();
    const [{ plot }, ...found] = await Promise.all([import("../plots/plot.js"), ...layers.map((layer) => this.viewer.slicer.ask("line", {
      address: layer.map.address, places: this.places(layer, count), isLabels: layer.isLabels,
    }))]);
    if (turn !== this.turn) return;
    const xs = Array.from({ length: count }, (_, k) => (k * size) / (count - 1));
    const unit = new Set(layers.map(({ map }) => map.unit)).size === 1 ? layers[0].map.unit : "";
    const named = ({ title, unit: own }) => (unit || !own ? title : `${title} [${own}]`);
    const lines = layers.map((layer, k) => ({ title: named(layer.map), unit: layer.map.unit, kind: layer.isLabels ? "step" : "line", dash: DASHES[k % DASHES.length],
      values: Array.from(found[k], (value) => (Number.isFinite(value) ? value : null)) }));
    const about = { title: "Line profile", name: "line-profile", onPlace: (distance) => this.point(distance / size), x: { title: "Distance", unit: frame.hasSizes ? "nm" : "pixels" }, xs, lines, hasLegend: true, height: 14,
      y: { title: layers.length === 1 ? layers[0].map.title : "Value", unit } };
    this.plot.replaceChildren();
    plot(this.plot, about);
  }
}
