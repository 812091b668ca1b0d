// A map as a layer: its file, its look, its planes at the present place, and the pictures made of them.

import { painted } from "./colours.js";

const FINE_ENOUGH = 1.4; // screen pixels that one voxel may cover before a finer level is read
export const BLENDS = { "source-over": "over what lies below", lighter: "added", screen: "screened", lighten: "the brighter", multiply: "multiplied" };

export class Layer {
  constructor(map, index, viewer) {
    this.map = map;
    this.index = index;
    this.viewer = viewer;
    this.isLabels = map.colours === "labels";
    this.look = { name: map.colours, low: 0, high: 1, gamma: 1, classes: new Map(), hidden: new Set() };
    this.names = new Map(); // of labels
    this.opacity = this.isLabels ? 0.5 : 1;
    this.blend = "source-over";
    this.isShown = true;
    this.planes = viewer.frame.planes.map(() => ({ found: null, key: "", picture: null }));
    this.version = 0; // of the look: pictures of an older one are painted again
  }

  // Planes come from the display copy where there is one; values and lines always from the array itself.
  get source() {
    return this.map.display ?? this.map.address;
  }

  // Asked before the page builds what it shows, so that both go on at once.
  begin(slicer) {
    const { channel } = this.map;
    this.opening ??= slicer.ask("open", { address: this.source, channel, isLabels: this.isLabels, stored: this.viewer.stored[this.source] });
    this.opening.catch(() => { this.opening = null; }); // told where it is waited for, and asked again
    return this.opening;
  }

  async open(slicer) {
    const { about, sample } = await this.begin(slicer);
    this.about = about;
    this.map.origin = about.origin;
    if (sample) {
      const { limits: [low, high], ...counts } = sample;
      this.counts = counts;
      this.usual = { low, high };
      if (!this.isLimited) Object.assign(this.look, this.usual);
      return;
    }
    this.look.classes = new Map(about.classes.map(({ value, rgba }) => [value, rgba.slice(0, 3)]));
    this.names = new Map(about.named.map(({ value, name }) => [value, name]));
  }

  restyle(change) {
    Object.assign(this.look, change);
    if ("low" in change || "high" in change) this.isLimited = true;
    this.version += 1;
  }

  // Where the level that a plane was read from begins and ends along an axis.
  reach(axis, level) {
    const { axes, grids, shapes } = this.about;
    return this.viewer.frame.reachOf(this.map, axis, grids[level][axis], shapes[level][axes.indexOf(axis)]);
  }

  // Index along each axis of this map at the viewer's place; null outside of it.
  place() {
    const { at, frame } = this.viewer;
    const found = this.map.channel === null ? {} : { c: this.map.channel };
    for (const axis of frame.axes) {
      const index = axis === "t" ? at.t : frame.indexOf(this.map, axis, frame.position(axis, at[axis]));
      if (index === null) return null;
      found[axis] = index;
    }
    return found;
  }

  level(pixels) {
    if (this.viewer.isFull) return 0;
    const { shapes, axes } = this.about;
    const { frame } = this.viewer;
    const seen = (shape) => Math.max(...["y", "x"].map((axis) => {
      const [from, to] = frame.reach(this.map, axis);
      return (shape[axes.indexOf(axis)] * (frame.window[axis][1] - frame.window[axis][0])) / (to - from);
    }));
    const enough = shapes.findLastIndex((shape) => seen(shape) * FINE_ENOUGH >= pixels);
    return Math.max(0, enough);
  }

  // What must be read for each plane; null where the plane misses this map.
  cuts(pixels) {
    const level = this.level(pixels);
    const { at, frame } = this.viewer;
    return frame.planes.map(({ down, across, along }, k) => {
      const place = { c: this.map.channel ?? 0 };
      if (along) place[along] = along === "t" ? at.t : frame.indexOf(this.map, along, frame.position(along, at[along]));
      if (place[along] === null) return { k, key: "outside", cut: null };
      const has = this.about.axes;
      const cut = { address: this.source, level, plane: { down, across, place } };
      return { k, key: `${level} ${along && has.includes(along) ? place[along] : ""}`, cut };
    });
  }

  take(k, key, found) {
    this.planes[k] = { found, key, picture: null };
  }

  // The picture of a plane, painted once for each look.
  picture(k, isGroundClear) {
    const plane = this.planes[k];
    if (!plane.found) return null;
    const made = `${this.version} ${isGroundClear}`;
    if (plane.picture?.made !== made) {
      const { width, height } = plane.found;
      const canvas = plane.picture?.canvas ?? new OffscreenCanvas(width, height);
      canvas.getContext("2d").putImageData(painted(plane.found, { ...this.look, isGroundClear }), 0, 0);
      plane.picture = { canvas, made };
    }
    return plane.picture.canvas;
  }
}
