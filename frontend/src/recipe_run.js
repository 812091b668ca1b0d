// A run's live page: the service says when it changed, the portal how it is written.

import { showCharts } from "./chart.js";
import { loadAnew } from "./page/leaving.js";
import { showTimes } from "./portal.js";
import { showSlices } from "./slices.js";
import { showTables } from "./table.js";

const page = document.querySelector("[data-run]");
const source = new EventSource(`/api/v1/recipe-runs/${page.dataset.run}/events`);
let busy = false;
let again = false;

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch(`/recipe-runs/${page.dataset.run}`, { headers: { Accept: "text/html" } });
    if (answer.ok) show(await answer.text());
  } finally {
    busy = false;
  }
  if (again) {
    again = false;
    refresh();
  }
}

function show(text) {
  const next = new DOMParser().parseFromString(text, "text/html").querySelector("[data-run]");
  if (!next) return;
  for (const part of page.querySelectorAll("[data-live]")) {
    const fresh = next.querySelector(`[data-live="${part.dataset.live}"]`);
    if (fresh && !part.contains(document.activeElement)) take(part, fresh);
  }
  const [shown, fresh] = [page, next].map((root) => root.querySelector("[data-outcomes]"));
  if (shown.dataset.outcomes !== fresh.dataset.outcomes && !shown.contains(document.activeElement)) {
    shown.dataset.outcomes = fresh.dataset.outcomes;
    take(shown, fresh);
    for (const begin of [showSlices, showCharts, showTables]) begin(shown);
  }
}

function take(part, fresh) {
  part.replaceChildren(...document.importNode(fresh, true).childNodes);
  showTimes(part);
}

source.addEventListener("run", refresh);
source.addEventListener("idle", () => {
  source.close();
  loadAnew(`/recipe-runs/${page.dataset.run}`);
});
window.addEventListener("pagehide", () => source.close());
