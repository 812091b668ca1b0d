// What stands at the place, as the service knows it: value, uncertainty, and the run, data and beam it comes from.

import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";

const VALIDITY = { valid: "valid", not_valid: "not valid: outside of what the method vouches for", no_value: "no value here", not_recorded: "unknown" };
const unknown = () => made("span", { class: "unknown" }, "unknown");
const link = (address, text) => made("a", { href: address }, text);
const name = (_, text) => made("span", {}, text); // reviewers get names: the pages of things are not theirs
const REVIEWED = "/api/v1/review/";
const words = (text) => text.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) => name.replaceAll("_", " "));
const between = (parts, mark) => parts.flatMap((each, k) => (k ? [mark, each] : [each]));

// A quantity of the service: number, unit, uncertainty, source; its note says why it is unknown.
function amount(record, { hasUncertainty = false, source = record?.source } = {}) {
  if (!record || record.value === null) return [unknown(), ...(record?.note ? [made("span", { class: "small soft" }, ` ${words(record.note)}`)] : [])];
  const unit = record.unit && record.unit !== "1" ? `\u00a0${record.unit.replace(/\bA\^2/g, "Å²").replace(/\^2/g, "²").replace(/\^3/g, "³")}` : "";
  const uncertain = hasUncertainty && record.uncertainty !== null ? ` ± ${number(record.uncertainty)}` : "";
  return [made("span", { class: "number nowrap" }, `${number(record.value)}${uncertain}${unit}`), " ", made("span", { class: `source ${record.source}` }, source)];
}

export class Inspector {
  constructor(viewer) {
    this.viewer = viewer;
    this.turn = 0;
    this.cards = made("div", { class: "inspected", role: "status", "aria-live": "polite" });
    this.element = made("details", { class: "tool" }, made("summary", {}, "What stands at the place"),
      made("p", { class: "small soft" }, "Value, uncertainty and origin of the voxel under the cross, as the service knows them: key I."), this.cards);
    this.element.addEventListener("toggle", () => { this.read(); viewer.keep(); });
  }

  async read() {
    if (!this.element.open) return;
    this.turn += 1;
    const { turn } = this;
    const found = await Promise.all(this.viewer.shown().map((layer) => this.ask(layer)));
    if (turn === this.turn) this.cards.replaceChildren(...found);
  }

  async ask(layer) {
    const place = layer.place();
    const card = (...content) => made("section", { class: "voxel" }, made("h3", {}, layer.map.title), ...content);
    if (!place) return card(made("p", { class: "small soft" }, "The place lies outside of it."));
    try {
      const answer = await fetch(`${layer.map.home}/voxel?${new URLSearchParams(place)}`);
      const found = await answer.json();
      return card(answer.ok ? told(found, layer, place) : made("p", { class: "small" }, found.detail ?? found.title));
    } catch (error) {
      return card(made("p", { class: "small" }, error.message));
    }
  }
}

function told(voxel, layer, place) {
  const { value, label } = voxel;
  const to = layer.map.home.startsWith(REVIEWED) ? name : link;
  const method = voxel.method_title ?? words(voxel.method ?? "");
  const rows = [["Value", amount(value, { hasUncertainty: true, source: voxel.job_id ? "computed" : value.source })]];
  if (value.value !== null && value.uncertainty === null) rows.push(["Uncertainty", [unknown(), value.note ? made("span", { class: "small soft" }, ` ${words(value.note).replace(words(voxel.method ?? " "), method)}`) : ""]]);
  if (label) rows.push(["Said to be", [label.phase ?? unknown()]]);
  rows.push(["Validity", [voxel.validity === "not_recorded" ? unknown() : VALIDITY[voxel.validity]]]);
  if (voxel.job_id) rows.push(["Computed by", [to(`/jobs/${voxel.job_id}`, method), made("span", { class: "small soft" }, ` version ${voxel.method_version}`)]]);
  rows.push(["From", voxel.datasets.length ? between(voxel.datasets.map(({ id, filename }) => to(`/datasets/${id}`, filename)), ", ") : [unknown()]]);
  rows.push(["Dose of the series", voxel.exposures.length ? voxel.exposures.map((beam) => exposed(beam, to)) : [unknown()]]);
  if (voxel.spectra.length) rows.push(["Raw spectra", voxel.spectra.map((each) => rawSpectra(each, to))]);
  const trace = /^\/api\/v1(\/results\/.*)$/.exec(layer.map.home)?.[1];
  const at = [...layer.map.axes].map((axis) => place[axis]).join(",");
  const more = [...(trace ? [link(`${trace}/provenance?voxel=${at}`, "trace the place to the cell")] : []), ...spectraOf(layer.map, place)];
  if (more.length) rows.push(["More", between(more, ", ")]);
  const missing = voxel.unknowns.length ? [made("ul", { class: "small" }, ...voxel.unknowns.map((each) => made("li", {}, ...named(each, voxel, to))))] : [];
  return made("div", {}, made("dl", { class: "pairs" }, ...rows.flatMap(([name, content]) => [made("dt", {}, name), made("dd", {}, ...content)])), ...missing);
}

// A sentence in which samples and datasets stand by their names, each a link, in place of identifiers.
function named(text, { samples, datasets }, to) {
  const known = new Map([...samples.map(({ id, name: own }) => [id, [`/samples/${id}`, own]]), ...datasets.map(({ id, filename }) => [id, [`/datasets/${id}`, filename]])]);
  return text.split(/\b((?:smp|ds)_[0-9a-f]{32})\b/).map((part) => (known.has(part) ? to(...known.get(part)) : words(part)));
}

// The pixel of the data that the voxel came from, which its page marks; how it was found, or why it is not known.
function rawSpectra({ dataset_id: id, filename, array, place, is_known: isKnown, tilt_deg: tilt, mapped_by: how }, to) {
  const span = (axis) => (`${axis}_to` in place ? `${place[axis]}-${place[`${axis}_to`]}` : place[axis] ?? "");
  const at = Object.keys(place).length ? `:${[span("y"), span("x"), ...("t" in place ? [place.t] : [])].join(",")}` : "";
  const where = [...(isKnown ? [`y ${span("y")}, x ${span("x")}`] : []), ...(tilt === null ? [] : [`${number(tilt)}°`])].join(" at ");
  return made("div", {}, to(`/datasets/${id}#spectra-${encodeURIComponent(array)}${at}`, `${words(array)} of ${filename}`), where ? ` ${where} ` : " ",
    ...(isKnown ? [] : [unknown(), " "]), made("span", { class: "small soft" }, how));
}

// Spectra of the same rows and columns beside the map, at the voxel's pixel.
function spectraOf({ spectra }, { y, x, t }) {
  return (spectra ?? []).map(({ address, title }) => link(`${address}:${[y, x, ...(t === undefined ? [] : [t])].join(",")}`, `spectrum of the pixel in ${title}`));
}

function exposed(beam, to) {
  const before = beam.before.map((sum) => ["; before it ", ...amount(sum.total)]).flat();
  return made("div", {}, to(`/things/${beam.id}`, words(beam.mode)), " ", ...amount(beam.fluence), ...before);
}
