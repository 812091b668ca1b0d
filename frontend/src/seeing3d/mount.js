// The view in space of one map: a coarse level of it as a cloud or a surface, with controls that keys reach.

import { bar, labelParts } from "../seeing/colours.js";
import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";
import { save } from "../page/saving.js";
import { slicerAt } from "../seeing/slicer.js";
import { coded, levelOf, solid } from "./level.js";
import { cutsOf, isCut, paintOverlay, place } from "./overlay.js";
import { CORNER, Panel } from "./panel.js";
import { picture } from "./picture.js";
import { Scene } from "./scene.js";
import { read, written } from "./state.js";

const LAST = 255;
const AXES = ["x", "y", "z"];
const MOST_NM = 5000; // longer axes are told in micrometres
const SURFACE = 190; // code whose colour a surface has, so that it is light enough to be shaded
const TURN_DEG = 10;
const ZOOM = 1.15;
const TOLD_MS = 250;
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;
const KEYS = {
  ArrowLeft: { azimuth: TURN_DEG }, ArrowRight: { azimuth: -TURN_DEG }, ArrowUp: { elevation: -TURN_DEG }, ArrowDown: { elevation: TURN_DEG },
  "+": { zoom: ZOOM }, "=": { zoom: ZOOM }, "-": { zoom: 1 / ZOOM },
};

// What draws: null without WebGL 2; slow where a program stands in for the graphics hardware.
function graphics() {
  const context = document.createElement("canvas").getContext("webgl2");
  if (!context) return null;
  const named = context.getExtension("WEBGL_debug_renderer_info");
  const name = named ? context.getParameter(named.UNMASKED_RENDERER_WEBGL) : "";
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return { isSlow: SOFTWARE.test(name) };
}

const mounted = new WeakMap();

/**
 * Draws a volume in space, in place of what was drawn there before.
 *
 * @param {HTMLElement} root - Within the viewer, whose worker reads the volume.
 * @param {object} about - `address` of the OME-Zarr group, `channel`, `title`, `unit`, `steps` along z, y and x [nm],
 *   `look` (name, low, high, gamma, classes, hidden), `isLabels`, `state` as `text` gives it, `onChange` when that changes.
 * @returns {Promise<object|null>} With `text`, the state for an address, `restore(text)` and `follow(look)`; null where nothing is drawn.
 */
export async function mount3d(root, about) {
  mounted.get(root)?.delete();
  mounted.delete(root);
  const drawn = graphics();
  if (!drawn) {
    root.replaceChildren(made("p", { class: "small" }, "This browser draws nothing in space (WebGL 2 is missing or switched off): the slices show the same volume."));
    return null;
  }
  const slicer = slicerAt(root.closest("[data-slicer]").dataset.slicer);
  const sight = new Sight(root, { ...about, ...drawn }, await levelOf(slicer, { ...about, ...drawn }));
  mounted.set(root, sight);
  return sight;
}

function parts(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
  return [red / LAST, green / LAST, blue / LAST];
}

// Colours the browser understands in any notation, as it paints them.
function painted(colour) {
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return parts(`${pen.getImageData(0, 0, 1, 1).data.slice(0, 3)}`);
}

