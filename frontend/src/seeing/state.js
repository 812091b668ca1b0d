// The state of a view as text for an address, and back: place, zoom, what is shown and how, what is measured.

const FIGURES = 6;
const short = (value) => Number(Number(value).toPrecision(FIGURES));
const numbers = (text, count) => {
  const found = (text ?? "").split(",").map(Number);
  return found.length === count && found.every(Number.isFinite) ? found : null;
};

// Of what differs from a view just opened, only the looks that were changed.
export function written(viewer) {
  const { frame, at, line, box } = viewer;
  const said = new URLSearchParams();
  said.set("at", frame.axes.map((axis) => at[axis]).join(","));
  if (frame.zoom > 1) said.set("zoom", [frame.zoom, ...frame.middle].map(short).join(","));
  if (viewer.isOver) said.set("over", "1");
  if (viewer.isFull) said.set("full", "1");
  if (viewer.along !== "x") said.set("along", viewer.along);
  if (viewer.order.some((index, k) => index !== k)) said.set("order", viewer.order.join(","));
  const hidden = viewer.layers.filter(({ isShown }) => !isShown).map(({ index }) => index);
  if (hidden.length) said.set("hide", hidden.join(","));
  for (const layer of viewer.layers) if (layer.version > 0 || viewer.isOver) said.set(`m${layer.index}`, lookOf(layer));
  const place = (where) => frame.spatial.map((axis) => short(where[axis]));
  if (line) said.set("line", [...place(line.from), ...place(line.to)].join(","));
  if (viewer.regions?.chosen) said.set("region", viewer.regions.chosen);
  if (viewer.inspector?.element.open) said.set("told", "1");
  if (viewer.solid?.chosen) said.set("solid", viewer.solid.chosen);
  if (box) said.set("box", [...place(box.from), ...place(box.to)].join(","));
  return said.toString().replaceAll("%2C", ",").replaceAll("%7E", "~"); // a fragment may hold them as they are
}

function lookOf({ look, isLabels, opacity, blend }) {
  const own = isLabels ? [...look.hidden].join(".") : [look.name, short(look.low), short(look.high), look.gamma, look.centre ?? ""].join("~");
  return [opacity, blend, own].join("~");
}

// Takes over what the text says; what it does not understand stays as it is.
export function restored(viewer, text) {
  const said = new URLSearchParams(text);
  const { frame } = viewer;
  const at = numbers(said.get("at"), frame.axes.length);
  if (at) frame.axes.forEach((axis, k) => { viewer.at[axis] = frame.within(axis, Math.round(at[k])); });
  viewer.isOver = said.get("over") === "1" && viewer.layers.length > 1;
  viewer.isFull = said.get("full") === "1";
  if (frame.spatial.includes(said.get("along"))) viewer.along = said.get("along");
  const [zoom, ...middle] = (said.get("zoom") ?? "").split(",").map(Number);
  if (zoom > 1 && middle.length === frame.spatial.length && middle.every(Number.isFinite)) frame.lookAround(zoom, middle);
  else if (zoom > 1) frame.lookAt(zoom, viewer.at);
  viewer.order = orderOf(said.get("order"), viewer.layers.length);
  const hidden = new Set((said.get("hide") ?? "").split(",").filter(Boolean).map(Number));
  if (said.has("at")) for (const layer of viewer.layers) layer.isShown = !hidden.has(layer.index);
  for (const layer of viewer.layers) if (said.has(`m${layer.index}`)) restyle(layer, said.get(`m${layer.index}`));
  viewer.asked = { region: said.get("region"), isTold: said.get("told") === "1", solid: said.get("solid") };
  viewer.line = ends(said.get("line"), frame);
  viewer.box = ends(said.get("box"), frame);
}

// Every map once, from the lowest to the highest.
function orderOf(text, count) {
  const usual = Array.from({ length: count }, (_, k) => k);
  const found = (text ?? "").split(",").map(Number);
  return usual.every((k) => found.includes(k)) && found.length === count ? found : usual;
}

function ends(text, frame) {
  const count = frame.spatial.length;
  const found = numbers(text, 2 * count);
  const place = (from) => Object.fromEntries(frame.spatial.map((axis, k) => [axis, found[from + k]]));
  return found && { from: place(0), to: place(count) };
}

function restyle(layer, text) {
  const [opacity, blend, ...own] = text.split("~");
  if (Number(opacity) >= 0 && Number(opacity) <= 1) layer.opacity = Number(opacity);
  if (["source-over", "lighter", "screen", "lighten", "multiply"].includes(blend)) layer.blend = blend;
  if (layer.isLabels) {
    layer.restyle({ hidden: new Set((own[0] ?? "").split(".").filter(Boolean).map(Number)) });
    return;
  }
  const [name, low, high, gamma, centre] = own;
  const look = { low: Number(low), high: Number(high), gamma: Number(gamma) };
  if (!["gray", "viridis", "cividis", "diverging"].includes(name) || !Object.values(look).every(Number.isFinite) || !(look.gamma > 0)) return;
  layer.restyle({ ...look, name, centre: centre ? Number(centre) : undefined });
}
