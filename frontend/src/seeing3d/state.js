// What stands in space as text for an address, and back: how it is drawn, where it is cut, from where it is seen.
//
// Lengths are nanometres, or voxels where nobody knows their size, from the outer side of voxel 0.

const FIGURES = 6;
const short = (value) => Number(Number(value).toPrecision(FIGURES));
const list = (values) => values.map(short).join(",");
const numbers = (text, count) => {
  const found = (text ?? "").split(",").map((part) => (part.trim() ? Number(part) : NaN));
  return found.length === count && found.every(Number.isFinite) ? found : null;
};
const triples = (values) => [0, 3, 6].map((from) => values.slice(from, from + 3));

// `clips` is from and to along x, y and z; `camera` has position, focus, up and zoom, half the height of what is seen.
export function written({ isSurface, isParallel, from, most, clips, camera }) {
  return [isSurface ? "surface" : "cloud", isParallel ? "parallel" : "perspective", list([from, most]), list(clips.flat()),
    list([...camera.position, ...camera.focus, ...camera.up, camera.zoom])].join("~");
}

// Null when the text is not understood, whole.
export function read(text) {
  const [drawn, rays, shown, cuts, seen] = (text ?? "").split("~");
  const [amounts, clips, camera] = [numbers(shown, 2), numbers(cuts, 6), numbers(seen, 10)];
  if (!["cloud", "surface"].includes(drawn) || !["parallel", "perspective"].includes(rays) || !amounts || !clips || !camera) return null;
  const [position, focus, up] = triples(camera);
  const isSeen = Math.hypot(...position.map((each, k) => each - focus[k])) > 0 && Math.hypot(...up) > 0 && camera[9] > 0;
  if (!isSeen) return null;
  return {
    isSurface: drawn === "surface", isParallel: rays === "parallel", from: amounts[0], most: amounts[1],
    clips: [0, 2, 4].map((at) => clips.slice(at, at + 2)), camera: { position, focus, up, zoom: camera[9] },
  };
}
