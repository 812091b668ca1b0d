// A picture to keep: the planes that are shown with their scale bars, what they are, where, and between which limits.

import { bar } from "./colours.js";
import { made } from "./mapping.js";
import { number } from "../numbers.js";

const SIDE = 640; // pixels of the longest side of a plane
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
  const limits = isLabels ? "labels" : `${number(look.low)} to ${number(look.high)}${unit}, ${look.name}${look.gamma === 1 ? "" : `, gamma ${number(look.gamma, 3)}`}`;
  return `${map.title}: ${limits}${isOver ? `, ${Math.round(opacity * 100)} %` : ""}`;
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
    pen.fillText(words(layer, viewer.isOver), MARGIN + (layer.isLabels ? 0 : 140), low);
    if (!layer.isLabels) {
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

export async function save(canvas, name) {
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  const address = URL.createObjectURL(blob);
  made("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
