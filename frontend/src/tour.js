// Points at what the tour's present stop is about; Escape ends the tour.
const tour = document.querySelector("[data-tour]");
const named = tour && document.getElementById(tour.dataset.tour);
const target = named?.matches("h2") ? named.closest("section") : named;
if (tour) {
  target?.classList.add("pointed-at");
  if (!target?.matches("main")) target?.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  tour.querySelector("h2").focus({ preventScroll: true });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.target.closest("dialog, input, textarea, select")) tour.querySelector("form").requestSubmit();
  });
}
