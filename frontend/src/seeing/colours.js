// Colour maps: grey for images, viridis and cividis for quantities, a diverging one about a stated centre, labels.

// every eighth of viridis and cividis (matplotlib), and of a blue-white-red whose halves are equally dark
const STOPS = {
  gray: ["#000000", "#ffffff"],
  viridis: ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"],
  cividis: ["#00224e", "#1a386f", "#434e6c", "#61656f", "#7d7c78", "#9b9476", "#bcae6c", "#dec958", "#fee838"],
  diverging: ["#053061", "#2f79b5", "#7db7d6", "#c5dfec", "#f7f7f7", "#fbcbb3", "#ec8a6b", "#c23b3c", "#67001f"],
};
export const NAMES = { gray: "grey", viridis: "viridis", cividis: "cividis", diverging: "diverging about…" };
// Okabe and Ito (2008), as the pictures of labels have them
const LABELS = ["#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#f0e442", "#0072b2"];
const STEPS = 256;

const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
const NOTHING = 0; // clear: the hatched ground shows through

function table(stops) {
  const colours = stops.map(parts);
  return Uint32Array.from({ length: STEPS }, (_, step) => {
    const place = (step / (STEPS - 1)) * (colours.length - 1);
    const from = Math.min(Math.floor(place), colours.length - 2);
    return packed(colours[from].map((part, k) => Math.round(part + (place - from) * (colours[from + 1][k] - part))));
  });
}

const TABLES = Object.fromEntries(Object.entries(STOPS).map(([name, stops]) => [name, table(stops)]));

function labelColour(value) {
  if (value <= 0) return packed([0, 0, 0]);
  const shade = Math.max(0.4, 1 - 0.2 * Math.floor((value - 1) / LABELS.length));
  return packed(parts(LABELS[(value - 1) % LABELS.length]).map((part) => Math.round(part * shade)));
}

function colourOf({ name, low, high }) {
  if (name === "labels") return labelColour;
  const map = TABLES[name];
  const scale = (STEPS - 1) / (high - low || 1);
  return (value) => map[Math.max(0, Math.min(STEPS - 1, Math.round((value - low) * scale)))];
}

// A plane in colours; a place without a value is left clear.
export function painted({ values, height, width }, look) {
  const picture = new ImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  const colour = colourOf(look);
  for (let at = 0; at < values.length; at += 1) pixels[at] = Number.isNaN(values[at]) ? NOTHING : colour(values[at]);
  return picture;
}

export function bar(name) {
  const values = Float32Array.from({ length: STEPS }, (_, step) => step);
  return painted({ values, height: 1, width: STEPS }, { name, low: 0, high: STEPS - 1 });
}
