// A table's chart: the rows, drawn in the place of the service's picture when somebody comes to see it.
//
// `data-chart` says which columns make which curve (`app/portal/charts.py`), `data-rows` where the rows are read.

import { number } from "./page/numbers.js";
import { ElementMarks } from "./plots/elements.js";
import { plot } from "./plots/plot.js";

const DEPTH = "depth_nm";
const FAMILY = /^([A-Z][a-z]?) [KLM]$/; // a curve that is one family of lines, as fits of X-rays name them

function lineOf({ x, by }, columns, { y, error, of, ...about }) {
  const rows = columns[x.column].flatMap((_, row) => (!by || columns[by][row] === of ? [row] : []));
  const pick = (name) => rows.map((row) => columns[name][row]);
  return { ...about, xs: pick(x.column), values: pick(y), error: error ? pick(error) : null };
}

// A path that turns back, as of a cycle, is no function of x: its points are shown, and the service's picture stays.
const turnsBack = ({ xs, kind }) => {
  const steps = xs.filter(Number.isFinite).map((x, k, all) => (k ? Math.sign(x - all[k - 1]) : 0));
  return kind !== "points" && steps.includes(1) && steps.includes(-1);
};

async function drawn(figure) {
  const about = JSON.parse(figure.dataset.chart);
  const answer = await fetch(figure.dataset.rows);
  if (!answer.ok) throw new Error(`the service answered ${answer.status}`);
  const { columns } = await answer.json();
  const lines = about.lines.map((line) => lineOf(about, columns, line));
  if (lines.some(turnsBack)) return;
  const root = document.createElement("div");
  const picture = figure.querySelector("svg.xy");
  const isFocused = document.activeElement === picture;
  picture.replaceWith(root);
  figure.querySelector(".legend")?.remove();
  const shown = plot(root, { ...about, lines });
  if (isFocused) shown.stage.focus();
  if (about.x.unit === "eV") root.after(marksOf(shown, lines).element);
  if (about.x.column === DEPTH && about.x.title.startsWith("Depth below")) followDepth(shown);
}

// The families that were fitted are marked; an edge's spectra offer edges.
function marksOf(shown, lines) {
  const elements = lines.flatMap(({ title }) => FAMILY.exec(title)?.[1] ?? []);
  return new ElementMarks(shown, { kind: elements.length ? "x_ray_line" : "edge", elements: [...new Set(elements)] });
}

// Slices on the same page say how deep their place lies, perhaps before the profile is drawn.
let depth;
document.addEventListener("depth", ({ detail }) => { depth = detail; });

function followDepth(shown) {
  const mark = () => shown.mark(depth, Number.isFinite(depth) ? `Dotted: ${number(depth)} nm, the depth of the place in the slices.` : "The place in the slices lies outside the particle.");
  if (depth !== undefined) mark();
  document.addEventListener("depth", mark);
}

async function tried(figure) {
  try {
    await drawn(figure);
  } catch (error) {
    const said = document.createElement("p");
    said.className = "small soft";
    said.textContent = `The picture cannot be read out or zoomed: ${error.message}.`;
    figure.append(said);
  }
}

function begin(figure) {
  if (figure.dataset.begun !== undefined) return;
  figure.dataset.begun = "";
  seen.unobserve(figure);
  tried(figure);
}

const seen = new IntersectionObserver((entries) => {
  for (const { target } of entries.filter(({ isIntersecting }) => isIntersecting)) begin(target);
}, { rootMargin: "400px" });

// Drawn when it comes into sight, or when the keyboard reaches it.
export function showCharts(within = document) {
  for (const figure of within.querySelectorAll("[data-chart]")) {
    const picture = figure.querySelector("svg.xy");
    picture.setAttribute("tabindex", 0);
    picture.addEventListener("focus", () => begin(figure), { once: true });
    seen.observe(figure);
  }
}

showCharts();
