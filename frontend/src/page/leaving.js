// Whether a form or a followed link of the page is on its way: a page that loaded itself anew then would take the act back.

const LONGEST_MS = 5000; // what takes longer may have been refused

let isLeaving = false;

document.addEventListener("submit", (event) => {
  isLeaving = !event.defaultPrevented;
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || link.hasAttribute("download") || link.hash) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  isLeaving = true;
  setTimeout(() => { isLeaving = false; }, LONGEST_MS);
});

export function loadAnew(address = location.href) {
  if (!isLeaving) location.replace(address);
}
