// One physical frame for several maps: where each begins, how far it reaches, and the grid that the place moves on.
//
// Lengths are nanometres, or pixels along an axis whose step nobody knows; maps of unknown steps share a frame only with
// maps of their own lengths, so pixels are never laid over nanometres.

const PLANES = {
  volume: [
    { name: "xy", down: "y", across: "x", along: "z" },
    { name: "yz", down: "y", across: "z", along: "x" },
    { name: "xz", down: "z", across: "x", along: "y" },
  ],
  image: [{ name: "xy", down: "y", across: "x", along: null }],
  series: [{ name: "xy", down: "y", across: "x", along: "t" }],
};
const LEAST_WINDOW = 8; // steps

export class Frame {
  constructor({ axes, steps, tilts }, maps) {
    this.axes = axes;
    this.tilts = tilts;
    this.spatial = axes.filter((axis) => axis !== "t");
    this.planes = PLANES[axes.includes("z") ? "volume" : axes.includes("t") ? "series" : "image"];
    this.isKnown = Object.fromEntries(this.spatial.map((axis) => [axis, Boolean(steps[axes.indexOf(axis)])]));
    this.maps = maps;
    this.measure();
  }

  // Anew when files tell where their first voxel lies.
  measure() {
    this.steps = {};
    this.low = {};
    this.lengths = {};
    for (const axis of this.axes) {
      if (axis === "t") {
        Object.assign(this.lengths, { t: this.maps[0].shape[this.maps[0].axes.indexOf("t")] });
        continue;
      }
      const reaches = this.maps.map((map) => this.reach(map, axis));
      const step = Math.min(...this.maps.map((map) => this.stepOf(map, axis)));
      const [low, high] = [Math.min(...reaches.map(([from]) => from)), Math.max(...reaches.map(([, to]) => to))];
      this.steps[axis] = step;
      this.low[axis] = low;
      this.lengths[axis] = Math.max(1, Math.ceil((high - low) / step - 1e-6));
    }
    this.showAll();
  }

  stepOf(map, axis) {
    return map.steps[axis] || 1;
  }

  // From the outer side of a map's first voxel to that of its last.
  reach(map, axis) {
    const step = this.stepOf(map, axis);
    const from = (map.origin?.[axis] ?? 0) - step / 2;
    return [from, from + step * map.shape[map.axes.indexOf(axis)]];
  }

  position(axis, index) {
    return this.low[axis] + (index + 0.5) * this.steps[axis];
  }

  index(axis, position) {
    return this.within(axis, Math.floor((position - this.low[axis]) / this.steps[axis]));
  }

  within(axis, index) {
    return Math.max(0, Math.min(this.lengths[axis] - 1, index));
  }

  // The voxel of a map at a position; null outside of it.
  indexOf(map, axis, position) {
    const [from, to] = this.reach(map, axis);
    return position < from || position >= to ? null : Math.floor((position - from) / this.stepOf(map, axis));
  }

  // As `indexOf`, with the part of the step beyond the centre of voxel 0.
  exactly(map, axis, position) {
    const [from, to] = this.reach(map, axis);
    return position < from || position > to ? null : (position - from) / this.stepOf(map, axis) - 0.5;
  }

  size(axis) {
    return this.lengths[axis] * this.steps[axis];
  }

  get hasSizes() {
    return this.spatial.every((axis) => this.isKnown[axis]);
  }

  // ---- the part that is looked at

  showAll() {
    this.window = Object.fromEntries(this.spatial.map((axis) => [axis, [this.low[axis], this.low[axis] + this.size(axis)]]));
    this.zoom = 1;
  }

  lookAt(zoom, at) {
    const least = Math.min(...this.spatial.map((axis) => this.lengths[axis]));
    this.zoom = Math.max(1, Math.min(zoom, Math.max(1, least / LEAST_WINDOW)));
    for (const axis of this.spatial) {
      const wide = this.size(axis) / this.zoom;
      const [low, high] = [this.low[axis], this.low[axis] + this.size(axis)];
      const from = Math.max(low, Math.min(high - wide, this.position(axis, at[axis]) - wide / 2));
      this.window[axis] = [from, from + wide];
    }
  }

  share(axis, position) {
    const [from, to] = this.window[axis];
    return (position - from) / (to - from);
  }

  unshare(axis, share) {
    const [from, to] = this.window[axis];
    return from + Math.max(0, Math.min(1, share)) * (to - from);
  }
}
