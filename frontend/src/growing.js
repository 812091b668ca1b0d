// The page of a series that grows: the portal is asked how it stands every few seconds while somebody looks.

import { showTimes } from "./portal.js";

const EVERY_MS = 4000;
const page = document.querySelector("[data-growing]");
let timer = 0;

async function refresh() {
  const answer = await fetch(page.dataset.growing + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok) return true;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-growing]");
  if (!next) return false; // signed out meanwhile
  for (const part of page.querySelectorAll("[data-live]")) {
    const fresh = next.querySelector(`[data-live="${part.dataset.live}"]`);
    if (fresh && !part.contains(document.activeElement) && part.dataset.shown !== fresh.innerHTML) take(part, fresh);
  }
  return !("over" in next.dataset);
}

function take(part, fresh) {
  part.dataset.shown = fresh.innerHTML; // what did not change keeps its pictures and its reader's place
  part.replaceChildren(...document.importNode(fresh, true).childNodes);
  showTimes(part);
}

async function follow() {
  let goesOn = true;
  try {
    if (!document.hidden) goesOn = await refresh();
  } catch {
    // the service is away for a moment: it is asked again
  }
  if (goesOn) timer = setTimeout(follow, EVERY_MS);
}

timer = setTimeout(follow, EVERY_MS);
window.addEventListener("pagehide", () => clearTimeout(timer));
