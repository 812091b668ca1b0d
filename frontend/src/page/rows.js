// One more row of a table of answers, without asking the service: the last one again, empty and under the next number.

const MOST = 100;

function renumbered(text, from) {
  return text.replace(new RegExp(`\\.${from}\\.`), `.${from + 1}.`).replace(new RegExp(`row ${from + 1}\\b`), `row ${from + 2}`);
}

function added(body) {
  const last = body.rows.length - 1;
  const row = body.rows[last].cloneNode(true);
  for (const each of row.querySelectorAll("[name], [id], [aria-label]")) {
    for (const name of ["name", "id", "aria-label"]) {
      if (each.hasAttribute(name)) each.setAttribute(name, renumbered(each.getAttribute(name), last));
    }
    each.removeAttribute("aria-invalid");
    if (each.matches("input:not([type=hidden])")) each.value = "";
    if (each.matches("select")) each.selectedIndex = 0;
  }
  for (const wrong of row.querySelectorAll(".wrong")) wrong.textContent = "";
  body.append(row);
  row.querySelector("input, select").focus();
}

export function prepareRows() {
  for (const button of document.querySelectorAll("[data-add-row]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const body = button.closest("fieldset").querySelector("tbody");
      if (body.rows.length < MOST) added(body);
      if (body.rows.length >= MOST) button.hidden = true;
    });
  }
}
