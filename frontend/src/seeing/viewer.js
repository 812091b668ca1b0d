// The viewer: maps of one frame, beside or over each other, cut at one shared place that sliders, keys and clicks move.
//
// The page says in data-slices which frame and which maps there are; `viewing.py` writes it.

import { Classes, phasesOf } from "./classes.js";
import { Contrast, stacking } from "./contrast.js";
import { Controls } from "./controls.js";
import { Frame } from "./frame.js";
import { Inspector } from "./inspector.js";
import { Layer } from "./layer.js";
import { LineProfile } from "./lines.js";
import { length, made } from "./mapping.js";
import { number } from "../numbers.js";
import { paintProfile } from "./profile.js";
import { Regions } from "./regions.js";
import { slicerAt } from "./slicer.js";
import { picture, save } from "./snapshot.js";
import { Stage } from "./stage.js";
import { restored, written } from "./state.js";

const SETTLE_MS = 250;
const READ_MS = 40;
const SAID_MAPS = 12;
const FIRST_SHOWN = 12;
const places = new Map(); // of frames, so that a page that is written anew stays where it was

class Card {
  constructor(viewer, layer) {
    this.viewer = viewer;
    this.layer = layer;
    this.said = made("span", { class: "number" });
    const paint = () => viewer.paint();
    this.own = layer.isLabels ? new Classes(layer, paint) : new Contrast(layer, () => { paint(); viewer.keep(); });
    this.stacking = stacking(layer, () => { paint(); viewer.keep(); });
    this.stage = new Stage(viewer, () => [layer], layer.map.title);
    this.element = made("section", { class: "map", "aria-label": layer.map.title },
      made("div", { class: "map-head" }, made("strong", {}, layer.map.title), this.said), this.stage.element, this.stacking.element, this.own.element);
  }

  fail(error) {
    this.fault = error;
    this.element.replaceChildren(made("p", { class: "small" }, `${this.layer.map.title}: ${error.message}`));
  }

  show() {
    this.stage.element.hidden = this.viewer.isOver;
    this.stacking.element.hidden = !this.viewer.isOver;
    this.element.hidden = !this.layer.isShown;
    this.own.show();
    this.stacking.show();
  }

  say(value) {
    const { map } = this.layer;
    const name = this.layer.names?.get(value);
    const text = Number.isNaN(value) ? "no value" : `${number(value)}${map.unit ? ` ${map.unit}` : ""}${name ? ` (${name})` : ""}`;
    this.said.textContent = text;
    return `${map.title} ${text}`;
  }
}

export class Viewer {
  constructor(root) {
    const { frame, maps } = JSON.parse(root.dataset.slices);
    this.root = root;
    this.page = root.dataset.page ?? "";
    this.slicer = slicerAt(root.dataset.slicer);
    this.frame = new Frame(frame, maps);
    this.along = "x";
    this.isOver = false;
    this.isFull = false;
    this.tool = "move";
    this.line = null;
    this.box = null;
    this.turn = 0; // of drawings
    this.moves = 0; // of the place: a drawing anew, as after a resize, leaves what is said of the place to be said
    this.layers = maps.map((map, index) => new Layer(map, index, this));
    this.layers.slice(FIRST_SHOWN).forEach((layer) => { layer.isShown = false; });
    this.key = JSON.stringify([frame.axes, this.frame.lengths, this.frame.steps, maps.length]);
    this.begin();
    this.build();
    this.open();
  }

  begin() {
    const { axes, lengths, tilts } = this.frame;
    this.at = Object.fromEntries(axes.map((axis) => [axis, Math.floor(lengths[axis] / 2)]));
    if (tilts) this.at.t = tilts.reduce((best, angle, i, all) => (Math.abs(angle) < Math.abs(all[best]) ? i : best), 0);
    Object.assign(this.at, places.get(this.key));
    if (this.root.dataset.fragment !== undefined) restored(this, location.hash.slice(1));
  }

