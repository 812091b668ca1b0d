// A volume in three dimensions: the part of the page that draws it is large, so it is fetched when somebody opens it.

import { made } from "../page/elements.js";

export class Solid {
  constructor(viewer) {
    this.viewer = viewer;
    this.layers = viewer.layers.filter(({ map }) => map.axes.endsWith("zyx"));
    this.choice = made("select", {}, ...this.layers.map(({ map }, k) => made("option", { value: k }, map.title)));
    this.choice.addEventListener("change", () => this.show());
    this.said = made("p", { class: "small", role: "status" });
    this.root = made("div", { class: "solid" });
    this.element = made("details", { class: "tool" }, made("summary", {}, "In three dimensions"),
      ...(this.layers.length > 1 ? [made("label", { class: "inline" }, "Of ", this.choice)] : []), this.said, this.root);
    this.element.addEventListener("toggle", () => this.toggled());
  }

  static isThere(viewer) {
    return Boolean(viewer.root.dataset.volume3d) && viewer.frame.axes.includes("z");
  }

  toggled() {
    if (this.element.open && !this.root.hasChildNodes()) this.show();
    this.viewer.keep();
  }

  // What stands in space, for the address: which volume, then what `seeing3d/state.js` writes; empty while it is closed.
  get chosen() {
    return this.element.open ? [this.layers[this.index].index, this.sight?.text ?? this.asked ?? ""].join("~") : "";
  }

  get index() {
    return Number(this.choice.value || 0);
  }

  // What a link asks for, once.
  restore() {
    const { asked } = this.viewer;
    this.follow();
    if (!asked?.solid) return;
    const [which, ...state] = asked.solid.split("~");
    asked.solid = null;
    const at = this.layers.findIndex(({ index }) => index === Number(which));
    if (at < 0) return;
    const isSame = this.sight && at === this.index;
    this.choice.value = at;
    if (isSame) this.sight.restore(state.join("~"));
    else this.show(state.join("~"));
    this.element.open = true;
  }

  // The look of the slices, each time that it changed.
  follow() {
    const { look, version } = this.layers[this.index];
    if (!this.sight || version === this.version) return;
    this.version = version;
    this.sight.follow({ ...look });
  }

  async show(state = "") {
    const layer = this.layers[this.index];
    this.asked = state;
    this.sight = null;
    this.said.textContent = "Loading.";
    this.root.replaceChildren(made("div", {}));
    const { version } = layer;
    try {
      const [{ mount3d }] = await Promise.all([import(this.viewer.root.dataset.volume3d), layer.about ?? layer.open(this.viewer.slicer)]);
      const { map, look, source, isLabels } = layer;
      const about = { address: source, title: map.title, unit: map.unit, steps: map.steps, axes: map.axes, channel: map.channel, look: { ...look }, isLabels };
      this.sight = await mount3d(this.root, { ...about, state, onChange: () => this.viewer.keep() });
      this.version = version;
      this.said.textContent = "";
      this.follow(); // what changed meanwhile
    } catch (error) {
      this.said.textContent = `It could not be drawn: ${error.message}.`;
    }
  }
}
