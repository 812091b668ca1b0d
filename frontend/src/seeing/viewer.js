// The viewer: maps of one frame, beside or over each other, cut at one shared place that sliders, keys and clicks move.
//
// The page says in data-slices which frame and which maps there are; `viewing.py` writes it.

import { Card } from "./card.js";
import { phasesOf } from "./classes.js";
import { Controls } from "./controls.js";
import { Drawing } from "./drawing.js";
import { Frame } from "./frame.js";
import { Inspector } from "./inspector.js";
import { Layer } from "./layer.js";
import { LineProfile } from "./lines.js";
import { length } from "./mapping.js";
import { made } from "../page/elements.js";
import { save } from "../page/saving.js";
import { number } from "../page/numbers.js";
import { Pointer } from "./pointer.js";
import { Regions } from "./regions.js";
import { slicerAt } from "./slicer.js";
import { picture } from "./snapshot.js";
import { Solid } from "./solid.js";
import { Stage } from "./stage.js";
import { restored, written } from "./state.js";

const SETTLE_MS = 250;
const SAID_MAPS = 12;
const FIRST_SHOWN = 12;
const places = new Map(); // of frames, so that a page that is written anew stays where it was

export class Viewer {
  constructor(root) {
    const { frame, maps, stored } = JSON.parse(root.dataset.slices);
    this.root = root;
    this.stored = stored ?? {};
    this.page = root.dataset.page ?? "";
    this.slicer = slicerAt(root.dataset.slicer);
    this.frame = new Frame(frame, maps);
    this.along = "x";
    this.isOver = false;
    this.isFull = false;
    this.pointer = new Pointer(this);
    this.drawing = new Drawing(this);
    this.line = null;
    this.box = null;
    this.moves = 0; // of the place: a drawing anew, as after a resize, leaves what is said of the place to be said
    this.layers = maps.map((map, index) => new Layer(map, index, this));
    this.order = this.layers.map((_, index) => index); // from the lowest to the highest
    this.layers.slice(FIRST_SHOWN).forEach((layer) => { layer.isShown = false; });
    this.key = JSON.stringify([frame.axes, this.frame.lengths, this.frame.steps, maps.length]);
    this.begin();
    for (const layer of this.layers) if (layer.isShown) layer.begin(this.slicer);
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
    this.regions = new Regions(this);
    this.solid = Solid.isThere(this) ? new Solid(this) : null;
    this.over = made("div", { class: "stack-of-maps" }, this.stack.element);
    this.grid = made("div", { class: "maps" }, ...this.cards.map(({ element }) => element));
    this.tools = made("div", { class: "tools" }, this.inspector.element, this.lines.element, this.regions.element, ...(this.solid ? [this.solid.element] : []));
    this.root.replaceChildren(...this.controls.elements, this.status, made("div", { class: "sight" }, this.over, this.grid), this.tools);
    this.arrange();
    new ResizeObserver(() => this.redraw()).observe(this.grid);
    if (this.root.dataset.fragment !== undefined) addEventListener("hashchange", () => this.restore());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    document.addEventListener("pixel", ({ detail }) => this.follow(detail));
  }

  // Shows maps side by side or over each other, those that are ticked.
  arrange() {
    this.root.classList.toggle("is-over", this.isOver);
    this.over.hidden = !this.isOver;
    this.cards.forEach((card) => card.fault || card.show());
    this.controls.show();
    const stands = [...this.grid.children];
    const wanted = this.inOrder(this.cards).map(({ element }) => element);
    if (stands.some((element, k) => element !== wanted[k])) this.grid.replaceChildren(...wanted);
  }

