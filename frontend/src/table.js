// Rows of a table output, with units in the heads.

import { number } from "./page/numbers.js";

const ROWS = 200;
const IDENTIFIER = /^[A-Za-z0-9+]+(_[A-Za-z0-9+]+)+$/; // not the name of a file, which has a point

function text(value) {
  if (value === null || value === undefined) return "unknown";
  if (typeof value === "number") return number(value);
  return IDENTIFIER.test(value) ? value.replaceAll("_", " ") : String(value);
}

function cell(kind, value, isNumber) {
  const made = document.createElement(kind);
  made.textContent = value;
  if (isNumber) made.className = "number";
  return made;
}

function tableOf(columns, data, rows) {
  const table = document.createElement("table");
  const isNumber = columns.map(({ name }) => data[name].some((value) => typeof value === "number"));
  const head = table.createTHead().insertRow();
  columns.forEach(({ label, unit }, i) => {
    const top = cell("th", unit ? `${label} [${unit}]` : label, isNumber[i]);
    top.scope = "col";
    head.append(top);
  });
  const body = table.createTBody();
  for (let row = 0; row < Math.min(rows, ROWS); row += 1) {
    body.insertRow().append(...columns.map(({ name }, i) => cell("td", text(data[name][row]), isNumber[i])));
  }
  return table;
}

async function show(place) {
  const answer = await fetch(place.dataset.table);
  if (!answer.ok) {
    place.append(cell("p", "The rows could not be loaded: reload the page, or download the table."));
    return;
  }
  const data = (await answer.json()).columns;
  const columns = JSON.parse(place.dataset.columns);
  const rows = data[columns[0]?.name]?.length ?? 0;
  if (place.dataset.look !== undefined) look(place, columns, data);
  place.append(tableOf(columns, data, rows));
  if (rows > ROWS) place.append(cell("p", `The first ${ROWS} of ${rows} rows; download the table for all.`));
}

// A table that does not say how it is drawn is drawn as the reader chooses; one without an order along its first column is
// a list of events.
async function look(place, columns, data) {
  const numbers = columns.filter(({ name }) => data[name].some((value) => typeof value === "number"));
  if (numbers.length < 2) return;
  const { TableLook } = await import("./plots/columns.js");
  const first = data[numbers[0].name];
  const shown = new TableLook(numbers, data, { isEvents: first.some((value, k) => k && value < first[k - 1]) });
  place.before(shown.element);
  shown.draw();
}

// Rows below a chart are folded away, and made when somebody opens them.
function begin(place) {
  const folded = place.closest("details:not([open])");
  if (folded) folded.addEventListener("toggle", () => show(place), { once: true });
  else show(place);
}

export function showTables(within = document) {
  for (const place of within.querySelectorAll("[data-table]")) begin(place);
}

showTables();
