// The upload page: files and folders by drop or button, one upload after another, each with a bar that tells the truth:
// it shows what the service has acknowledged as stored, not what left this computer.

import { ofDrop, ofInput } from "./sending/dropped.js";
import { Pace, size, span } from "./sending/pace.js";
import { Question, parcelsOf } from "./sending/parcels.js";
import { Refused, Stopped, Transfer, forget, stateOf, unfinished } from "./sending/transfer.js";

const form = document.querySelector("[data-upload]");
const list = document.getElementById("transfers");
const summary = document.getElementById("summary");
const drop = document.getElementById("drop");
const queue = [];
const rows = [];
let isRunning = false;

function button(words, act, kind = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `small ${kind}`;
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function link(words, address, kind = "") {
  const made = document.createElement("a");
  made.href = address;
  made.className = `button small ${kind}`;
  made.textContent = words;
  return made;
}

/** A line of the list, filled part by part. */
class Line {
  constructor(name, notes = []) {
    this.element = document.getElementById("transfer").content.firstElementChild.cloneNode(true);
    this.part("name").textContent = name;
    this.part("notes").textContent = notes.filter(Boolean).join(" · ");
    this.part("bar").setAttribute("aria-label", `Stored of ${name}`);
    list.append(this.element);
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  /** Screen readers hear what changes here: say only what matters. */
  say(words, tone = "") {
    if (this.part("state").textContent !== words) this.part("state").textContent = words;
    this.element.dataset.tone = tone;
  }

  figures(words) {
    this.part("figures").textContent = words;
  }

  actions(...buttons) {
    this.part("actions").replaceChildren(...buttons);
  }
}

class Row extends Line {
  constructor(parcel) {
    super(parcel.name, [parcel.folder && `in ${parcel.folder}`, parcel.why]);
    this.parcel = parcel;
    this.total = parcel.size;
    this.stored = 0;
    this.pace = new Pace();
    const about = form.elements;
    this.transfer = new Transfer(parcel, {
      projectId: about.namedItem("project_id").value,
      sampleId: about.namedItem("sample_id").value,
      csrf: form.dataset.csrf,
      report: (news) => this.show(news),
    });
    this.figures(size(this.total));
    this.wait();
  }

  wait() {
    this.say("Waiting");
    this.actions(button("Leave out", () => this.giveUp(), "quiet"));
  }

  show({ stored, sent, words, isWaiting = false }) {
    this.total = this.transfer.size ?? this.total;
    if (isWaiting) this.pace.restart();
    if (stored !== undefined) {
      this.stored = stored;
      this.pace.note(stored);
      this.part("bar").value = stored / this.total;
      this.figures(this.progress(stored, sent));
      tellAll();
    }
    this.say(words ?? (stored < this.total ? "Sending" : "All bytes are stored"), isWaiting ? "warn" : "");
  }

  progress(stored, sent) {
    const { rate } = this.pace;
    const told = [`${size(stored)} of ${size(this.total)} stored`];
    if (sent > stored) told.push(`${size(sent - stored)} on their way`);
    if (rate) told.push(`${size(Math.round(rate))}/s`, `about ${span((this.total - stored) / rate)} left`);
    return told.join(" · ");
  }

  async run() {
    this.say("Beginning");
    this.pace.restart();
    this.actions(button("Pause", () => this.transfer.stop()), button("Give up", () => this.giveUp(), "quiet"));
    try {
      this.finish(await this.transfer.run());
    } catch (error) {
      this.fail(error);
    }
    tellAll();
  }

  finish(state, known = null) {
    if (!state.dataset_id) return this.refuse(state.problem?.title, state.problem?.detail ?? "The upload did not end well: send it again.");
    this.stored = this.total;
    this.isDone = true;
    this.part("bar").value = 1;
    this.figures(`${size(this.total)} ${known ? "known already" : "stored, digest verified"}`);
    this.say(known ?? "Done: the service is reading the file.", "good");
    this.actions(link("See the dataset", `/datasets/${state.dataset_id}`));
  }

  fail(error) {
    if (this.isGivenUp) return;
    if (error instanceof Stopped) this.say("Paused", "warn");
    else if (error instanceof Refused && error.problem?.dataset_id) return this.finish(error.problem, `${error.message}`);
    else if (error instanceof Refused && [401, 403].includes(error.status) && !isForbidden(error)) return this.askToSignIn();
    else return this.refuse(error.problem?.title, error.message);
    this.actions(button("Go on", () => this.again(), "first"), button("Give up", () => this.giveUp(), "quiet"));
  }

  refuse(title, detail) {
    this.say([title, detail].filter(Boolean).join(". "), "bad");
    this.actions(button("Try again", () => this.again()), button(this.stored ? "Give up" : "Leave out", () => this.giveUp(), "quiet"));
  }

  askToSignIn() {
    this.say("Your sign-in has ended. Sign in again and choose the same files: they go on where they stopped.", "bad");
    this.actions(link("Sign in", `/sign-in?${new URLSearchParams({ next: location.pathname + location.search })}`, "first"));
  }

  again() {
    queue.push(this);
    this.wait();
    runQueue();
  }

  async giveUp() {
    this.isGivenUp = true;
    this.element.remove();
    rows.splice(rows.indexOf(this), 1);
    tellAll();
    await this.transfer.cancel();
  }
}

const isForbidden = (error) => error.problem?.type?.endsWith("/forbidden");

/** Several files of one folder: one dataset or not, only the person knows. */
class Choice extends Line {
  constructor(question) {
    const { files, folder, words } = question;
    super(`${files.length} ${words.what}${folder ? ` in ${folder}` : ""}`, [files.slice(0, 3).map(({ name }) => name).join(", ") + (files.length > 3 ? ", …" : "")]);
    this.part("bar").remove();
    this.figures(size(files.reduce((sum, file) => sum + file.size, 0)));
    this.say(words.asked, "warn");
    const answer = (parcels) => () => (this.element.remove(), enqueue(parcels()));
    this.actions(button(words.one, answer(question.asSeries), "first"), button(`${files.length} datasets`, answer(question.asFiles)));
  }
}

/** An upload of an earlier visit: the browser forgot the file, the service did not forget the bytes. */
class Remnant extends Line {
  constructor(kept, state) {
    super(kept.metadata.filename, ["begun earlier"]);
    this.part("bar").value = state.offset_bytes / state.size_bytes;
    this.figures(`${size(state.offset_bytes)} of ${size(state.size_bytes)} stored`);
    this.say("Unfinished: choose the same file or folder again, for the same project and sample, and it goes on from here.", "warn");
    this.actions(button("Give up", () => this.giveUp(kept), "quiet"));
    this.name = kept.metadata.filename;
  }

  async giveUp(kept) {
    try {
      await forget(kept, form.dataset.csrf);
      this.element.remove();
    } catch {
      this.say("The service could not be told: try again later, or leave it; unfinished uploads expire by themselves.", "bad");
    }
  }
}

async function showUnfinished() {
  for (const kept of await unfinished()) {
    try {
      const state = await stateOf(kept.uploadUrl);
      if (state.state === "receiving") remnants.push(new Remnant(kept, state));
      else await forget(kept);
    } catch (error) {
      if (error instanceof Refused && [403, 404, 410].includes(error.status)) await forget(kept);
      else return; // the service is away: what is unfinished is shown at the next visit
    }
  }
}
const remnants = [];

function tellAll() {
  const [done, all] = [rows.filter((row) => row.isDone).length, rows.length];
  const [stored, total] = [rows.reduce((sum, row) => sum + row.stored, 0), rows.reduce((sum, row) => sum + row.total, 0)];
  summary.hidden = all < 2;
  summary.textContent = `${done} of ${all} uploads done · ${size(stored)} of ${size(total)} stored`;
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

function enqueue(parcels) {
  for (const parcel of parcels) {
    if (parcel instanceof Question) {
      new Choice(parcel);
      continue;
    }
    const old = remnants.findIndex(({ name }) => name === parcel.name);
    if (old >= 0) remnants.splice(old, 1)[0].element.remove();
    const row = new Row(parcel);
    rows.push(row);
    queue.push(row);
  }
  tellAll();
  runQueue();
}

function take(found) {
  if (!form.reportValidity() || !found.length) return;
  const { parcels, leftOut } = parcelsOf(found);
  document.getElementById("left-out").textContent = leftOut ? `Left out: ${leftOut} file${leftOut === 1 ? "" : "s"} that the operating system keeps in folders.` : "";
  enqueue(parcels);
}

for (const [opener, id] of [["choose", "files"], ["choose-folder", "folder"]]) {
  const picker = document.getElementById(id);
  const picked = () => {
    take(ofInput(picker));
    picker.value = "";
  };
  picker.addEventListener("change", picked);
  if (picker.files.length) picked(); // chosen while this script was still on its way
  document.getElementById(opener).addEventListener("click", () => picker.click());
}
for (const kind of ["dragover", "dragenter"])
  drop.addEventListener(kind, (event) => (event.preventDefault(), drop.classList.add("over")));
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  take(await ofDrop(event.dataTransfer));
});
window.addEventListener("beforeunload", (event) => isRunning && event.preventDefault());
form.elements.namedItem("project_id").addEventListener("change", (event) => {
  location.search = new URLSearchParams({ project_id: event.target.value });
});
showUnfinished();
