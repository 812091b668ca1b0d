// The planes of a frame as canvases: layers drawn over each other where they lie, the place, what is measured, a scale bar.

import { fitted, paintName, paintScale } from "./mapping.js";
import { made } from "../page/elements.js";

const RULES = [["#000000a0", 3], ["#ffffffe0", 1]];
const MARK = "#ffd23f";
const ALONG = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -1e9, End: 1e9 };

export class Stage {
  constructor(viewer, layers, title) {
    this.viewer = viewer;
    this.layers = layers;
    this.canvases = viewer.frame.planes.map((plane) => this.canvas(plane, title));
    this.profile = made("canvas", { class: "profile", role: "img", tabindex: 0, "aria-label": `${title} along a line through the place; arrow keys move along it, the line above says the value` });
    this.profile.addEventListener("keydown", (event) => this.keyProfile(event));
    this.profile.addEventListener("pointerdown", (event) => this.pressProfile(event));
    this.element = made("div", { class: `planes planes-${this.canvases.length}` }, ...this.canvases, this.profile);
    this.shape();
  }

  canvas(plane, title) {
    const isFirst = plane === this.viewer.frame.planes[0];
    const canvas = made("canvas", { role: "img", tabindex: isFirst ? 0 : null, "aria-label": `${title}, plane ${plane.name}; arrow keys move the place` });
    const point = (event) => this.point(event, canvas, plane);
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.viewer.pointer.press(point(event), plane);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons & 1 && this.viewer.pointer.drag(point(event), plane));
    canvas.addEventListener("pointerup", (event) => this.viewer.pointer.release(point(event), plane));
    canvas.addEventListener("keydown", (event) => this.viewer.pointer.key(event, plane));
    canvas.addEventListener("wheel", (event) => this.viewer.pointer.wheel(event, plane), { passive: false });
    return canvas;
  }

  point(event, canvas, { down, across }) {
    const box = canvas.getBoundingClientRect();
    const { frame } = this.viewer;
    return {
      [across]: frame.unshare(across, (event.clientX - box.left) / box.width),
      [down]: frame.unshare(down, (event.clientY - box.top) / box.height),
    };
  }

  pressProfile(event) {
    const box = this.profile.getBoundingClientRect();
    const axis = this.viewer.along;
    this.viewer.goTo({ [axis]: this.viewer.frame.unshare(axis, (event.clientX - box.left) / box.width) });
  }

  keyProfile(event) {
    const step = ALONG[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { along, at } = this.viewer;
    this.viewer.move({ [along]: at[along] + step });
  }

  // True proportions: sizes where they are known, pixels as squares where they are not.
  shape() {
    const { frame } = this.viewer;
    frame.planes.forEach(({ down, across }, k) => { this.canvases[k].style.aspectRatio = `${frame.size(across)} / ${frame.size(down)}`; });
    if (this.canvases.length !== 3) return;
    this.element.style.gridTemplateColumns = `minmax(0, ${frame.size("x")}fr) minmax(0, ${frame.size("z")}fr)`;
    this.profile.style.aspectRatio = "auto";
  }

  get pixels() {
    return Math.round(this.canvases[0].clientWidth * devicePixelRatio);
  }

  paint() {
    const layers = this.layers().filter(({ about }) => about);
    this.canvases.forEach((canvas, k) => this.paintPlane(fitted(canvas), k, layers));
    return layers;
  }

  // Without the place, as for a picture to keep, when `isBare`.
  paintPlane(pen, k, layers, isBare = false) {
    const { frame } = this.viewer;
    const plane = frame.planes[k];
    const { width, height } = pen.canvas;
    pen.clearRect(0, 0, width, height);
    pen.imageSmoothingEnabled = false;
    layers.forEach((layer, order) => this.paintLayer(pen, k, layer, order > 0));
    if (!isBare) this.paintPlace(pen, plane);
    this.paintMeasures(pen, plane);
    const [from, to] = frame.window[plane.across];
    if (frame.isKnown[plane.across] && (k === 0 || isBare)) paintScale(pen.canvas, to - from);
    if (frame.planes.length > 1) paintName(pen.canvas, plane.name);
  }

  paintLayer(pen, k, layer, isAbove) {
    const picture = layer.picture(k, isAbove);
    if (!picture) return;
    const { frame, isOver } = this.viewer;
    const { down, across } = frame.planes[k];
    const { level } = layer.planes[k].found;
    const on = (axis, length) => (position) => frame.share(axis, position) * length;
    const [left, right] = layer.reach(across, level).map(on(across, pen.canvas.width));
    const [top, bottom] = layer.reach(down, level).map(on(down, pen.canvas.height));
    const [start, end] = frame.reach(layer.map, across).map(on(across, pen.canvas.width));
    const [high, low] = frame.reach(layer.map, down).map(on(down, pen.canvas.height));
    pen.save();
    pen.beginPath();
    pen.rect(start, high, end - start, low - high); // the last voxels of a coarse level may reach beyond the map
    pen.clip();
    pen.globalAlpha = isOver ? layer.opacity : 1;
    pen.globalCompositeOperation = isAbove ? layer.blend : "source-over";
    pen.drawImage(picture, left, top, right - left, bottom - top);
    pen.restore();
  }

  paintPlace(pen, { down, across }) {
    const { frame, at } = this.viewer;
    const x = frame.share(across, frame.position(across, at[across])) * pen.canvas.width;
    const y = frame.share(down, frame.position(down, at[down])) * pen.canvas.height;
    for (const [colour, width] of RULES) {
      pen.strokeStyle = colour;
      pen.lineWidth = width * devicePixelRatio;
      pen.beginPath();
      pen.moveTo(x, 0);
      pen.lineTo(x, pen.canvas.height);
      pen.moveTo(0, y);
      pen.lineTo(pen.canvas.width, y);
      pen.stroke();
    }
  }

  // A line seen from this side, and a box cut by this plane.
  paintMeasures(pen, { down, across, along }) {
    const { frame, at, line, box, probe } = this.viewer;
    const x = (place) => frame.share(across, place[across]) * pen.canvas.width;
    const y = (place) => frame.share(down, place[down]) * pen.canvas.height;
    for (const [colour, width] of [["#000000c0", 4], [MARK, 2]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width * devicePixelRatio;
      if (line) {
        pen.beginPath();
        pen.moveTo(x(line.from), y(line.from));
        pen.lineTo(x(line.to), y(line.to));
        pen.stroke();
        pen.strokeRect(x(line.from) - 3, y(line.from) - 3, 6, 6);
        if (probe) {
          pen.beginPath();
          pen.arc(x(probe), y(probe), 5 * devicePixelRatio, 0, 2 * Math.PI);
          pen.stroke();
        }
      }
      const here = along && along !== "t" && box ? frame.position(along, at[along]) : null;
      if (box && (here === null || (here >= box.from[along] && here <= box.to[along]))) {
        pen.strokeRect(x(box.from), y(box.from), x(box.to) - x(box.from), y(box.to) - y(box.from));
      }
    }
  }
}
