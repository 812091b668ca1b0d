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
const SLACK = 1e-6; // steps: what arithmetic leaves

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

  // Anew when files tell where their first voxel lies. Places are centres of the finest map's voxels, so that no place
  // stands upon the border between two of them.
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
      const finest = this.maps.findIndex((map) => this.stepOf(map, axis) === step);
      const [low, high] = [Math.min(...reaches.map(([from]) => from)), Math.max(...reaches.map(([, to]) => to))];
      this.steps[axis] = step;
      this.low[axis] = reaches[finest][0] - Math.ceil((reaches[finest][0] - low) / step - SLACK) * step;
      this.lengths[axis] = Math.max(1, Math.ceil((high - this.low[axis]) / step - SLACK));
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

  // As `reach`, of a level that is coarser by a factor; its last voxel may end beyond the map.
  reachOf(map, axis, { factor, shift }, length) {
    const step = this.stepOf(map, axis);
    const from = (map.origin?.[axis] ?? 0) + (shift - factor / 2) * step;
    return [from, from + length * factor * step];
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

  // First and last but one voxel of a map in a part of an axis: those whose centre lies in it, or the one that a part
  // thinner than a voxel lies in; null outside of the map.
  span(map, axis, low, high) {
    const [from, to] = this.reach(map, axis);
    if (low >= to - SLACK || high <= from + SLACK) return null;
    const step = this.stepOf(map, axis);
    const length = map.shape[map.axes.indexOf(axis)];
    const [first, end] = [low, high].map((side) => Math.max(0, Math.min(length, Math.ceil((side - from) / step - 0.5 - SLACK))));
    if (end > first) return [first, end];
    const index = this.indexOf(map, axis, (Math.max(low, from) + Math.min(high, to)) / 2);
    return [index, index + 1];
  }

  // A part of an axis moved to the nearest borders between places of the frame, one place wide at least.
  snapped(axis, low, high) {
    const border = (side) => Math.round((side - this.low[axis]) / this.steps[axis]);
    const first = this.within(axis, border(low));
    const end = Math.min(this.lengths[axis], Math.max(first + 1, border(high)));
    return [first, end].map((index) => this.low[axis] + index * this.steps[axis]);
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
    this.lookAround(zoom, this.spatial.map((axis) => this.position(axis, at[axis])));
  }

  get middle() {
    return this.spatial.map((axis) => (this.window[axis][0] + this.window[axis][1]) / 2);
  }

  lookAround(zoom, middle) {
    const least = Math.min(...this.spatial.map((axis) => this.lengths[axis]));
    this.zoom = Math.max(1, Math.min(zoom, Math.max(1, least / LEAST_WINDOW)));
    this.spatial.forEach((axis, k) => {
      const wide = this.size(axis) / this.zoom;
      const [low, high] = [this.low[axis], this.low[axis] + this.size(axis)];
      const from = Math.max(low, Math.min(high - wide, middle[k] - wide / 2));
      this.window[axis] = [from, from + wide];
    });
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