  build() {
    this.root.dataset.state = "loading";
    this.status = made("p", { class: "viewer-status small", role: "status", "aria-live": "polite" }, "Loading the maps.");
    this.cards = this.layers.map((layer) => new Card(this, layer));
    this.stack = new Stage(this, () => this.shown(), "All maps over each other");
    this.controls = new Controls(this);
    this.lines = new LineProfile(this);
    this.inspector = new Inspector(this);
    this.regions = this.frame.axes.includes("z") ? new Regions(this) : null;
    this.over = made("div", { class: "stack-of-maps" }, this.stack.element);
    this.grid = made("div", { class: "maps" }, ...this.cards.map(({ element }) => element));
    this.tools = made("div", { class: "tools" }, this.inspector.element, this.lines.element, ...(this.regions ? [this.regions.element] : []));
    this.root.replaceChildren(...this.controls.elements, this.status, made("div", { class: "sight" }, this.over, this.grid), this.tools);
    this.arrange();
    new ResizeObserver(() => this.redraw()).observe(this.grid);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
  }

  // Shows maps side by side or over each other, those that are ticked.
  arrange() {
    this.root.classList.toggle("is-over", this.isOver);
    this.over.hidden = !this.isOver;
    this.cards.forEach((card) => card.fault || card.show());
    this.controls.show();
  }

  async open() {
    const waiting = this.cards.filter(({ layer, fault }) => layer.isShown && !layer.about && !fault);
    await Promise.all(waiting.map((card) => this.openCard(card)));
    if (waiting.some(({ layer }) => Object.values(layer.map.origin ?? {}).some((shift, k) => shift && layer.about.axes[k] !== "t"))) this.reframe();
    this.arrange();
    this.move({});
    if (this.line) this.lines.element.open = true;
    if (this.box && this.regions) this.regions.element.open = true;
  }

  // Files told where their first voxel lies, so the frame reaches elsewhere; the place stays where it was in it.
  reframe() {
    const share = Object.fromEntries(this.frame.axes.map((axis) => [axis, this.at[axis] / this.frame.lengths[axis]]));
    const { zoom } = this.frame;
    this.frame.measure();
    for (const axis of this.frame.axes) this.at[axis] = this.frame.within(axis, Math.floor(share[axis] * this.frame.lengths[axis]));
    if (this.root.dataset.fragment !== undefined) restored(this, location.hash.slice(1));
    else if (zoom > 1) this.frame.lookAt(zoom, this.at);
    [this.stack, ...this.cards.map(({ stage }) => stage)].forEach((stage) => stage.shape());
    this.controls.resize();
  }

  async openCard(card) {
    try {
      await card.layer.open(this.slicer);
      card.own.show();
      if (card.layer.isLabels) this.name(card);
    } catch (error) {
      card.layer.about = null;
      card.fail(error);
    }
  }

  async name(card) {
    try {
      for (const [label, phase] of await phasesOf(card.layer.map.address)) card.layer.names.set(label, phase);
      card.own.show();
    } catch (error) {
      this.status.textContent = error.message;
    }
  }

  shown() {
    return this.layers.filter(({ isShown, about }) => isShown && about);
  }

  stages() {
    return this.isOver ? [{ stage: this.stack, layers: this.shown() }] : this.cards.filter(({ layer }) => layer.isShown && layer.about).map(({ stage, layer }) => ({ stage, layers: [layer] }));
  }

  // ---- the place

  position() {
    return Object.fromEntries(this.frame.spatial.map((axis) => [axis, this.frame.position(axis, this.at[axis])]));
  }

  goTo(position) {
    this.move(Object.fromEntries(Object.entries(position).map(([axis, where]) => [axis, this.frame.index(axis, where)])));
  }

