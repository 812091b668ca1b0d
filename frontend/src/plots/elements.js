// Marks where elements show in a spectrum: X-ray lines or edges of energy losses, out of the service's tables.

import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";

const KINDS = { x_ray_line: "X-ray lines", edge: "Edges of energy losses" };
const LEAST_SHARE = 0.05; // of a family's photons: weaker lines are no landmarks
const TONES = ["--info", "--accent", "--bad", "--good", "--warn"];

let asked = null;

async function tables() {
  asked ??= fetch("/api/v1/spectral-lines").then((answer) => {
    if (!answer.ok) throw new Error(`the tables of lines could not be read (${answer.status})`);
    return answer.json();
  });
  return (await asked).items;
}

// about: { kind: "x_ray_line" | "edge", elements: [symbols to begin with] }
export class ElementMarks {
  constructor(plot, { kind = "x_ray_line", elements = [] } = {}) {
    this.plot = plot;
    this.chosen = new Set(elements);
    this.kind = made("select", { "aria-label": "What is marked" }, ...Object.entries(KINDS).map(([value, text]) => made("option", { value, selected: value === kind }, text)));
    this.chips = made("div", { class: "chips", role: "group", "aria-label": "Elements" });
    this.said = made("p", { class: "small soft" });
    this.element = made("details", { class: "elements" }, made("summary", {}, "Mark lines and edges of elements"), made("label", { class: "inline" }, "Show ", this.kind), this.chips, this.said);
    this.kind.addEventListener("change", () => this.show());
    this.element.addEventListener("toggle", () => this.show(), { once: true });
    if (elements.length) this.show();
  }

  async show() {
    try {
      const [low, high] = this.plot.full;
      const here = (await tables()).filter((line) => line.kind === this.kind.value && line.energy_eV >= low && line.energy_eV <= high && (line.share ?? 1) >= LEAST_SHARE);
      this.write(here);
    } catch (error) {
      this.said.textContent = `Nothing is marked: ${error.message}.`;
    }
  }

  write(here) {
    const symbols = [...new Set(here.map(({ element }) => element))].sort();
    this.chips.replaceChildren(...symbols.map((symbol) => this.chip(symbol, here)));
    this.mark(here);
    if (!symbols.length) this.said.textContent = "No line of the tables lies within these energies.";
  }

  chip(symbol, here) {
    const button = made("button", { type: "button", class: "small", "aria-pressed": String(this.chosen.has(symbol)) }, symbol);
    button.addEventListener("click", () => {
      this.chosen[this.chosen.has(symbol) ? "delete" : "add"](symbol);
      button.setAttribute("aria-pressed", String(this.chosen.has(symbol)));
      this.mark(here);
    });
    return button;
  }

  mark(here) {
    const lines = here.filter(({ element }) => this.chosen.has(element));
    const order = [...new Set(lines.map(({ element }) => element))];
    const marks = lines.map(({ element, name, energy_eV: x }) => ({ x, title: name, words: `${name} at ${number(x, 5)} eV`, tone: TONES[order.indexOf(element) % TONES.length] }));
    const place = (this.plot.about.marks ?? []).filter(({ isPlace }) => isPlace);
    this.plot.annotate({ marks: [...marks, ...place] });
    const sources = [...new Set(lines.map(({ source }) => source))];
    this.said.textContent = lines.length ? `Marked: ${lines.map(({ name, energy_eV: x }) => `${name} ${number(x, 5)} eV`).join(", ")}. Energies: ${sources.join("; ")}.` : "Choose elements; their energies come from the tables the analyses use.";
  }
}
