// Whether a form of the page is on its way: a page that loaded itself anew then would take the act back.

let isSending = false;

document.addEventListener("submit", (event) => {
  isSending = !event.defaultPrevented;
});

export function loadAnew(address = location.href) {
  if (!isSending) location.replace(address);
}
