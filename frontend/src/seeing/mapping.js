// What slices and spectra share: canvases of a map with a place and a scale bar, lengths in words.

import { painted } from "./colours.js";
import { number } from "../page/numbers.js";

export { usualLimits } from "./counts.js";

const NICE = [1, 2, 5];
const INK = ["#000000a8", "#ffffff"];

export function length(nm) {
  const size = Math.abs(nm);
  const [factor, unit] = size && size < 1 ? [10, "Å"] : size < 1000 ? [1, "nm"] : size < 1e6 ? [1e-3, "µm"] : [1e-6, "mm"];
  return `${number(nm * factor)} ${unit}`;
}

// Canvas pixels of one sixteenth of the page's type, which grows on very wide screens: what is written upon maps grows with it.
export function textUnit() {
  return (devicePixelRatio * parseFloat(getComputedStyle(document.documentElement).fontSize)) / 16;
}

// The longest 1, 2 or 5 times a power of ten that fits.
export function scaleBar(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return Math.max(...NICE.map((step) => step * power).filter((step) => step <= most * 1.0001));
}

export function fitted(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * devicePixelRatio)));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return canvas.getContext("2d");
}

export function paintMap(canvas, found, look, [x, y]) {
  const pen = fitted(canvas);
  const small = new OffscreenCanvas(found.width, found.height);
  small.getContext("2d").putImageData(painted(found, look), 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  for (const [colour, width] of [["#000000a0", 3], ["#ffffffe0", 1]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width * devicePixelRatio;
    pen.beginPath();
    pen.moveTo(x * canvas.width, 0);
    pen.lineTo(x * canvas.width, canvas.height);
    pen.moveTo(0, y * canvas.height);
    pen.lineTo(canvas.width, y * canvas.height);
    pen.stroke();
  }
  return pen;
}

// `note` stands behind the length. Returns where it lies.
export function paintScale(canvas, whole, note = "") {
  const pen = canvas.getContext("2d");
  const nm = scaleBar(whole * 0.4);
  const [unit, size] = [textUnit(), (nm / whole) * canvas.width];
  const [left, low] = [8 * unit, canvas.height - 10 * unit];
  pen.font = `600 ${12 * unit}px system-ui, sans-serif`;
  const wide = Math.max(size, pen.measureText(length(nm) + note).width);
  pen.fillStyle = INK[0];
  const shade = { left: left - 4 * unit, top: low - 19 * unit, wide: wide + 8 * unit, tall: 25 * unit };
  pen.fillRect(shade.left, shade.top, shade.wide, shade.tall);
  pen.fillStyle = INK[1];
  pen.fillRect(left, low, size, 3 * unit);
  pen.fillText(length(nm) + note, left, low - 5 * unit);
  return shade;
}

export function paintName(canvas, name) {
  const pen = canvas.getContext("2d");
  const unit = textUnit();
  pen.font = `600 ${11 * unit}px system-ui, sans-serif`;
  pen.fillStyle = INK[0];
  pen.fillRect(canvas.width - 22 * unit, 3 * unit, 19 * unit, 15 * unit);
  pen.fillStyle = INK[1];
  pen.fillText(name, canvas.width - 19 * unit, 14 * unit);
}
