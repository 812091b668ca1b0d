// An array of one axis, drawn as a curve: its places are those the file states, else steps, else plain numbers.

import { plot } from "./plots/plot.js";

const MOST = 1_000_000;
const AXES = { x: "Position x", y: "Position y", z: "Position z", t: "Tilt", c: "Channel" };

async function draw(place) {
  const { title, unit, address, axis, step, places } = JSON.parse(place.dataset.arrayCurve);
  const { FetchStore, get, open, root } = await import("zarrita");
  const store = new FetchStore(new URL(address, location.href), { useSuffixRequest: true });
  const array = await open.v3(root(store).resolve("0"), { kind: "array" });
  if (array.shape[0] > MOST) throw new Error(`it has ${array.shape[0]} values: download it`);
  const { data } = await get(array);
  const values = Array.from(data, Number);
  const xs = places ?? values.map((_, k) => k * (step ?? 1));
  const known = places ? { t: "°" }[axis] ?? "" : step ? "nm" : "";
  const named = `${AXES[axis]}${known ? "" : ", counted from 0"}`;
  plot(place, { title, name: title, x: { title: named, unit: known }, y: { title, unit: unit === "1" ? "" : unit }, xs, lines: [{ title, values }] });
}

for (const place of document.querySelectorAll("[data-array-curve]")) {
  draw(place).catch((error) => { place.textContent = `The curve cannot be drawn: ${error.message}.`; });
}
