// A job's live page: follows its events from the last one the page already shows, and loads again when its state changes.

import { Convergence } from "./plots/convergence.js";
import { loadAnew } from "./page/leaving.js";
import { number } from "./page/numbers.js";
import { showTimes } from "./portal.js";

const LINES = 200;
const LEAST_SHARE = 0.02;
const about = document.querySelector("[data-job]");
const part = (name) => document.querySelector(`[data-${name}]`);
const curve = new Convergence(part("convergence"));

function showProgress(progress) {
  if (progress.total) {
    const bar = part("bar");
    bar.max = progress.total;
    bar.value = progress.done;
    part("step").textContent = `${progress.done} of ${progress.total}`;
    part("left").textContent = left(progress.done / progress.total);
  }
  if (progress.stage) part("stage").textContent = progress.stage;
  const measured = curve.add(progress);
  if (measured.length) part("measured").textContent = measured.map(([name, value]) => `${name} ${number(value)}`).join(", ");
}

// At the present pace; the first steps tell little of it.
function left(share) {
  const began = new Date(part("since").dataset.since);
  if (Number.isNaN(began.getTime()) || share < LEAST_SHARE) return "–";
  const seconds = ((Date.now() - began) / 1000) * (1 / share - 1);
  return seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} s` : seconds < 5400 ? `about ${Math.round(seconds / 60)} min` : `about ${number(seconds / 3600, 2)} h`;
}

function addLine(at, text) {
  const list = part("log");
  const line = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = at;
  line.append(time, ` ${text}`);
  list.append(line);
  while (list.children.length > LINES) list.firstElementChild.remove();
  showTimes(line);
  list.parentElement.scrollTop = list.parentElement.scrollHeight;
}

function follow() {
  const source = new EventSource(`/api/v1/jobs/${about.dataset.job}/events?after=${about.dataset.last}`);
  const reload = () => {
    source.close();
    loadAnew(`/jobs/${about.dataset.job}`);
  };
  const told = ({ data }) => {
    const { type, payload, at } = JSON.parse(data);
    if (type === "progress") showProgress(payload);
    if (type === "log") addLine(at, payload.text);
    if (type === "state") reload();
  };
  // the browser connects again by itself; a job that ended before the page listened says nothing more
  source.addEventListener("error", async () => (await hasEnded()) && reload());
  for (const kind of ["progress", "log", "state"]) source.addEventListener(kind, told);
  window.addEventListener("pagehide", () => source.close());
}

async function hasEnded() {
  const answer = await fetch(`/api/v1/jobs/${about.dataset.job}`);
  return answer.ok && ["succeeded", "failed", "cancelled"].includes((await answer.json()).state);
}

const log = part("log").parentElement;
log.scrollTop = log.scrollHeight;
if ("live" in about.dataset) follow();
