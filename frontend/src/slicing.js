// The worker of the slices: reads, unpacks and cuts stored volumes, so that the page stays free to move.

import { histogram, usualLimits } from "./seeing/counts.js";
import { imageAt } from "./seeing/zarr.js";

const SAMPLE = 300_000;

async function about({ address }) {
  return (await imageAt(address)).about;
}

// Planes of several maps at once. What is not here yet is either waited for or, for a first look, replaced by the
// finest level that is.
async function cut({ cuts, isHurried }) {
  return Promise.all(cuts.map(async ({ address, level, plane }) => {
    const image = await imageAt(address);
    const wanted = Math.min(level, image.levels.length - 1);
    if (!isHurried) return image.plane(wanted, plane);
    const here = image.levels.map((_, each) => each).find((each) => each >= wanted && image.isHere(each, plane));
    return here === undefined ? null : image.plane(here, plane);
  }));
}

async function sample({ address, channel }) {
  const planes = await (await imageAt(address)).sample(channel, SAMPLE);
  const values = new Float32Array(planes.reduce((sum, { length }) => sum + length, 0));
  planes.reduce((at, plane) => {
    values.set(plane, at);
    return at + plane.length;
  }, 0);
  return { limits: usualLimits(values), ...histogram(values) };
}

// All that a map needs before its first plane, in one answer.
async function opened({ address, channel, isLabels, stored }) {
  const { about: told } = await imageAt(address, stored);
  return { about: told, sample: isLabels ? null : await sample({ address, channel }) };
}

async function value({ address, place }) {
  return (await imageAt(address)).value(place);
}

async function line({ address, places, isLabels }) {
  return Float32Array.from(await (await imageAt(address)).line(places, isLabels));
}

const ACTS = { about, cut, line, open: opened, value };
const buffers = (answer) => [answer].flat().flatMap((each) => (each?.values?.buffer ? [each.values.buffer] : []));

function words(error) {
  const known = /codec|data_type|dtype|Unsupported|Invalid/i.test(`${error.name} ${error.message}`);
  if (!known) return error.message;
  return `these values are stored in a way the page cannot read (${error.cause?.message ?? error.message}): download them`;
}

self.addEventListener("message", async ({ data: { id, act, ask } }) => {
  try {
    const answer = await ACTS[act](ask);
    self.postMessage({ id, answer }, buffers(answer));
  } catch (error) {
    self.postMessage({ id, fault: words(error) });
  }
});
