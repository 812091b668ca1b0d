// Ranges and ticks of an axis, as the service draws them (app/portal/charts.py).

import { number } from "../page/numbers.js";

const STEPS = [1, 2, 2.5, 5, 10];
const STEEPEST = 12; // decades of a logarithmic axis: below lies what a fit left of nothing

const WORD = /^[a-z]{3,}$/i;

// What an axis shows with its unit; "Counts" are counted in counts, which nobody says twice.
export function headed({ title, unit }) {
  const isSaid = unit && title && WORD.test(unit) && title.toLowerCase().split(/[^a-z]+/).includes(unit.toLowerCase());
  return unit && title && !isSaid ? `${title} [${unit}]` : title || unit || "";
}

export function widened([low, high], isLog, hasRoom) {
  if (isLog) {
    const least = Math.max(low, high / 10 ** STEEPEST);
    return hasRoom || least === high ? [least / 1.1, high * 1.1] : [least, high];
  }
  const from = hasRoom && low >= 0 && low < 0.35 * high ? 0 : low;
  const room = hasRoom || from === high ? 0.06 * (high - from) || Math.abs(high) * 0.1 || 1 : 0;
  return [from !== 0 || from === high ? from - room : from, high + room];
}

// Least and greatest of what is seen, error bars included; null where nothing is.
export function extent({ xs, columns }, shown, view, isLog) {
  let [low, high] = [Infinity, -Infinity];
  columns.forEach(({ values, errors }, k) => {
    if (!shown[k]) return;
    for (let at = 0; at < xs.length; at += 1) {
      const value = values[at];
      if (value === null || value === undefined || xs[at] < view[0] || xs[at] > view[1] || (isLog && value <= 0)) continue;
      const spread = errors?.[at] ?? 0;
      low = Math.min(low, isLog && value - spread <= 0 ? value : value - spread);
      high = Math.max(high, value + spread);
    }
  });
  return low <= high ? [low, high] : null;
}

export function ticks(low, high, most, isLog) {
  return isLog && high / low >= 4 ? decades(low, high, most) : round(low, high, most);
}

function round(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = STEPS.map((each) => each * power).find((each) => each >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - first + 1) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

function decades(low, high, most) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const marks = last - first > 2 ? [1] : [1, 2, 5];
  const every = Math.max(1, Math.ceil((last - first) / Math.max(1, most)));
  const found = [];
  for (let power = first; power <= last; power += every) found.push(...marks.map((mark) => Number(`${mark}e${power}`)));
  return found.filter((value) => value >= low * 0.9999 && value <= high * 1.0001);
}

// Neighbouring ticks never read the same, however far one has zoomed in.
export function tickWords(values) {
  const step = values.length > 1 ? Math.abs(values[1] - values[0]) : 0;
  const size = Math.max(...values.map(Math.abs), 0);
  const digits = step > 0 && size > 0 ? Math.min(12, Math.max(4, Math.ceil(Math.log10(size / step)) + 2)) : 4;
  return values.map((value) => number(value, digits));
}
