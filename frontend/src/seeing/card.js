// A map of the viewer: its planes, its look, and the value at the place.

import { Classes } from "./classes.js";
import { Contrast, stacking } from "./contrast.js";
import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";
import { Stage } from "./stage.js";

export class Card {
  constructor(viewer, layer) {
    this.viewer = viewer;
    this.layer = layer;
    this.said = made("span", { class: "number" });
    const onChange = () => { viewer.paint(); viewer.keep(); };
    this.own = new (layer.isLabels ? Classes : Contrast)(layer, () => { onChange(); viewer.solid?.follow(); });
    if (!layer.isLabels && viewer.layers.length === 1) this.own.more.open = true;
    this.stacking = stacking(layer, onChange, (by) => viewer.lay(layer, by));
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
