// What stands above the view in space: how it is drawn, from where it is seen, where it is cut.

import { made } from "../page/elements.js";

const AXES = ["x", "y", "z"];
const LAST = 255;
// y runs down in the slices, and so it does here; seen from −z the picture is that of the xy plane
const VIEWS = [
  ["+x", [1, 0, 0], [0, -1, 0]], ["−x", [-1, 0, 0], [0, -1, 0]],
  ["+y", [0, 1, 0], [0, 0, -1]], ["−y", [0, -1, 0], [0, 0, -1]],
  ["+z", [0, 0, 1], [0, -1, 0]], ["−z", [0, 0, -1], [0, -1, 0]],
];
export const CORNER = [[0.75, -0.6, -1], [0, -1, 0]];

export function button(name, act) {
  const found = made("button", { type: "button", class: "small" }, name);
  found.addEventListener("click", act);
  return found;
}

function choice(name, label, options) {
  const select = made("select", { "aria-label": name }, ...options.map(([value, text]) => made("option", { value }, text)));
  return { select, element: made("label", { class: "inline" }, label, select) };
}

export class Panel {
  constructor(sight, { isLabels, size, steps }) {
    this.sight = sight;
    this.kinds = choice("Drawn as", "Drawn as ", [["cloud", "a cloud"], ["surface", "a surface"]]);
    this.kinds.select.addEventListener("change", () => sight.take({ isSurface: this.kinds.select.value === "surface" }));
    this.rays = choice("Seen", "Seen ", [["perspective", "in perspective"], ["parallel", "in parallel, to scale"]]);
    this.rays.select.addEventListener("change", () => sight.take({ isParallel: this.rays.select.value === "parallel" }));
    const views = made("div", { class: "solid-views", role: "group", "aria-label": "Look from" }, made("span", {}, "Look from"),
      ...VIEWS.map(([name, ...view]) => button(name, () => sight.lookFrom(...view))), button("a corner", () => sight.lookFrom(...CORNER)));
    const acts = made("div", { class: "solid-views" }, button("Save a picture in space", () => sight.save()), button("Reset all", () => sight.reset()));
    this.rows = [
      this.range(isLabels ? "Labels from" : "Values from", [1, LAST, 1], { get: ({ from }) => from, set: (from) => ({ from }), words: () => sight.fromWords() }),
      this.range("Opacity", [0.02, 1, 0.02], { get: ({ most }) => most, set: (most) => ({ most }), words: ({ most }) => `${Math.round(most * 100)} %` }),
      ...AXES.flatMap((axis, k) => ["from", "to"].map((end, e) => this.range(`${axis} ${end}`, [0, size[k], steps[k]], {
        get: ({ clips }) => clips[k][e], set: (at, { clips }) => ({ clips: clipped(clips, [k, e], at) }), words: ({ clips }) => sight.placeWords(clips[k][e]),
      }))),
    ];
    this.element = made("div", { class: "solid-controls" }, made("div", { class: "viewer-tools" }, this.kinds.element, this.rays.element, views, acts),
      made("div", { class: "viewer-controls" }, ...this.rows.map(({ element }) => element)));
  }

  range(name, [min, max, step], { get, set, words }) {
    const said = made("output", {});
    const input = made("input", { type: "range", min, max, step });
    input.addEventListener("input", () => this.sight.take(set(input.valueAsNumber, this.sight.state)));
    return { input, said, get, words, element: made("label", { class: "slider" }, made("span", {}, name), input, said) };
  }

  show(state) {
    this.kinds.select.value = state.isSurface ? "surface" : "cloud";
    this.rays.select.value = state.isParallel ? "parallel" : "perspective";
    for (const { input, said, get, words } of this.rows) {
      if (document.activeElement !== input) input.value = get(state); // who moves it is not taken out of hand
      said.textContent = words(state);
      input.setAttribute("aria-valuetext", said.textContent);
    }
  }
}

// An end that is moved beyond the other stays at it.
function clipped(clips, [axis, end], at) {
  return clips.map(([low, high], k) => (k !== axis ? [low, high] : end ? [low, Math.max(at, low)] : [Math.min(at, high), high]));
}
