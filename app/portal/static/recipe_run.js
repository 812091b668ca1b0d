// A run's live page: the service says when it changed, the portal how it is written.

import { showTimes } from "./portal.js";

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
    if (answer.ok && !page.contains(document.activeElement)) show(await answer.text());
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
  page.replaceChildren(...document.importNode(next, true).childNodes);
  showTimes(page);
}

source.addEventListener("run", refresh);
source.addEventListener("idle", () => {
  source.close();
  location.replace(`/recipe-runs/${page.dataset.run}`);
});
window.addEventListener("pagehide", () => source.close());
