// A residual curve as SVG: steps along, residual upward on a logarithmic scale, drawn as the job goes.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 500;
const HEIGHT = 200;
const LEFT = 56;
const BOTTOM = 24;

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

export const pointOf = (progress) =>
  Number.isFinite(progress.residual) && progress.residual > 0 ? [progress.done, progress.residual] : null;

export function draw(figure, points) {
  const marks = points.filter(Boolean);
  figure.hidden = marks.length < 2;
  if (figure.hidden) return;
  const logs = marks.map(([, y]) => Math.log10(y));
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs)));
  const last = Math.max(...marks.map(([x]) => x));
  const x = (value) => LEFT + (value / Math.max(1, last)) * (WIDTH - LEFT - 12);
  const y = (value) => 12 + ((high - value) / (high - low)) * (HEIGHT - BOTTOM - 12);
  const picture = element("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": "curve-caption" });
  for (let decade = low; decade <= high; decade += 1) {
    picture.append(element("line", { x1: LEFT, x2: WIDTH - 12, y1: y(decade), y2: y(decade) }));
    picture.append(element("text", { x: LEFT - 6, y: y(decade) + 4, "text-anchor": "end" }, Number(`1e${decade}`).toString()));
  }
  picture.append(element("text", { x: LEFT, y: HEIGHT - 6 }, "0"));
  picture.append(element("text", { x: WIDTH - 12, y: HEIGHT - 6, "text-anchor": "end" }, `${last} steps`));
  picture.append(element("polyline", { points: marks.map(([step], i) => `${x(step)},${y(logs[i])}`).join(" ") }));
  figure.querySelector("svg")?.remove();
  figure.prepend(picture);
}

for (const figure of document.querySelectorAll("[data-curve]")) draw(figure, JSON.parse(figure.dataset.curve).map(pointOf));
