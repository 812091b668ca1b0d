// A job's live page: follows its events from the last one the page already shows, and loads again when its state changes.

import { draw, pointOf } from "./plots/curve.js";
import { number } from "./numbers.js";
import { showTimes } from "./portal.js";

const LINES = 200;
const about = document.querySelector("[data-job]");
const part = (name) => document.querySelector(`[data-${name}]`);
const figure = part("curve");
const points = JSON.parse(figure.dataset.curve).map(pointOf);
const source = new EventSource(`/api/v1/jobs/${about.dataset.job}/events?after=${about.dataset.last}`);

function showProgress(progress) {
  const bar = part("bar");
  if (progress.total) {
    bar.max = progress.total;
    bar.value = progress.done;
    part("step").textContent = `${progress.done} of ${progress.total}${progress.stage ? ` (${progress.stage})` : ""}`;
  }
  if ("residual" in progress) part("residual").textContent = number(progress.residual);
  points.push(pointOf(progress));
  draw(figure, points);
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

function reload() {
  source.close();
  location.replace(`/jobs/${about.dataset.job}`);
}

function follow(event) {
  const { type, payload, at } = JSON.parse(event.data);
  if (type === "progress") showProgress(payload);
  if (type === "log") addLine(at, payload.text);
  if (type === "state") reload();
}

async function hasEnded() {
  const answer = await fetch(`/api/v1/jobs/${about.dataset.job}`);
  return answer.ok && ["succeeded", "failed", "cancelled"].includes((await answer.json()).state);
}

// the browser connects again by itself; a job that ended before the page listened says nothing more
source.addEventListener("error", async () => (await hasEnded()) && reload());
for (const kind of ["progress", "log", "state"]) source.addEventListener(kind, follow);
window.addEventListener("pagehide", () => source.close());
