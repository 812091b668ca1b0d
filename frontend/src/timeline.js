// A drawn history: the window of time moves by buttons, keys, dragging and Ctrl with the wheel; the server drew the rest.

import { localTime } from "./portal.js";

const SVG = "http://www.w3.org/2000/svg";
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const STEPS = [1, 5, 15, 60, 180, 360, 720, 1440, 2880, 10_080, 43_200, 129_600, 525_600].map((minutes) => minutes * MINUTE);
const NEAREST = MINUTE;
const LABEL_PX = 95;
const SHORTEST_LABEL_PX = 48;
const SIGN_PX = 14; // a sign at the very beginning is drawn whole
const SHARE_BEFORE = 0.02; // of the whole, which the service leaves before the first sign

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

class History {
  constructor(figure) {
    this.figure = figure;
    this.frame = figure.querySelector("[data-frame]");
    this.svg = this.frame.querySelector("svg");
    this.first = Number(figure.dataset.first);
    this.last = Number(figure.dataset.last);
    this.from = Number(figure.dataset.from);
    this.to = Number(figure.dataset.to);
    this.spans = [...figure.querySelectorAll("[data-span]")].map((each) => [each, ...each.dataset.span.split(" ").map(Number)]);
    this.marks = [...figure.querySelectorAll("[data-at]")].map((each) => [each, Number(each.dataset.at)]);
    this.bounds = this.marks.filter(([each]) => each.dataset.bound);
    this.makeRoom();
    this.listen();
    this.draw();
  }

  /** On a narrow screen the share that stands before the first sign is less than half the sign. */
  makeRoom() {
    const lacking = SIGN_PX / Math.max(1, this.frame.clientWidth) - SHARE_BEFORE;
    if (lacking <= 0) return;
    const [room, isWhole] = [lacking * (this.last - this.first), this.from <= this.first];
    this.first -= room;
    this.from -= isWhole ? room : lacking * (this.to - this.from);
  }

  listen() {
    const acts = this.figure.querySelector("[data-acts]");
    acts.hidden = false;
    acts.addEventListener("click", (event) => this.act(event.target.dataset.act));
    this.frame.tabIndex = 0;
    this.frame.setAttribute("role", "group");
    this.frame.setAttribute("aria-label", "History drawing: arrow keys move, plus and minus zoom, zero shows all");
    this.frame.addEventListener("keydown", (event) => this.key(event));
    this.frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.frame.addEventListener("pointerdown", (event) => this.grab(event));
    new ResizeObserver(() => this.draw()).observe(this.frame);
  }

  act(name) {
    const span = this.to - this.from;
    if (name === "in") this.zoom(0.5, 0.5);
    else if (name === "out") this.zoom(2, 0.5);
    else if (name === "earlier") this.show(this.from - span / 3, this.to - span / 3);
    else if (name === "later") this.show(this.from + span / 3, this.to + span / 3);
    else if (name === "all") this.show(this.first, this.last);
    else return false;
    this.say();
    return true;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = { ArrowLeft: "earlier", ArrowRight: "later", "+": "in", "=": "in", "-": "out", 0: "all", Home: "all" };
    if (keys[event.key] && this.act(keys[event.key])) event.preventDefault();
  }

  wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = this.frame.getBoundingClientRect();
    this.zoom(event.deltaY < 0 ? 0.8 : 1.25, (event.clientX - box.left) / box.width);
  }

  grab(event) {
    if (event.button !== 0) return;
    const { clientX: start } = event;
    const { from, to } = this;
    const width = this.frame.clientWidth;
    let moved = false;
    const move = (next) => {
      const shift = ((start - next.clientX) / width) * (to - from);
      if (Math.abs(next.clientX - start) > 4) moved = true;
      if (moved) this.show(from + shift, to + shift);
    };
    const release = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", release);
      window.removeEventListener("pointercancel", release);
      if (moved) this.frame.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", release);
    window.addEventListener("pointercancel", release);
    this.frame.addEventListener("dragstart", (drag) => drag.preventDefault(), { once: true });
  }

  zoom(factor, share) {
    const middle = this.from + share * (this.to - this.from);
    const span = Math.max(NEAREST, (this.to - this.from) * factor);
    this.show(middle - share * span, middle + (1 - share) * span);
  }

  show(from, to) {
    const span = Math.min(to - from, this.last - this.first);
    this.from = Math.min(Math.max(from, this.first), this.last - span);
    this.to = this.from + span;
    this.draw();
  }

  share(at) {
    return (100 * (at - this.from)) / (this.to - this.from);
  }

  draw() {
    const width = this.frame.clientWidth;
    for (const [each, from, to] of this.spans) {
      const [left, right] = [this.share(from), this.share(to)];
      each.setAttribute("x", `${left}%`);
      each.setAttribute("width", `${Math.max(0, right - left)}%`);
      this.label(each, left, right, width);
    }
    for (const [each, at] of this.marks) each.setAttribute("x", `${this.share(at)}%`);
    this.bounds.forEach(([each, at], k) => this.name(each, at, this.bounds[k + 1], width));
    this.ticks(width);
  }

  label(band, left, right, width) {
    const text = band.querySelector("text[data-label]");
    if (!text) return;
    const hidden = Math.max(0, -left);
    const seen = ((Math.min(100, right) - Math.max(0, left)) * width) / 100;
    const parts = seen > SHORTEST_LABEL_PX ? text.dataset.label.split(" · ") : [];
    do {
      text.textContent = parts.join(" · ");
      parts.pop();
    } while (text.textContent && text.getComputedTextLength() + 12 > seen);
    text.setAttribute("x", (hidden * width) / 100 + 6);
  }

  /** The word of a bound is left out where the next bound of its clock begins before the word ends. */
  name(bound, at, next, width) {
    const text = bound.querySelector("text");
    text.removeAttribute("display");
    if (next?.[0].dataset.bound !== bound.dataset.bound) return;
    const room = ((this.share(next[1]) - this.share(at)) * width) / 100;
    if (text.getComputedTextLength() + 8 > room) text.setAttribute("display", "none");
  }

  ticks(width) {
    const most = Math.max(2, Math.floor(width / LABEL_PX));
    const span = this.to - this.from;
    const step = STEPS.find((each) => span / each <= most) ?? STEPS.at(-1) * Math.ceil(span / STEPS.at(-1) / most);
    const shift = new Date(this.from).getTimezoneOffset() * MINUTE;
    const group = this.figure.querySelector("[data-ticks]");
    const height = Number(this.svg.getAttribute("height"));
    group.replaceChildren();
    for (let at = Math.ceil((this.from - shift) / step) * step + shift; at < this.to; at += step) {
      const x = `${this.share(at)}%`;
      const [day, time] = localTime(new Date(at)).split(" ");
      group.append(element("line", { class: "at", x1: x, x2: x, y1: 0, y2: height - 20 }));
      const words = step >= DAY ? day : time === "00:00" ? day : `${day.slice(5)} ${time}`;
      if (this.share(at) * width > 3500) group.append(element("text", { class: "at", x, y: height - 5 }, words));
    }
  }

  say() {
    const said = `${localTime(new Date(this.from))} to ${localTime(new Date(this.to))}`;
    this.figure.querySelector("[data-said]").textContent = said;
  }
}

for (const figure of document.querySelectorAll("[data-history]")) new History(figure);
