// The classes of a segmentation: a name and a colour each, shown or hidden.

import { labelParts } from "./colours.js";
import { made } from "../page/elements.js";

const RESULT = /^(\/api\/v1\/results\/([^/]+))\/outputs\/([^/]+)\//;

// What people said the labels of a result are; nothing for a dataset.
export async function phasesOf(address) {
  const found = RESULT.exec(address);
  if (!found) return new Map();
  const answer = await fetch(`${found[1]}/labels`);
  if (!answer.ok) throw new Error(`the names of the labels: the service answered ${answer.status}`);
  const { items } = await answer.json();
  return new Map(items.filter(({ output }) => output === decodeURIComponent(found[3])).map(({ label, phase }) => [label, phase]));
}

export class Classes {
  constructor(layer, onChange) {
    this.layer = layer;
    this.onChange = onChange;
    this.list = made("ul", { class: "plain classes" });
    const button = (text, isHidden) => {
      const found = made("button", { type: "button", class: "small" }, text);
      found.addEventListener("click", () => this.hideAll(isHidden));
      return found;
    };
    this.element = made("fieldset", { class: "look class-list" }, made("legend", { class: "small" }, `Classes of ${layer.map.title}`), this.list,
      made("div", { class: "actions" }, button("Show all", false), button("Hide all", true)));
  }

  show() {
    const { look, names } = this.layer;
    const values = [...look.classes.keys()].sort((a, b) => a - b);
    this.list.replaceChildren(...values.map((value) => {
      const box = made("input", { type: "checkbox", checked: !look.hidden.has(value) });
      box.addEventListener("change", () => this.hide(value, !box.checked));
      const swatch = made("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = `rgb(${(look.classes.get(value) ?? labelParts(value)).join(" ")})`;
      const name = names.get(value);
      return made("li", {}, made("label", { class: "inline" }, box, swatch, `${value}: `, name ?? made("span", { class: "unknown" }, "unnamed")));
    }));
    const home = RESULT.exec(this.layer.map.address)?.[2];
    if (home && !this.more) {
      this.more = made("a", { class: "small", href: `/results/${home}/labels` }, "Say what a label is");
      this.element.append(this.more);
    }
  }

  hide(value, isHidden) {
    const hidden = new Set(this.layer.look.hidden);
    hidden[isHidden ? "add" : "delete"](value);
    this.layer.restyle({ hidden });
    this.onChange();
  }

  hideAll(isHidden) {
    this.layer.restyle({ hidden: new Set(isHidden ? this.layer.look.classes.keys() : []) });
    this.show();
    this.onChange();
  }
}
