// The view in space of one map: a coarse level of it as a cloud or a surface, with controls that keys reach.

import { bar, labelParts } from "../seeing/colours.js";
import { made } from "../page/elements.js";
import { slicerAt } from "../seeing/slicer.js";
import { number } from "../page/numbers.js";
import { coded, filled, levelOf } from "./level.js";
import { Scene } from "./scene.js";

const LAST = 255;
const AXES = ["x", "y", "z"];
const MOST_NM = 5000; // longer axes are told in micrometres
const SURFACE = 190; // code whose colour a surface has, so that it is light enough to be shaded
const TURN_DEG = 10;
const ZOOM = 1.15;
// y runs down in the slices, and so it does here; seen from −z the picture is that of the xy plane
const VIEWS = [
  ["+x", [1, 0, 0], [0, -1, 0]], ["−x", [-1, 0, 0], [0, -1, 0]],
  ["+y", [0, 1, 0], [0, 0, -1]], ["−y", [0, -1, 0], [0, 0, -1]],
  ["+z", [0, 0, 1], [0, -1, 0]], ["−z", [0, 0, -1], [0, -1, 0]],
];
const CORNER = [[0.75, -0.6, -1], [0, -1, 0]];
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
 *   `look` (name, low, high, gamma, classes), `isLabels`.
 */
export async function mount3d(root, about) {
  mounted.get(root)?.delete();
  mounted.delete(root);
  const drawn = graphics();
  if (!drawn) {
    root.replaceChildren(made("p", { class: "small" }, "This browser draws nothing in space (WebGL 2 is missing or switched off): the slices show the same volume."));
    return;
  }
  const slicer = slicerAt(root.closest("[data-slicer]").dataset.slicer);
  mounted.set(root, new Sight(root, { ...about, ...drawn }, await levelOf(slicer, { ...about, ...drawn })));
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
    const { look } = about;
    this.from = about.isLabels ? 1 : LAST / 3;
    this.most = 0.5;
    this.clips = AXES.map(() => [0, 1]);
    this.sight = made("div", { class: "solid-sight", tabindex: "0", role: "application", "aria-label": `${about.title} in space: arrow keys turn, plus and minus zoom, Home shows it from a corner` });
    this.said = made("p", { class: "small soft", role: "status" });
    root.replaceChildren(this.controls(), this.sight, this.said);
    const isKnown = AXES.every((axis) => about.steps?.[axis]);
    const steps = AXES.map((axis) => (isKnown ? about.steps[axis] : 1));
    const size = level.whole.map((length, k) => length * steps[k]);
    const factor = isKnown && Math.max(...size) >= MOST_NM ? 1e-3 : 1;
    const unit = isKnown ? (factor === 1 ? "nm" : "µm") : "px";
    const spacing = level.grid.map((each, k) => each.factor * steps[k] * factor);
    const origin = level.grid.map((each, k) => (each.shift + 0.5) * steps[k] * factor); // the box begins at the outer side of voxel 0
    this.scene = new Scene(this.sight, { grid: { lengths: level.lengths, spacing, origin }, size: size.map((whole) => whole * factor), unit, isSlow: about.isSlow });
    this.scene.cloud(coded(level, look), { colours: this.colours(), isLabels: about.isLabels });
    this.sight.addEventListener("keydown", (event) => this.press(event));
    this.theme = () => this.scene.theme({ ground: painted(getComputedStyle(this.sight).backgroundColor), ink: painted(getComputedStyle(this.sight).color) });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.theme);
    this.scene.fit();
    this.theme();
    this.restyle();
    this.scene.lookFrom(...CORNER);
    const coarse = level.level ? `, level ${level.level} of the volume` : "";
    this.said.textContent = `${level.lengths.join(" × ")} voxels are shown${coarse}. Drag to turn, Ctrl with the wheel to come closer.`;
    root.dataset.state = "ready";
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

  // ---- controls

  controls() {
    const kinds = made("select", { "aria-label": "Drawn as" }, made("option", { value: "cloud" }, "a cloud"), made("option", { value: "surface" }, "a surface"));
    kinds.addEventListener("change", () => { this.isSurface = kinds.value === "surface"; this.restyle(); });
    const views = made("div", { class: "solid-views", role: "group", "aria-label": "Look from" }, made("span", {}, "Look from"), ...VIEWS.map(([name, from, up]) => this.button(name, () => this.scene.lookFrom(from, up))), this.button("a corner", () => this.scene.lookFrom(...CORNER)), this.button("Reset all", () => this.reset()));
    this.ranges = [];
    const rows = [
      this.range(this.about.isLabels ? "Labels from" : "Values from", [1, LAST, this.from], (value) => { this.from = value; this.restyle(); }, () => this.words()),
      this.range("Opacity", [0.02, 1, this.most], (value) => { this.most = value; this.restyle(); }, () => `${Math.round(this.most * 100)} %`),
      ...AXES.flatMap((axis, k) => ["from", "to"].map((end, e) => this.range(`${axis} ${end}`, [0, 1, e], (value) => this.clip(k, e, value), () => `${Math.round(this.clips[k][e] * 100)} %`))),
    ];
    return made("div", { class: "solid-controls" }, made("div", { class: "viewer-tools" }, made("label", { class: "inline" }, "Drawn as ", kinds), views), made("div", { class: "viewer-controls" }, ...rows));
  }

  button(name, act) {
    const button = made("button", { type: "button", class: "small" }, name);
    button.addEventListener("click", act);
    return button;
  }

  range(name, [min, max, value], take, words) {
    const said = made("output", {});
    const input = made("input", { type: "range", min, max, step: (max - min) / (LAST - 1), value });
    const say = () => { said.textContent = words(); input.setAttribute("aria-valuetext", said.textContent); };
    input.addEventListener("input", () => { take(input.valueAsNumber); say(); });
    this.ranges.push(() => { input.value = value; take(value); say(); });
    say();
    return made("label", { class: "slider" }, made("span", {}, name), input, said);
  }

  words() {
    if (this.about.isLabels) return `${Math.round(this.from)}`;
    return `${number(this.valueOf(this.from))}${this.about.unit ? ` ${this.about.unit}` : ""}`;
  }

  clip(axis, end, share) {
    const [from, to] = this.clips[axis];
    this.clips[axis] = end ? [from, Math.max(share, from)] : [Math.min(share, to), to];
    this.scene?.clip(axis, ...this.clips[axis]);
  }

  reset() {
    this.ranges.forEach((begin) => begin());
    this.ranges.forEach((begin) => begin()); // an end may have been held by the other
    this.scene.lookFrom(...CORNER);
  }

  press(event) {
    const step = KEYS[event.key];
    if (event.key !== "Home" && (!step || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.key === "Home") this.scene.lookFrom(...CORNER);
    else this.scene.turn(step);
  }

  restyle() {
    if (!this.scene) return;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { isLabels, look } = this.about;
    if (this.isSurface) {
      this.values ??= isLabels ? this.level.values : filled(this.level, look.low, look.high);
      const level = isLabels ? Math.round(this.from) - 0.5 : this.valueOf(this.from);
      const [, ...colour] = this.colours()[isLabels ? Math.round(this.from) - 1 : SURFACE];
      this.scene.surface(this.values, { level, colour, opacity: Math.min(1, this.most * 2) });
    } else this.scene.opacity(this.from, this.most, isLabels);
    this.scene.show({ isSurface: this.isSurface });
  }

  delete() {
    matchMedia("(prefers-color-scheme: dark)").removeEventListener("change", this.theme);
    this.scene.delete();
  }
}
