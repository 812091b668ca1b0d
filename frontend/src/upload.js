// The upload page: files by drop or button, one after another, each with a bar that tells the truth.

import { Refused, Stopped, Transfer } from "./sending/tus.js";

const form = document.querySelector("[data-upload]");
const list = document.getElementById("transfers");
const picker = document.getElementById("files");
const drop = document.getElementById("drop");
const queue = [];
let isRunning = false;

function size(bytes) {
  const names = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let step = 0;
  for (; bytes >= 1024 && step < names.length - 1; step += 1) bytes /= 1024;
  return `${step ? bytes.toPrecision(3) : bytes} ${names[step]}`;
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "small";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

class Row {
  constructor(file) {
    const about = form.elements;
    this.element = document.getElementById("transfer").content.firstElementChild.cloneNode(true);
    this.part = (name) => this.element.querySelector(`[data-part="${name}"]`);
    this.part("name").textContent = file.name;
    this.part("bar").setAttribute("aria-label", `Progress of ${file.name}`);
    this.transfer = new Transfer(file, {
      projectId: about.namedItem("project_id").value,
      sampleId: about.namedItem("sample_id").value,
      csrf: form.dataset.csrf,
      singleLimit: Number(form.dataset.singleLimit),
      report: (news) => this.show(news),
    });
    this.part("figures").textContent = size(file.size);
    this.say("Waiting");
    list.append(this.element);
  }

  show({ sent, stored, size: total, words }) {
    if (sent !== undefined) {
      this.part("bar").value = sent / total;
      this.part("figures").textContent = `${size(sent)} of ${size(total)} sent`;
    }
    this.say(words ?? (sent === total && stored < total ? "Sent; waiting for the service to store it" : "Sending"));
  }

  say(words) {
    if (this.part("state").textContent !== words) this.part("state").textContent = words;
  }

  actions(...buttons) {
    this.part("actions").replaceChildren(...buttons);
  }

  async run() {
    this.actions(button("Pause", () => this.transfer.stop()), button("Give up", () => this.giveUp()));
    try {
      this.finish(await this.transfer.run());
    } catch (error) {
      this.fail(error);
    }
  }

  finish(state, known = null) {
    const datasetId = state.dataset_id ?? (state.id?.startsWith("ds_") ? state.id : null);
    if (!datasetId) {
      this.part("state").textContent = state.problem?.detail ?? "The upload did not end well.";
      this.actions();
      return;
    }
    this.part("bar").value = 1;
    this.part("figures").textContent = `${size(this.transfer.file.size)} ${known ? "known already" : "stored, digest verified"}`;
    this.say(known ?? "Done: the service is reading the file.");
    const link = document.createElement("a");
    link.href = `/datasets/${datasetId}`;
    link.className = "button small first";
    link.textContent = "See the dataset";
    this.actions(link);
  }

  fail(error) {
    if (error instanceof Stopped) {
      if (this.isGivenUp) return;
      this.say("Paused");
    } else {
      const isKnown = error instanceof Refused && error.problem?.dataset_id;
      const words = error instanceof Refused && error.problem ? `${error.problem.title}. ${error.message}` : error.message;
      if (isKnown) return this.finish({ dataset_id: error.problem.dataset_id }, error.message);
      this.say(words);
    }
    this.actions(button("Go on", () => (queue.push(this), this.say("Waiting"), runQueue())), button("Give up", () => this.giveUp()));
  }

  async giveUp() {
    this.isGivenUp = true;
    this.element.remove();
    await this.transfer.cancel();
  }
}

async function runQueue() {
  if (isRunning) return;
  isRunning = true;
  while (queue.length) {
    const row = queue.shift();
    if (!row.isGivenUp) await row.run();
  }
  isRunning = false;
}

function take(files) {
  if (!form.reportValidity()) return;
  for (const file of files) queue.push(new Row(file));
  runQueue();
}

async function* filesOf(entry) {
  if (entry.isFile) yield await new Promise((resolve, reject) => entry.file(resolve, reject));
  if (!entry.isDirectory) return;
  const reader = entry.createReader();
  for (let batch = [null]; batch.length; ) {
    batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    for (const inner of batch) yield* filesOf(inner);
  }
}

async function dropped(items) {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const files = [];
  for (const entry of entries) for await (const file of filesOf(entry)) files.push(file);
  take(files);
}

function picked() {
  take([...picker.files]);
  picker.value = "";
}

picker.addEventListener("change", picked);
if (picker.files.length) picked(); // chosen while this script was still on its way
document.getElementById("choose").addEventListener("click", () => picker.click());
for (const kind of ["dragover", "dragenter"])
  drop.addEventListener(kind, (event) => (event.preventDefault(), drop.classList.add("over")));
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => (event.preventDefault(), dropped(event.dataTransfer.items)));
window.addEventListener("beforeunload", (event) => isRunning && event.preventDefault());
form.elements.namedItem("project_id").addEventListener("change", (event) => {
  location.search = new URLSearchParams({ project_id: event.target.value });
});
