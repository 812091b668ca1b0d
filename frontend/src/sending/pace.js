// How fast bytes become stored, and how long the rest will take, from what the service acknowledged.

const WINDOW_MS = 20_000;
const LEAST_MS = 1500;

export class Pace {
  constructor() {
    this.marks = [];
  }

  note(stored, at = performance.now()) {
    if (this.marks.at(-1)?.stored === stored) return;
    this.marks.push({ stored, at });
    while (this.marks.length > 2 && at - this.marks[0].at > WINDOW_MS) this.marks.shift();
  }

  /** Forget the past: a pause says nothing about the network. */
  restart() {
    this.marks = this.marks.slice(-1).map(({ stored }) => ({ stored, at: performance.now() }));
  }

  /** Return bytes a second, null while too little is known. */
  get rate() {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    if (!first || last.at - first.at < LEAST_MS) return null;
    return (1000 * (last.stored - first.stored)) / (last.at - first.at);
  }
}

export function size(bytes) {
  const names = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let step = 0;
  for (; bytes >= 1024 && step < names.length - 1; step += 1) bytes /= 1024;
  return `${step ? Number(bytes.toPrecision(3)) : bytes} ${names[step]}`;
}

export function span(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3600).toPrecision(2))} h`;
}
