// What a plot draws besides uPlot's own curves: bands and bars of uncertainty, windows, and marks with their names.

const CAP = 3;
const DENSE = 60; // more points than this are better told by a band
const ROWS = 4;
const ROW = 14;

const isKnown = (value) => value !== null && value !== undefined;

function seen(plot, k) {
  const { xs, columns } = plot.data;
  const { values, errors } = columns[k];
  const isLog = plot.isLog;
  const [low, high] = plot.view;
  const found = [];
  for (let at = 0; at < xs.length; at += 1) {
    if (xs[at] < low || xs[at] > high || !isKnown(values[at]) || !isKnown(errors?.[at]) || (isLog && values[at] <= 0)) continue;
    const below = values[at] - errors[at];
    found.push([plot.chart.valToPos(xs[at], "x", true), ...[values[at] + errors[at], isLog && below <= 0 ? values[at] / 10 : below].map((y) => plot.chart.valToPos(y, "y", true))]);
  }
  return found;
}

export const isBand = (plot, k) => plot.lines[k].kind !== "points" && (plot.lines[k].kind === "band" || plot.data.xs.length > DENSE);

// A point at the edge keeps the whole of its bar.
export function clipped(plot, draw) {
  const { ctx, bbox } = plot.chart;
  const room = (CAP + 1) * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - room, bbox.top, bbox.width + 2 * room, bbox.height);
  ctx.clip();
  draw(ctx, bbox, devicePixelRatio);
  ctx.restore();
}

export function drawBands(plot) {
  clipped(plot, (pen) => {
    plot.data.columns.forEach(({ errors }, k) => {
      if (!errors || !plot.shown[k] || !isBand(plot, k)) return;
      const points = seen(plot, k);
      pen.beginPath();
      for (const [x, up] of points) pen.lineTo(x, up);
      for (const [x, , down] of points.reverse()) pen.lineTo(x, down);
      pen.globalAlpha = 0.18;
      pen.fillStyle = plot.tone(k);
      pen.fill();
    });
  });
}

export function drawBars(plot) {
  clipped(plot, (pen, _, unit) => {
    plot.data.columns.forEach(({ errors }, k) => {
      if (!errors || !plot.shown[k] || isBand(plot, k)) return;
      pen.beginPath();
      for (const [x, up, down] of seen(plot, k).filter(([, high, low]) => high !== low)) {
        pen.moveTo(x, up);
        pen.lineTo(x, down);
        for (const end of [up, down]) {
          pen.moveTo(x - CAP * unit, end);
          pen.lineTo(x + CAP * unit, end);
        }
      }
      pen.lineWidth = 1.25 * unit;
      pen.strokeStyle = plot.tone(k);
      pen.stroke();
    });
  });
}

export function drawWindows(plot) {
  clipped(plot, (pen, box, unit) => {
    for (const { low, high } of plot.about.windows ?? []) {
      const [left, right] = [low, high].map((x) => plot.chart.valToPos(x, "x", true));
      pen.fillStyle = pen.strokeStyle = plot.colour("--warn");
      pen.globalAlpha = 0.16;
      pen.fillRect(left, box.top, Math.max(unit, right - left), box.height);
      pen.globalAlpha = 1;
      pen.lineWidth = unit;
      pen.strokeRect(left, box.top, Math.max(unit, right - left), box.height);
    }
  });
}

// Names stand in rows below the upper edge, each in the first row that has room; a mark without room keeps its line.
export function drawMarks(plot) {
  clipped(plot, (pen, box, unit) => {
    const ends = Array(ROWS).fill(-Infinity);
    const marks = (plot.about.marks ?? []).filter(({ x }) => x >= plot.view[0] && x <= plot.view[1]);
    pen.font = `${11 * unit}px system-ui, sans-serif`;
    pen.textBaseline = "top";
    for (const { x, title, tone, isDotted } of [...marks].sort((a, b) => a.x - b.x)) {
      const at = plot.chart.valToPos(x, "x", true);
      const wide = title ? pen.measureText(title).width : 0;
      const left = Math.max(box.left + 2 * unit, Math.min(box.left + box.width - wide - 2 * unit, at + 3 * unit));
      const row = title ? ends.findIndex((end) => end < left - 8 * unit) : -1;
      pen.strokeStyle = pen.fillStyle = plot.colour(tone ?? "--ink-soft");
      pen.lineWidth = unit;
      pen.setLineDash(isDotted ? [unit, 4 * unit] : [5 * unit, 3 * unit]);
      pen.beginPath();
      pen.moveTo(at, box.top + (row > 0 ? row * ROW * unit : 0));
      pen.lineTo(at, box.top + box.height);
      pen.stroke();
      if (row < 0) continue;
      ends[row] = left + wide;
      pen.fillText(title, left, box.top + (2 + row * ROW) * unit);
    }
    pen.setLineDash([]);
  });
}

// A value that holds from halfway to its neighbour before to halfway to the one after: uPlot's path of a "step" curve.
export function steps(chart, k) {
  const [xs, values] = [chart.data[0], chart.data[k]];
  const path = new Path2D();
  let before = -1;
  for (let at = 0; at < xs.length; at += 1) {
    if (values[at] === undefined) continue;
    if (values[at] === null) {
      before = -1;
      continue;
    }
    const y = chart.valToPos(values[at], "y", true);
    let next = at + 1;
    while (next < xs.length && values[next] === undefined) next += 1;
    const right = isKnown(values[next]) ? (xs[at] + xs[next]) / 2 : xs[at];
    if (before < 0) path.moveTo(chart.valToPos(xs[at], "x", true), y);
    else path.lineTo(chart.valToPos((xs[before] + xs[at]) / 2, "x", true), y);
    path.lineTo(chart.valToPos(right, "x", true), y);
    before = at;
  }
  return { stroke: path, fill: null, clip: null, band: null, gaps: null, flags: 1 };
}
