// A picture of the view in space to keep: what was drawn, what is written upon it, and below it how it was drawn.

import { bar } from "../seeing/colours.js";
import { made } from "../page/elements.js";

const [LINE, MARGIN] = [20, 12];
const INK = ["#ffffff", "#182022"]; // paper and ink: a figure, not a page of the portal

// `drawn` and `written` are canvases of one shape, `lines` the words below, `look` gives a bar of colours.
export function picture({ drawn, written, lines, look }) {
  const { width, height } = written;
  const unit = devicePixelRatio;
  const canvas = made("canvas", { width, height: height + (2 * MARGIN + LINE * (lines.length + (look ? 1 : 0))) * unit });
  const pen = canvas.getContext("2d");
  pen.fillStyle = INK[0];
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(drawn, 0, 0, width, height);
  pen.drawImage(written, 0, 0);
  pen.scale(unit, unit);
  pen.fillStyle = INK[1];
  pen.font = "13px system-ui, sans-serif";
  let low = height / unit + MARGIN + LINE - 6;
  for (const line of lines) {
    pen.fillText(line, MARGIN, low, width / unit - 2 * MARGIN);
    low += LINE;
  }
  if (look) {
    const colours = new OffscreenCanvas(256, 1);
    colours.getContext("2d").putImageData(bar(look), 0, 0);
    pen.drawImage(colours, MARGIN, low - 11, 128, 12);
  }
  return canvas;
}
