// What pointer and keyboard do upon the planes: move the place, look closer, draw a line or a box.

export class Pointer {
  constructor(viewer) {
    this.viewer = viewer;
    this.tool = "move";
  }

  press(point, { along }) {
    if (this.tool === "move") {
      this.viewer.goTo(point);
      return;
    }
    this.began = { ...this.viewer.position(), ...point };
    this.beganAlong = along;
  }

  drag(point) {
    if (this.tool === "move") this.viewer.goTo(point);
    else if (this.began) this.draft({ ...this.viewer.position(), ...point });
  }

  draft(to) {
    if (this.tool === "line") this.viewer.line = { from: this.began, to };
    else this.viewer.box = this.boxOf(this.began, to);
    this.viewer.paint();
  }

  // From corner to corner on the plane, and across it the one layer of voxels that is shown.
  boxOf(one, other) {
    const { frame } = this.viewer;
    const side = (axis) => {
      if (axis !== this.beganAlong) return frame.snapped(axis, Math.min(one[axis], other[axis]), Math.max(one[axis], other[axis]));
      return [one[axis] - frame.steps[axis] / 2, one[axis] + frame.steps[axis] / 2];
    };
    const sides = Object.fromEntries(frame.spatial.map((axis) => [axis, side(axis)]));
    const end = (k) => Object.fromEntries(frame.spatial.map((axis) => [axis, sides[axis][k]]));
    return { from: end(0), to: end(1) };
  }

  release(point) {
    if (this.tool === "move" || !this.began) return;
    this.draft({ ...this.viewer.position(), ...point });
    this.began = null;
    if (this.tool === "line") {
      this.viewer.lines.element.open = true;
      this.viewer.measured();
    } else {
      this.viewer.regions.kind.value = "box";
      this.viewer.regions.show();
      this.viewer.regions.compute();
    }
    this.viewer.keep();
  }

  key(event, { down, across, along }) {
    const far = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: [across, -far], ArrowRight: [across, far], ArrowUp: [down, -far], ArrowDown: [down, far], PageUp: [along, far], PageDown: [along, -far] };
    const acts = {
      "+": () => this.viewer.zoomBy(2), "=": () => this.viewer.zoomBy(2), "-": () => this.viewer.zoomBy(0.5), 0: () => this.viewer.zoomBy(0),
      a: () => this.viewer.lines.end("from"), b: () => this.viewer.lines.end("to"), i: () => { this.viewer.inspector.element.open = true; },
    };
    const [axis, step] = moves[event.key] ?? [null, 0];
    const act = event.ctrlKey || event.metaKey || event.altKey ? null : acts[event.key.toLowerCase()];
    if (!axis && !act) return;
    event.preventDefault();
    if (axis) this.viewer.move({ [axis]: this.viewer.at[axis] + step });
    else act();
  }

  wheel(event, { along }) {
    if (!event.shiftKey && !event.ctrlKey) return;
    event.preventDefault();
    const way = Math.sign(event.deltaY || event.deltaX);
    if (event.ctrlKey) this.viewer.zoomBy(way < 0 ? 1.25 : 0.8);
    else if (along) this.viewer.move({ [along]: this.viewer.at[along] + way });
  }
}
