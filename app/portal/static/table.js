// Rows of a table output, with units in the heads.

const ROWS = 200;
const SIGNS = { "1": "", deg: "°", um: "µm", "e/A^2": "e/Å²", "e/(A^2 s)": "e/(Å² s)", "nm^2": "nm²", "nm^3": "nm³", "nm^-1": "nm⁻¹" };

function text(value) {
  if (typeof value !== "number") return value === null ? "unknown" : String(value);
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5) && !(Number.isInteger(value) && Math.abs(value) < 1e9)) return value.toExponential(3).replace("-", "−");
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

function cell(kind, value, isNumber) {
  const made = document.createElement(kind);
  made.textContent = value;
  if (isNumber) made.className = "number";
  return made;
}

for (const place of document.querySelectorAll("[data-table]")) {
  const answer = await fetch(place.dataset.table);
  if (!answer.ok) continue;
  const { columns } = await answer.json();
  const units = JSON.parse(place.dataset.units);
  const names = Object.keys(columns);
  const table = document.createElement("table");
  const isNumber = names.map((name) => columns[name].some((value) => typeof value === "number"));
  const head = table.createTHead().insertRow();
  names.forEach((name, i) => {
    const sign = SIGNS[units[name]] ?? units[name] ?? "";
    const top = cell("th", `${name.replaceAll("_", " ")}${sign ? ` [${sign}]` : ""}`, isNumber[i]);
    top.scope = "col";
    head.append(top);
  });
  const body = table.createTBody();
  const rows = columns[names[0]]?.length ?? 0;
  for (let row = 0; row < Math.min(rows, ROWS); row += 1) {
    body.insertRow().append(...names.map((name, i) => cell("td", text(columns[name][row]), isNumber[i])));
  }
  place.append(table);
  if (rows > ROWS) place.append(cell("p", `The first ${ROWS} of ${rows} rows; download the table for all.`));
}
