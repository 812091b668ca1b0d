// A picture to keep: the planes that are shown with their scale bars, what they are, where, and between which limits.

import { bar, labelParts } from "./colours.js";
import { made } from "../page/elements.js";
import { number } from "../page/numbers.js";

const SIDE = 640; // pixels of the longest side of a plane
const MOST_CLASSES = 12;
const [GAP, LINE, MARGIN] = [12, 20, 16];
const FONT = "system-ui, sans-serif";
const INK = ["#ffffff", "#182022"]; // paper and ink: a figure, not a page of the portal

function sizes(frame) {
  const longest = Math.max(...frame.spatial.map((axis) => frame.size(axis)));
  return frame.planes.map(({ down, across }) => ({
    width: Math.max(32, Math.round((SIDE * frame.size(across)) / longest)), height: Math.max(32, Math.round((SIDE * frame.size(down)) / longest)),
  }));
}

function words(layer, isOver) {
  const { look, map, isLabels, opacity } = layer;
  const unit = map.unit ? ` ${map.unit}` : "";
  const limits = isLabels ? "" : `${number(look.low)} to ${number(look.high)}${unit}, ${look.name}${look.gamma === 1 ? "" : `, gamma ${number(look.gamma, 3)}`}`;
  return `${map.title}${limits && ": "}${limits}${isOver ? `, ${Math.round(opacity * 100)} %` : ""}`;
}

// A swatch and a name for each class that is shown.
function key(pen, left, low, { look, names }) {
  for (const value of [...look.classes.keys()].filter((each) => !look.hidden.has(each)).slice(0, MOST_CLASSES)) {
    const name = names.get(value) ?? `${value}`;
    pen.fillStyle = `rgb(${(look.classes.get(value) ?? labelParts(value)).join(" ")})`;
    pen.fillRect(left, low - 11, 12, 12);
    pen.fillStyle = INK[1];
    pen.fillText(name, left + 18, low);
    left += 36 + pen.measureText(name).width;
  }
}

function row(pen, top, { stage, layers, viewer }) {
  let left = MARGIN;
  const planes = sizes(viewer.frame);
  planes.forEach(({ width, height }, k) => {
    const canvas = new OffscreenCanvas(width, height);
    stage.paintPlane(canvas.getContext("2d"), k, layers, true);
    pen.fillStyle = "#000000";
    pen.fillRect(left, top, width, height);
    pen.drawImage(canvas, left, top);
    left += width + GAP;
  });
  let low = top + Math.max(...planes.map(({ height }) => height)) + LINE;
  pen.fillStyle = INK[1];
  for (const layer of layers) {
    const said = words(layer, viewer.isOver);
    pen.fillText(said, MARGIN + (layer.isLabels ? 0 : 140), low);
    if (layer.isLabels) key(pen, MARGIN + 18 + pen.measureText(said).width, low, layer);
    else {
      const colours = new OffscreenCanvas(256, 1);
      colours.getContext("2d").putImageData(bar(layer.look), 0, 0);
      pen.drawImage(colours, MARGIN, low - 11, 128, 12);
    }
    low += LINE;
  }
  return low;
}

// Rows of planes, one for each stage, and below them where they were cut.
export function picture(viewer, stages) {
  const planes = sizes(viewer.frame);
  const width = 2 * MARGIN + planes.reduce((sum, each) => sum + each.width + GAP, -GAP);
  const tall = Math.max(...planes.map((each) => each.height));
  const height = 2 * MARGIN + LINE + stages.reduce((sum, { layers }) => sum + tall + (layers.length + 1) * LINE + GAP, 0);
  const canvas = made("canvas", { width, height });
  const pen = canvas.getContext("2d");
  pen.fillStyle = INK[0];
  pen.fillRect(0, 0, width, height);
  pen.font = `13px ${FONT}`;
  let top = MARGIN;
  for (const each of stages) top = row(pen, top, { ...each, viewer }) + GAP;
  pen.fillStyle = INK[1];
  pen.fillText(viewer.placeWords(), MARGIN, top + 4, width - 2 * MARGIN);
  return canvas;
}
