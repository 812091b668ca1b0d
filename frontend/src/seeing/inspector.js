// What stands at the place, as the service knows it: value, unit, uncertainty, and where it comes from.

import { made } from "./mapping.js";
import { number } from "../numbers.js";

const unknown = () => made("span", { class: "unknown" }, "unknown");
const link = (address, text) => made("a", { href: address }, text);

export class Inspector {
  constructor(viewer) {
    this.viewer = viewer;
    this.turn = 0;
    this.cards = made("div", { class: "inspected", role: "status", "aria-live": "polite" });
    this.element = made("details", { class: "tool" }, made("summary", {}, "What stands at the place"),
      made("p", { class: "small soft" }, "Value, uncertainty and origin of the voxel under the cross, asked of the service: key I."), this.cards);
    this.element.addEventListener("toggle", () => this.read());
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
    const head = made("h3", {}, layer.map.title);
    if (!place) return made("section", { class: "voxel" }, head, made("p", { class: "small soft" }, "The place lies outside of it."));
    try {
      const answer = await fetch(`${layer.map.home}/voxel?${new URLSearchParams(place)}`);
      const voxel = await answer.json();
      if (!answer.ok) throw new Error(voxel.detail ?? voxel.title);
      return made("section", { class: "voxel" }, head, pairs(voxel, layer));
    } catch (error) {
      return made("section", { class: "voxel" }, head, made("p", { class: "small" }, error.message));
    }
  }
}

function amount(record, unit) {
  const value = record?.value ?? (typeof record === "number" ? record : null);
  if (value === null) return [unknown()];
  const source = record?.source ? [" ", made("span", { class: `source ${record.source}` }, record.source)] : [];
  return [`${number(value)} ${record?.unit ?? unit ?? ""}`.trim(), ...source];
}

function pairs(voxel, layer) {
  const unit = layer.map.unit;
  const rows = [["Value", voxel.value === null ? ["no value"] : amount(voxel.value, unit)], ["Uncertainty", amount(voxel.uncertainty, unit)]];
  if (voxel.validity !== undefined && voxel.validity !== null) rows.push(["Validity", [String(voxel.validity?.words ?? voxel.validity)]]);
  const job = voxel.job_id ?? voxel.job?.id;
  if (job) rows.push(["Computed by", [link(`/jobs/${job}`, voxel.method_title ?? voxel.method?.title ?? voxel.method ?? "the job")]]);
  const datasets = voxel.datasets ?? [];
  rows.push(["From", datasets.length ? datasets.flatMap((each, k) => [k ? ", " : "", link(`/datasets/${each.id ?? each}`, each.filename ?? "dataset")]) : [unknown()]]);
  rows.push(["Dose of the series", amount(voxel.dose)]);
  const trace = /^\/api\/v1(\/results\/.*)$/.exec(layer.map.home)?.[1];
  const place = trace && voxel.axes ? [...voxel.axes].map((axis) => voxel.place?.[axis]).join(",") : "";
  if (trace) rows.push(["More", [link(`${trace}/provenance${place ? `?voxel=${place}` : ""}`, "trace the place")]]);
  return made("dl", { class: "pairs" }, ...rows.flatMap(([name, content]) => [made("dt", {}, name), made("dd", { class: "number" }, ...content)]));
}
