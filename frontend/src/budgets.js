// Budgets of a region while a beam is on it: the service says when they changed, the portal how they are written.

const list = document.querySelector("[data-budgets]");
const source = new EventSource(`/api/v1/regions/${list.dataset.budgets}/budget/events?phase=${encodeURIComponent(list.dataset.phase)}`);
let busy = false;

async function refresh() {
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch(`/regions/${list.dataset.budgets}/budgets`, { headers: { Accept: "text/html" } });
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } finally {
    busy = false;
  }
}

function show(fresh) {
  for (const part of list.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    if (next) part.replaceChildren(...document.importNode(next, true).childNodes);
  }
}

source.addEventListener("budget", refresh);
source.addEventListener("idle", () => {
  source.close();
  refresh();
});
window.addEventListener("pagehide", () => source.close());
