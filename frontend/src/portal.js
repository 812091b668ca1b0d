// What every page has: times in the reader's zone, forms that are sent once, questions before grave acts.

import htmx from "htmx.org";
import { prepareRows } from "./page/rows.js";

const pad = (value) => String(value).padStart(2, "0");

export function zoneOf(date) {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

export function localTime(date) {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export function showTimes(root = document) {
  for (const element of root.querySelectorAll("time[datetime]:not([data-shown])")) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime()) || !/(Z|[+-]\d\d:?\d\d)$/.test(element.dateTime)) continue;
    element.dataset.shown = "";
    element.title = element.textContent.trim();
    element.textContent = localTime(date);
  }
}

function takeLocalTimes(form) {
  for (const input of form.querySelectorAll("[data-instant]")) {
    const zone = form.elements.namedItem(`${input.name}.zone`);
    const date = new Date(input.value || Date.now());
    zone.value = zoneOf(date);
  }
}

function showUtcInputs() {
  for (const input of document.querySelectorAll("[data-instant][data-utc]")) {
    const date = new Date(`${input.value}Z`);
    if (Number.isNaN(date.getTime())) continue;
    const seconds = input.value.slice(16);
    input.value = localTime(date).replace(" ", "T") + seconds;
  }
}

function prepareForms() {
  for (const form of document.querySelectorAll("form")) {
    for (const label of form.querySelectorAll("[data-zone]")) label.textContent = "your time";
    form.addEventListener("submit", (event) => {
      if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
        event.preventDefault();
        return;
      }
      takeLocalTimes(form);
      if (form.method === "post") setTimeout(() => disable(form, true));
    });
  }
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => disable(form, false)));
}

function disable(form, off) {
  for (const button of form.querySelectorAll("button")) button.disabled = off || button.hasAttribute("data-off");
}

function prepareCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.querySelector("span").textContent = "Copied";
    });
  }
}

// A value that a person changes is theirs, whoever stated it before.
function prepareSources() {
  for (const source of document.querySelectorAll('select[name$=".source"]')) {
    const value = source.form?.elements.namedItem(source.name.replace(/source$/, "value"));
    value?.addEventListener("change", () => { source.value = "user"; });
  }
}

// A summary of faults calls the fields what the form calls them.
function nameFaults() {
  for (const link of document.querySelectorAll('[role="alert"] a[href^="#"]')) {
    const field = document.getElementById(link.hash.slice(1));
    const name = field?.ariaLabel ?? field?.labels?.[0]?.firstChild.textContent.trim() ?? field?.querySelector("legend")?.firstChild.textContent.trim();
    if (name) link.textContent = name;
  }
}

htmx.onLoad((part) => showTimes(part));
showTimes();
showUtcInputs();
prepareForms();
prepareCopies();
prepareSources();
prepareRows();
nameFaults();
document.querySelector("[data-focus]")?.focus();
const note = document.querySelector("[data-zone-note]");
if (note) note.textContent = `Times are in your own zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone} (UTC${zoneOf(new Date())}).`;