  async open() {
    const waiting = this.cards.filter(({ layer, fault }) => layer.isShown && !layer.about && !fault);
    await Promise.all(waiting.map((card) => this.openCard(card)));
    const isMoved = ({ map, about }) => about && this.frame.spatial.some((axis) => map.origin[axis]);
    if (waiting.some(({ layer }) => isMoved(layer))) this.reframe();
    this.isOpen = true;
    this.arrange();
    this.move({});
    if (this.line) this.lines.element.open = true;
    if (this.asked?.isTold) this.inspector.element.open = true;
    this.solid?.restore();
    const { region } = this.asked ?? {};
    if (this.asked) this.asked.region = null; // once: what is chosen later stays
    if (this.box || (region && this.regions.choose(region))) this.regions.compute();
  }

  // A link to another view of the same things, pasted while they are shown.
  restore() {
    restored(this, location.hash.slice(1));
    this.open();
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
      if (this.isOpen) this.say(); // else it is said with the names when all is open
    } catch (error) {
      this.status.textContent = error.message;
    }
  }

  shown() {
    return this.inOrder(this.layers).filter(({ isShown, about }) => isShown && about);
  }

  inOrder(things) {
    return this.order.map((index) => things[index]);
  }

  // Lays a map above the next one or below the one before.
  lay(layer, by) {
    const from = this.order.indexOf(layer.index);
    const to = from + by;
    if (to < 0 || to >= this.order.length) return;
    const pressed = document.activeElement;
    [this.order[from], this.order[to]] = [this.order[to], this.order[from]];
    this.arrange();
    pressed?.focus(); // a card that moves loses it
    this.paint();
    this.keep();
    this.status.textContent = `From the lowest to the highest: ${this.inOrder(this.layers).map(({ map }) => map.title).join(", ")}.`;
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
    if (this.frame.zoom > 1) this.takeAlong();
    this.controls.place();
    places.set(this.key, { ...this.at });
    this.moves += 1;
    this.root.dispatchEvent(new CustomEvent("place", { bubbles: true, detail: { ...this.at } }));
    this.redraw();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), SETTLE_MS);
  }

  // Spectra of the same rows and columns on the page take the slices along, tilts of the same number, too.
  follow({ at, lengths }) {
    const { frame } = this;
    if (!["y", "x"].every((axis) => frame.lengths[axis] === lengths[axis])) return;
    const step = Object.fromEntries(frame.axes.filter((axis) => axis in at && frame.lengths[axis] === lengths[axis]).map((axis) => [axis, at[axis]]));
    if (!this.isOpen) Object.assign(this.at, step);
    else if (Object.entries(step).some(([axis, to]) => this.at[axis] !== to)) this.move(step);
  }

  // A place beyond the part that is looked at takes the sight along.
  takeAlong() {
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
      const said = cards.length ? cards.map((card, i) => card.say(values[i])) : ["No map is shown"];
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

  zoomBy(factor) {
    this.frame.lookAt(this.frame.zoom * factor, this.at);
    this.controls.place();
    this.redraw();
    this.keep();
  }

  fail(error) {
    this.root.dataset.state = "failed";
    this.status.textContent = `The maps could not be read: ${error.message}. Reload the page.`;
  }

  redraw() {
    this.drawing.redraw();
  }

  paint() {
    this.drawing.paint();
  }

  // ---- what is measured

  setLine(line) {
    this.line = line;
    this.probe = null;
    this.paint();
    this.lines.read().catch((error) => this.fail(error));
    this.keep();
  }

  // Spectra of the same rows and columns on the page take the box for their region.
  setBox(box) {
    this.box = box;
    const { frame } = this;
    const ends = (axis) => [frame.index(axis, box.from[axis] + 0.5 * frame.steps[axis]), frame.index(axis, box.to[axis] - 0.5 * frame.steps[axis])];
    this.root.dispatchEvent(new CustomEvent("box", { bubbles: true, detail: box && Object.fromEntries(frame.spatial.map((axis) => [axis, ends(axis)])) }));
    this.paint();
    this.regions.show();
    this.keep();
  }

  measured() {
    this.lines.read().catch((error) => this.fail(error));
  }

  snapshot() {
    const name = `${this.layers[0].map.title.replace(/[^\w-]+/g, "_")}.png`;
    picture(this, this.stages()).toBlob((blob) => save(blob, name), "image/png");
  }
}