  move(step) {
    for (const [axis, to] of Object.entries(step)) this.at[axis] = this.frame.within(axis, to);
    if (this.frame.zoom > 1) this.follow();
    this.controls.place();
    places.set(this.key, { ...this.at });
    this.moves += 1;
    this.root.dispatchEvent(new CustomEvent("place", { bubbles: true, detail: { ...this.at } }));
    this.redraw();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), SETTLE_MS);
  }

  // A place beyond the part that is looked at takes the sight along.
  follow() {
    const isBeyond = this.frame.spatial.some((axis) => {
      const share = this.frame.share(axis, this.frame.position(axis, this.at[axis]));
      return share < 0 || share > 1;
    });
    if (isBeyond) this.frame.lookAt(this.frame.zoom, this.at);
  }

  settle() {
    this.say();
    this.inspector.read();
    this.keep();
  }

  // The view stands in the address of its own page, so a link to it can be handed on.
  keep() {
    const state = written(this);
    this.controls.link(`${this.page}#${state}`);
    if (this.root.dataset.fragment === undefined) return;
    history.replaceState(history.state, "", `#${state}`);
    document.querySelector("form[data-add]")?.setAttribute("action", `/viewer#${state}`);
  }

  where(axis) {
    const { frame, at } = this;
    if (axis === "t") return frame.tilts ? `${number(frame.tilts[at.t])}° (${at.t + 1} of ${frame.lengths.t})` : `${at.t + 1} of ${frame.lengths.t}`;
    return frame.isKnown[axis] ? `${at[axis]}: ${length(frame.position(axis, at[axis]))}` : `${at[axis]}`;
  }

  placeWords() {
    const place = this.frame.axes.map((axis) => `${axis === "t" ? "tilt" : axis} ${this.where(axis)}`).join(", ");
    return place + (this.frame.hasSizes ? "" : " (pixel size unknown: places in pixels)");
  }

  async say() {
    const { moves } = this;
    const cards = this.cards.filter(({ layer }) => layer.isShown && layer.about);
    try {
      const values = await Promise.all(cards.map(({ layer }) => this.value(layer)));
      if (moves !== this.moves) return;
      const said = cards.map((card, i) => card.say(values[i]));
      const deep = cards.findIndex(({ layer }) => layer.map.isDepth);
      if (deep >= 0) document.dispatchEvent(new CustomEvent("depth", { detail: values[deep] }));
      const more = said.length > SAID_MAPS ? ` and ${said.length - SAID_MAPS} more` : "";
      this.status.textContent = `${this.placeWords()}. ${said.slice(0, SAID_MAPS).join("; ")}${more}.`;
    } catch (error) {
      this.fail(error);
    }
  }

  // Of the very voxel, as measured, whatever level or copy is shown.
  value(layer) {
    const place = layer.place();
    return place ? this.slicer.ask("value", { address: layer.map.address, place }) : NaN;
  }

  // ---- drawing

  redraw() {
    this.turn += 1;
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.draw(this.turn).catch((error) => this.fail(error)));
  }

  fail(error) {
    this.root.dataset.state = "failed";
    this.status.textContent = `The maps could not be read: ${error.message}. Reload the page.`;
  }

  // First from what is here, however coarse, then, when the place rests, from what must be fetched.
  async draw(turn) {
    const stages = this.stages();
    if (!stages.length) return;
    const pixels = stages[0].stage.pixels;
    const wanted = this.shown().flatMap((layer) => layer.cuts(pixels).map((cut) => ({ layer, ...cut })));
    for (const { layer, k, key, cut } of wanted) if (!cut) layer.take(k, key, null);
    const missing = wanted.filter(({ layer, k, key, cut }) => cut && layer.planes[k].key !== key);
    const here = await this.cut(missing, true);
    if (turn !== this.turn) return;
    const rest = this.take(missing, here);
    this.paint();
    if (!rest.length) {
      this.settled();
      return;
    }
    this.root.dataset.state = "coarse";
    await new Promise((resolve) => { setTimeout(resolve, this.hasPainted ? READ_MS : 0); });
    if (turn !== this.turn) return;
    const fetched = await this.cut(rest, false);
    if (turn !== this.turn) return;
    this.take(rest, fetched);
    this.paint();
    this.settled();
  }

  cut(missing, isHurried) {
    return missing.length ? this.slicer.ask("cut", { cuts: missing.map(({ cut }) => cut), isHurried }) : [];
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
    this.root.dataset.state = "settled";
    performance.mark("viewer-settled");
    this.root.dispatchEvent(new CustomEvent("painted", { bubbles: true, detail: { levels: this.shown().map(({ planes }) => planes.map(({ found }) => found?.level)) } }));
  }

  paint() {
    for (const { stage, layers } of this.stages()) {
      stage.paint();
      paintProfile(stage.profile, layers, this);
    }
    if (!this.hasPainted && this.shown().some(({ planes }) => planes[0].found)) {
      this.hasPainted = true;
      performance.mark("viewer-first");
    }
  }

  // ---- tools

  press(point, { along }) {
    if (this.tool === "move") {
      this.goTo(point);
      return;
    }
    this.began = { ...this.position(), ...point };
    this.beganAlong = along;
  }

  drag(point) {
    if (this.tool === "move") this.goTo(point);
    else if (this.began) this.draft({ ...this.position(), ...point });
  }

  draft(to) {
    if (this.tool === "line") this.line = { from: this.began, to };
    else this.box = this.boxOf(this.began, to);
    this.paint();
  }

  // From corner to corner on the plane, and across it the one layer of voxels that is shown.
  boxOf(one, other) {
    const { frame } = this;
    const side = (axis) => {
      if (axis !== this.beganAlong) return [Math.min(one[axis], other[axis]), Math.max(one[axis], other[axis])];
      return [one[axis] - frame.steps[axis] / 2, one[axis] + frame.steps[axis] / 2];
    };
    const sides = Object.fromEntries(frame.spatial.map((axis) => [axis, side(axis)]));
    const end = (k) => Object.fromEntries(frame.spatial.map((axis) => [axis, sides[axis][k]]));
    return { from: end(0), to: end(1) };
  }

  release(point) {
    if (this.tool === "move" || !this.began) return;
    this.draft({ ...this.position(), ...point });
    this.began = null;
    if (this.tool === "line") {
      this.lines.element.open = true;
      this.measured();
    } else if (this.regions) {
      this.regions.kind.value = "box";
      this.regions.show();
      this.regions.compute();
    }
    this.keep();
  }

  setLine(line) {
    this.line = line;
    this.paint();
    this.lines.read().catch((error) => this.fail(error));
    this.keep();
  }

  setBox(box) {
    this.box = box;
    this.paint();
    this.regions?.show();
    this.keep();
  }

  measured() {
    this.lines.read().catch((error) => this.fail(error));
  }

  zoomBy(factor) {
    this.frame.lookAt(this.frame.zoom * factor, this.at);
    this.controls.place();
    this.redraw();
    this.keep();
  }

  key(event, { down, across, along }) {
    const far = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: [across, -far], ArrowRight: [across, far], ArrowUp: [down, -far], ArrowDown: [down, far], PageUp: [along, far], PageDown: [along, -far] };
    const acts = {
      "+": () => this.zoomBy(2), "=": () => this.zoomBy(2), "-": () => this.zoomBy(0.5), 0: () => this.zoomBy(0),
      a: () => this.lines.end("from"), b: () => this.lines.end("to"), i: () => { this.inspector.element.open = true; },
    };
    const [axis, step] = moves[event.key] ?? [null, 0];
    const act = event.ctrlKey || event.metaKey || event.altKey ? null : acts[event.key.toLowerCase()];
    if (!axis && !act) return;
    event.preventDefault();
    if (axis) this.move({ [axis]: this.at[axis] + step });
    else act();
  }

  wheel(event, { along }) {
    if (!event.shiftKey && !event.ctrlKey) return;
    event.preventDefault();
    const way = Math.sign(event.deltaY || event.deltaX);
    if (event.ctrlKey) this.zoomBy(way < 0 ? 1.25 : 0.8);
    else if (along) this.move({ [along]: this.at[along] + way });
  }

  snapshot() {
    return save(picture(this, this.stages()), `${this.layers[0].map.title.replace(/[^\w-]+/g, "_")}.png`);
  }
}
