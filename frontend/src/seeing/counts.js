// What the values of a map are like: usual limits and a histogram.

const BINS = 256;
const FINE = 65_536; // so that what lies in one bin is few, and only these are put in order
const [LOW_SHARE, HIGH_SHARE] = [0.005, 0.995];

function extent(values) {
  let [least, most, count] = [Infinity, -Infinity, 0];
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    if (value - value !== 0) continue; // no number, or none that is finite
    count += 1;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most, count };
}

function counted(values, { least, most }, bins) {
  const counts = new Uint32Array(bins);
  const scale = bins / (most - least);
  for (let at = 0; at < values.length; at += 1) {
    const bin = ((values[at] - least) * scale) | 0;
    if (values[at] - values[at] === 0) counts[bin < bins ? bin : bins - 1] += 1;
  }
  return counts;
}

// The value of a rank, as if all were put in order.
function ranked(values, { least, most }, counts, rank) {
  let [bin, below] = [0, 0];
  while (below + counts[bin] <= rank) {
    below += counts[bin];
    bin += 1;
  }
  const scale = counts.length / (most - least);
  const isInside = (value) => value - value === 0 && Math.min(counts.length - 1, ((value - least) * scale) | 0) === bin;
  return Float32Array.from(values.filter(isInside)).sort()[rank - below];
}

// The middle 99 %: one bright pixel must not darken all others.
export function usualLimits(values) {
  const ends = extent(values);
  const { least, most, count } = ends;
  if (!count) return [0, 1];
  if (!(most > least)) return [least, least + 1];
  const counts = counted(values, ends, FINE);
  const [low, high] = [LOW_SHARE, HIGH_SHARE].map((share) => ranked(values, ends, counts, Math.round(share * (count - 1))));
  return high > low ? [low, high] : [least, most];
}

export function histogram(values) {
  let { least, most, count } = extent(values);
  if (!(most > least)) [least, most] = count ? [least, least + 1] : [0, 1];
  return { least, most, counts: counted(values, { least, most }, BINS) };
}
