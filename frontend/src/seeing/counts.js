// What the values of a map are like: usual limits and a histogram.

const BINS = 256;
const [LOW_SHARE, HIGH_SHARE] = [0.005, 0.995];

// The middle 99 %: one bright pixel must not darken all others.
export function usualLimits(values) {
  const sorted = Float32Array.from(values.filter(Number.isFinite)).sort();
  if (!sorted.length) return [0, 1];
  const [low, high] = [LOW_SHARE, HIGH_SHARE].map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  if (high > low) return [low, high];
  return sorted.at(-1) > sorted[0] ? [sorted[0], sorted.at(-1)] : [low, low + 1];
}

export function histogram(values) {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least && value !== -Infinity) least = value;
    if (value > most && value !== Infinity) most = value;
  }
  if (!(most > least)) [least, most] = least === Infinity ? [0, 1] : [least, least + 1];
  const counts = new Uint32Array(BINS);
  const scale = BINS / (most - least);
  for (const value of values) if (Number.isFinite(value)) counts[Math.min(BINS - 1, Math.floor((value - least) * scale))] += 1;
  return { least, most, counts };
}
