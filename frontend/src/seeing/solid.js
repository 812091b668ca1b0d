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
    this.element.addEventListener("toggle", () => this.element.open && !this.root.hasChildNodes() && this.show());
  }

  static isThere(viewer) {
    return Boolean(viewer.root.dataset.volume3d) && viewer.frame.axes.includes("z");
  }

  async show() {
    const { map, look, source, isLabels } = this.layers[Number(this.choice.value || 0)];
    this.said.textContent = "Loading.";
    this.root.replaceChildren();
    try {
      const { mount3d } = await import(this.viewer.root.dataset.volume3d);
      await mount3d(this.root, { address: source, title: map.title, unit: map.unit, steps: map.steps, axes: map.axes, channel: map.channel, look: { ...look }, isLabels });
      this.said.textContent = "";
    } catch (error) {
      this.said.textContent = `It could not be drawn: ${error.message}.`;
    }
  }
}
