// A plot as a file: its numbers as CSV, its picture as PNG with title and legend.

const MARGIN = 12;
const LINE = 18;

const headed = (title, unit) => (unit ? `${title} [${unit}]` : title);

// A spreadsheet takes a text that begins like a formula for one.
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(plot) {
  const { xs, columns } = plot.data;
  const { x, y } = plot.about;
  const heads = [headed(x.title, x.unit)];
  plot.lines.forEach((line, k) => {
    const unit = line.unit ?? y.unit;
    heads.push(headed(line.title || y.title, unit));
    if (columns[k].errors) heads.push(headed(`${line.title || y.title}, ${line.errorWords || "error"}`, unit));
  });
  const rows = xs.map((at, row) => [at, ...columns.flatMap(({ values, errors }) => (errors ? [values[row], errors[row]] : [values[row]]))]);
  return `${[heads, ...rows].map((each) => each.map(cell).join(",")).join("\r\n")}\r\n`;
}

export function picture(plot) {
  const unit = devicePixelRatio;
  const drawn = plot.chart.ctx.canvas;
  const names = plot.lines.map((line, k) => [line.title, plot.tone(k), k]).filter(([title, , k]) => title && plot.shown[k]);
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width + 2 * MARGIN * unit;
  canvas.height = drawn.height + (2 * MARGIN + LINE * ((plot.about.title ? 1 : 0) + (names.length > 1 ? names.length : 0))) * unit;
  const pen = canvas.getContext("2d");
  pen.fillStyle = plot.colour("--sheet");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "middle";
  let top = MARGIN * unit;
  if (plot.about.title) {
    pen.fillStyle = plot.colour("--ink");
    pen.font = `600 ${13 * unit}px system-ui, sans-serif`;
    pen.fillText(plot.about.title, MARGIN * unit, top + (LINE / 2) * unit);
    top += LINE * unit;
  }
  pen.drawImage(drawn, MARGIN * unit, top);
  top += drawn.height;
  pen.font = `${12 * unit}px system-ui, sans-serif`;
  for (const [title, tone, k] of names.length > 1 ? names : []) {
    pen.strokeStyle = tone;
    pen.lineWidth = 2 * unit;
    pen.setLineDash((plot.lines[k].dash ?? []).map((each) => each * unit));
    pen.beginPath();
    pen.moveTo(MARGIN * unit, top + (LINE / 2) * unit);
    pen.lineTo((MARGIN + 24) * unit, top + (LINE / 2) * unit);
    pen.stroke();
    pen.fillStyle = plot.colour("--ink");
    pen.fillText(title, (MARGIN + 32) * unit, top + (LINE / 2) * unit);
    top += LINE * unit;
  }
  return canvas;
}

export const fileName = (text) => text.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 80) || "plot";
