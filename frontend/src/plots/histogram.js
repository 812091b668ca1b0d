// How many values lie in each of equal bins.

const MOST_BINS = 200;

// Freedman and Diaconis' width, in at most so many bins.
export function histogram(values) {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (!sorted.length) return { xs: [], counts: [] };
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const [low, high] = [sorted[0], sorted.at(-1)];
  const width = (2 * (at(0.75) - at(0.25))) / Math.cbrt(sorted.length);
  const bins = high > low ? Math.max(1, Math.min(MOST_BINS, width > 0 ? Math.ceil((high - low) / width) : MOST_BINS)) : 1;
  const step = (high - low) / bins || 1;
  const counts = new Array(bins).fill(0);
  for (const value of sorted) counts[Math.min(bins - 1, Math.floor((value - low) / step))] += 1;
  return { xs: counts.map((_, k) => low + (k + 0.5) * step), counts };
}