class Sight {
  constructor(root, about, level) {
    Object.assign(this, { root, about, level });
    this.isKnown = AXES.every((axis) => about.steps?.[axis]);
    this.steps = AXES.map((axis) => (this.isKnown ? about.steps[axis] : 1));
    this.size = level.whole.map((length, k) => length * this.steps[k]);
    this.state = this.first();
    this.wanted = null; // the value that somebody said is the least to be seen
    this.sight = made("div", { class: "solid-sight", tabindex: "0", role: "application", "aria-label": `${about.title} in space: arrow keys turn, plus and minus zoom, Home shows it from a corner` });
    this.over = made("canvas", { class: "solid-over", "aria-hidden": "true" });
    this.cut = made("p", { class: "small number", role: "status" });
    this.said = made("p", { class: "small soft", role: "status" });
    this.panel = new Panel(this, { isLabels: about.isLabels, size: this.size, steps: this.steps });
    root.replaceChildren(this.panel.element, this.sight, this.cut, this.said);
    this.stand();
    this.sight.append(this.over);
    this.sight.addEventListener("keydown", (event) => this.press(event));
    this.theme = () => this.scene.theme({ ground: painted(getComputedStyle(this.sight).backgroundColor), ink: painted(getComputedStyle(this.sight).color) });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.theme);
    this.begin();
  }

  // How it is drawn when nobody has chosen.
  first() {
    return { isSurface: false, isParallel: false, from: this.about.isLabels ? 1 : Math.round(LAST / 3), most: 0.5, clips: this.size.map((whole) => [0, whole]) };
  }

  stand() {
    const { about, level } = this;
    this.factor = this.isKnown && Math.max(...this.size) >= MOST_NM ? 1e-3 : 1;
    this.unit = this.isKnown ? (this.factor === 1 ? "nm" : "µm") : "px";
    const scaled = (values) => values.map((value) => value * this.factor);
    const spacing = scaled(level.grid.map((each, k) => each.factor * this.steps[k]));
    const origin = scaled(level.grid.map((each, k) => (each.shift + 0.5) * this.steps[k])); // the box begins at the outer side of voxel 0
    this.scene = new Scene(this.sight, { grid: { lengths: level.lengths, spacing, origin }, size: scaled(this.size), isSlow: about.isSlow, onDrawn: () => this.write() });
    this.scene.cloud(about);
    this.scene.colour(this.colours());
    this.scene.fill(coded(level, about.look));
  }

  begin() {
    const { level } = this;
    this.scene.fit();
    this.theme();
    this.scene.lookFrom(...CORNER);
    this.take(this.state);
    if (this.about.state) this.restore(this.about.state);
    const coarse = level.level ? `, level ${level.level} of the volume` : "";
    this.said.textContent = `${level.lengths.join(" × ")} voxels are shown${coarse}. Drag to turn, Ctrl with the wheel to come closer.`;
    this.isReady = true;
    this.root.dataset.state = "ready";
  }

  colours() {
    const { look, isLabels } = this.about;
    if (isLabels) return Array.from({ length: LAST }, (_, k) => [k + 1, ...[...(look.classes.get(k + 1) ?? labelParts(k + 1))].map((part) => part / LAST)]);
    const { data } = bar(look);
    return Array.from({ length: LAST }, (_, k) => [k + 1, ...[0, 1, 2].map((part) => data[4 * k + part] / LAST)]);
  }

  valueOf(code) {
    const { low, high } = this.about.look;
    return low + ((code - 1) / (LAST - 1)) * (high - low);
  }

  codeOf(value) {
    const { low, high } = this.about.look;
    return Math.max(1, Math.min(LAST, 1 + ((value - low) / (high - low || 1)) * (LAST - 1)));
  }

  // The slices are coloured in another way. The least value to be seen stays, where somebody chose it.
  follow(look) {
    const before = this.about.look;
    this.about.look = look;
    if (this.about.isLabels) this.values = null;
    this.isOutdated ||= ["low", "high", "hidden"].some((each) => look[each] !== before[each]);
    this.scene.colour(this.colours());
    if (this.wanted !== null) this.state.from = this.codeOf(this.wanted);
    this.take({});
  }

  // ---- the state: how it is drawn, where it is cut, from where it is seen

  take(change) {
    Object.assign(this.state, change);
    if ("from" in change) this.wanted = this.about.isLabels || change.from === this.first().from ? null : this.valueOf(change.from);
    if ("isParallel" in change) this.scene.setParallel(this.state.isParallel);
    if ("clips" in change) this.state.clips.forEach((clip, axis) => this.scene.clip(axis, ...clip.map((at) => at / this.size[axis])));
    this.panel.show(this.state);
    this.cut.textContent = this.cutWords();
    this.restyle();
    this.changed();
  }

  // In nanometres, or voxels: what stands in the address does not depend on the unit of the axes.
  get text() {
    return written({ ...this.state, camera: this.scene.camera(1 / this.factor) });
  }

  restore(text) {
    const found = read(text);
    if (!found) return;
    const { camera, ...state } = found;
    const clips = state.clips.map(([low, high], axis) => [low, high].map((at) => Math.max(0, Math.min(this.size[axis], at))).sort((a, b) => a - b));
    this.take({ ...state, from: Math.max(1, Math.min(LAST, state.from)), most: Math.max(0, Math.min(1, state.most)), clips });
    this.scene.setCamera(camera, this.factor);
  }

  reset() {
    document.activeElement?.blur?.();
    this.take(this.first());
    this.lookFrom(...CORNER);
  }

  lookFrom(...view) {
    this.scene.lookFrom(...view);
    this.changed();
  }

  changed() {
    clearTimeout(this.telling);
    if (this.isReady) this.telling = setTimeout(() => this.about.onChange?.(), TOLD_MS);
  }

  press(event) {
    const step = KEYS[event.key];
    if (event.key !== "Home" && (!step || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.key === "Home") this.lookFrom(...CORNER);
    else this.scene.turn(step);
  }

  // ---- words

  fromWords() {
    const { isLabels, unit } = this.about;
    return isLabels ? `${Math.round(this.state.from)}` : `${number(this.valueOf(this.state.from))}${unit ? ` ${unit}` : ""}`;
  }

  placeWords(at) {
    return place(at, this.isKnown);
  }

  cutWords() {
    const cut = this.state.clips.flatMap(([low, high], k) => (isCut(low, 0, this.size[k]) || isCut(high, 1, this.size[k]) ? [`${AXES[k]} from ${this.placeWords(low)} to ${this.placeWords(high)}`] : []));
    return cut.length ? `Cut: ${cut.join(", ")}.` : "";
  }

  // ---- drawing

  // `data-state` of the sight is drawing until a picture of all that was asked for stands, then drawn.
  restyle() {
    this.sight.dataset.state = "drawing";
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = null;
    const { isLabels, look } = this.about;
    const { isSurface, from, most } = this.state;
    if (isSurface) {
      this.values ??= solid(this.level, look);
      const level = isLabels ? Math.round(from) - 0.5 : this.valueOf(from);
      const [, ...colour] = this.colours()[isLabels ? Math.round(from) - 1 : SURFACE];
      this.scene.surface(this.values, { level, colour, opacity: Math.min(1, most * 2) });
    } else {
      if (this.isOutdated) this.scene.fill(coded(this.level, look));
      this.isOutdated = false;
      this.scene.opacity(from, most, isLabels);
    }
    this.scene.show({ isSurface });
  }

  // Upon what is drawn, each time that it was.
  write() {
    const project = (corner) => this.scene.project(corner.map((at) => at * this.factor));
    const { backgroundColor: ground, color: ink } = getComputedStyle(this.sight);
    const axes = this.scene.isBefore ? { size: this.scene.size, unit: this.unit, project: (point) => this.scene.project(point), ink, ground } : null;
    const wide = this.isKnown ? this.scene.wide / this.factor : null;
    const note = this.state.isParallel ? "" : " at the middle";
    paintOverlay(this.over, { cuts: cutsOf(this.state.clips, this.size), project, wide, isKnown: this.isKnown, note, axes });
    if (!this.frame && !this.scene.frame) this.sight.dataset.state = "drawn";
    this.changed();
  }

  save() {
    const { title, look, isLabels, unit } = this.about;
    const isCoded = !isLabels && !this.state.isSurface;
    const limits = isCoded ? `, ${look.name} ${number(look.low)} to ${number(look.high)}${unit ? ` ${unit}` : ""}` : "";
    const scale = this.isKnown ? "" : " (voxel size unknown: places in voxels)";
    const lines = [
      `${title}: ${this.state.isSurface ? "surface at" : "cloud of"} ${isLabels ? "label " : ""}${this.fromWords()}${this.state.isSurface ? "" : " and more"}${limits}`,
      `${this.cutWords() || "Not cut."} ${this.state.isParallel ? "Parallel projection" : "Perspective: the scale holds at the middle"}${scale}.`,
    ];
    const drawn = this.scene.drawn();
    this.write();
    const name = `${title.replace(/[^\w-]+/g, "_")}_in_space.png`;
    picture({ drawn, written: this.over, lines, look: isCoded ? look : null }).toBlob((blob) => save(blob, name), "image/png");
  }

  delete() {
    clearTimeout(this.telling);
    cancelAnimationFrame(this.frame);
    matchMedia("(prefers-color-scheme: dark)").removeEventListener("change", this.theme);
    this.scene.delete();
  }
}
