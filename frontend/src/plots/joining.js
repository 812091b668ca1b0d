// Curves of one plot upon one ascending axis, as uPlot wants them: what a curve does not know there is `undefined` and no
// gap; what it says is unknown is `null` and is one.

const known = (value) => (Number.isFinite(value) ? value : null);

// A curve's own places in ascending order; what has no place, or none on this axis, is left out.
function inOrder(line, shared, isLog) {
  const xs = line.xs ?? shared;
  const kept = Array.from(xs, (_, row) => row).filter((row) => Number.isFinite(xs[row]) && !(isLog && xs[row] <= 0));
  if (kept.some((row, k) => k && xs[row] < xs[kept[k - 1]])) kept.sort((a, b) => xs[a] - xs[b] || a - b);
  return kept.map((row) => [xs[row], row]);
}

// The same place may stand several times in one curve: it then takes as many places of the axis.
function union(ordered) {
  const [first, ...others] = ordered;
  if (others.every((each) => each.length === first.length && each.every(([x], k) => x === first[k][0]))) return first.map(([x]) => x);
  const most = new Map();
  for (const places of ordered) {
    const here = new Map();
    for (const [x] of places) here.set(x, (here.get(x) ?? 0) + 1);
    for (const [x, count] of here) most.set(x, Math.max(most.get(x) ?? 0, count));
  }
  return [...most.keys()].sort((a, b) => a - b).flatMap((x) => Array(most.get(x)).fill(x));
}

function placed(places, xs, values) {
  const row = new Array(xs.length);
  let at = 0;
  for (const [x, from] of places) {
    while (xs[at] < x) at += 1;
    row[at] = known(values[from]);
    at += 1;
  }
  return row;
}

// { xs, columns: [{ values, errors }] } of the lines; `errors` is null where a line has none.
export function joined(lines, shared, isLog) {
  const ordered = lines.map((line) => inOrder(line, shared, isLog));
  const xs = ordered.length ? union(ordered) : [];
  const columns = lines.map((line, k) => ({
    values: placed(ordered[k], xs, line.values),
    errors: line.error ? placed(ordered[k], xs, line.error) : null,
  }));
  return { xs, columns };
}
