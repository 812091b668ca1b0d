// The page's side of the worker that reads volumes: questions go out, answers come back by their number.

class Slicer {
  constructor(address) {
    this.waiting = new Map();
    this.count = 0;
    this.worker = new Worker(address, { type: "module" });
    this.worker.addEventListener("message", ({ data: { id, answer, fault } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (fault === undefined) resolve(answer);
      else reject(new Error(fault));
    });
    this.worker.addEventListener("error", () => {
      for (const { reject } of this.waiting.values()) reject(new Error("the part of the page that reads volumes could not be loaded"));
      this.waiting.clear();
    });
  }

  ask(act, ask) {
    this.count += 1;
    const id = this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, act, ask });
    });
  }
}

const slicers = new Map();

// One worker for all that stands in a page.
export function slicerAt(address) {
  if (!slicers.has(address)) slicers.set(address, new Slicer(address));
  return slicers.get(address);
}
