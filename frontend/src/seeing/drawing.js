// When and from what the maps are drawn: first from what is here, however coarse, then from what must be fetched.

import { paintProfile } from "./profile.js";

const READ_MS = 40;

export class Drawing {
  constructor(viewer) {
    this.viewer = viewer;
    this.turn = 0;
  }

  // One look after the other: what moves faster than the worker cuts is drawn as fast as it can be, not put off.
  redraw() {
    if (!this.viewer.isOpen) return;
    this.turn += 1;
    if (this.viewer.root.dataset.state === "settled") this.viewer.root.dataset.state = "coarse";
    if (this.isBusy) return;
    this.isBusy = true;
    requestAnimationFrame(() => this.run().catch((error) => this.viewer.fail(error)));
  }

  async run() {
    try {
      let turn;
      let rest;
      do {
        ({ turn } = this);
        rest = await this.look();
      } while (turn !== this.turn);
      this.isBusy = false;
      if (rest.length) await this.read(rest, turn);
      else this.settled();
    } catch (error) {
      this.isBusy = false;
      throw error;
    }
  }

  // Paints what is here, however coarse; returns what must be fetched.
  async look() {
    const stages = this.viewer.stages();
    if (!stages.length) return [];
    const { pixels } = stages[0].stage;
    const wanted = this.viewer.shown().flatMap((layer) => layer.cuts(pixels).map((cut) => ({ layer, ...cut })));
    for (const { layer, k, key, cut } of wanted) if (!cut) layer.take(k, key, null);
    const missing = wanted.filter(({ layer, k, key, cut }) => cut && layer.planes[k].key !== key);
    const rest = this.take(missing, await this.cut(missing, true));
    this.paint();
    return rest;
  }

  // When the place rests.
  async read(rest, turn) {
    await new Promise((resolve) => { setTimeout(resolve, this.hasPainted ? READ_MS : 0); });
    if (turn !== this.turn) return;
    const fetched = await this.cut(rest, false);
    if (turn !== this.turn) return;
    this.take(rest, fetched);
    this.paint();
    this.settled();
  }

  cut(missing, isHurried) {
    return missing.length ? this.viewer.slicer.ask("cut", { cuts: missing.map(({ cut }) => cut), isHurried }) : [];
  }

  // Returns what is still to be read: what came at a coarser level than wanted, or not at all.
  take(missing, found) {
    return missing.filter((each, i) => {
      const plane = found[i];
      const isWanted = plane && plane.level === Math.min(each.cut.level, each.layer.about.shapes.length - 1);
      if (plane) each.layer.take(each.k, isWanted ? each.key : "coarse", plane);
      return !isWanted;
    });
  }

  settled() {
    const { root } = this.viewer;
    const levels = this.viewer.shown().map(({ planes }) => planes.map(({ found }) => found?.level));
    root.dataset.state = "settled";
    performance.mark("viewer-settled");
    root.dispatchEvent(new CustomEvent("painted", { bubbles: true, detail: { levels } }));
  }

  paint() {
    for (const { stage, layers } of this.viewer.stages()) {
      stage.paint();
      paintProfile(stage.profile, layers, this.viewer);
    }
    if (!this.hasPainted && this.viewer.shown().some(({ planes }) => planes[0].found)) {
      this.hasPainted = true;
      performance.mark("viewer-first");
    }
  }
}
