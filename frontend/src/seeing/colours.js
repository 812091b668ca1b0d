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
const STEPS = 1024;
const BAR = 256;

const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
const NOTHING = 0; // clear: the hatched ground, or the map below, shows through

// Gamma bends where along the map a value stands; the ends stay, and so does the centre of a diverging map.
function bent(share, name, gamma) {
  if (name !== "diverging") return share ** gamma;
  const from = 2 * share - 1;
  return (1 + Math.sign(from) * Math.abs(from) ** gamma) / 2;
}

function table(name, gamma) {
  const colours = STOPS[name].map(parts);
  return Uint32Array.from({ length: STEPS }, (_, step) => {
    const place = bent(step / (STEPS - 1), name, gamma) * (colours.length - 1);
    const from = Math.min(Math.floor(place), colours.length - 2);
    return packed(colours[from].map((part, k) => Math.round(part + (place - from) * (colours[from + 1][k] - part))));
  });
}

const tables = new Map();

function tableOf({ name, gamma = 1 }) {
  const key = `${name} ${gamma}`;
  if (!tables.has(key)) tables.set(key, table(name, gamma));
  return tables.get(key);
}

export function labelParts(value) {
  if (value <= 0) return [0, 0, 0];
  const shade = Math.max(0.4, 1 - 0.2 * Math.floor((value - 1) / LABELS.length));
  return parts(LABELS[(value - 1) % LABELS.length]).map((part) => Math.round(part * shade));
}

// Colours of labels as the file states them or else by the palette; hidden ones, and the ground in a stack, are clear.
function paintLabels(values, pixels, { classes, hidden, isGroundClear }) {
  const known = new Map();
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    let colour = known.get(value);
    if (colour === undefined) {
      const isClear = hidden?.has(value) || (value === 0 && isGroundClear) || Number.isNaN(value);
      colour = isClear ? NOTHING : packed(classes?.get(value) ?? labelParts(value));
      known.set(value, colour);
    }
    pixels[at] = colour;
  }
}

function paintValues(values, pixels, look) {
  const map = tableOf(look);
  const scale = (STEPS - 1) / (look.high - look.low || 1);
  const { low } = look;
  for (let at = 0; at < values.length; at += 1) {
    const place = (values[at] - low) * scale;
    // the order of the comparisons sends what is no number to the last case
    pixels[at] = place >= STEPS - 1 ? map[STEPS - 1] : place >= 0 ? map[(place + 0.5) | 0] : place < 0 ? map[0] : NOTHING;
  }
}

// A plane in colours; a place without a value is left clear.
export function painted({ values, height, width }, look) {
  const picture = new ImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  if (look.name === "labels") paintLabels(values, pixels, look);
  else paintValues(values, pixels, look);
  return picture;
}

export function bar(look) {
  const values = Float32Array.from({ length: BAR }, (_, step) => step);
  return painted({ values, height: 1, width: BAR }, { name: look.name, gamma: look.gamma, low: 0, high: BAR - 1 });
}
