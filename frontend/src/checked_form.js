// A form that the service looks at while it is filled in: what it says of a field is said of it to assistive technology too.

function mark(told) {
  const field = document.getElementById(told.id.replace(/-wrong$/, ""));
  if (told.textContent.trim()) field?.setAttribute("aria-invalid", "true");
  else field?.removeAttribute("aria-invalid");
}

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.matches(".wrong")) mark(detail.target);
});

// Enter in a search looks, and does not send the form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.('.picker input[type="search"]')) event.preventDefault();
});
