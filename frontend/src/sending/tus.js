// Bytes to the service: one PUT for small files, tus 1.0.0 in checked pieces above. Nothing here touches the page.

export const PIECE_BYTES = 8 * 1024 * 1024;
const API = "/api/v1/uploads";
const LONGEST_WAIT_S = 60;

export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? `The service answered ${status}.`);
    this.status = status;
    this.problem = problem;
  }
}

export class Stopped extends Error {}

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const base64Text = (text) => base64(new TextEncoder().encode(text));

async function sha256(blob) {
  // only secure addresses (https, localhost) have WebCrypto; elsewhere the service alone computes the digest
  return globalThis.crypto?.subtle ? crypto.subtle.digest("SHA-256", await blob.arrayBuffer()) : null;
}

function request(method, url, { headers = {}, body = null, onSent = null, signal = null } = {}) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open(method, url);
    for (const [name, value] of Object.entries(headers)) if (value !== null) call.setRequestHeader(name, value);
    if (onSent) call.upload.addEventListener("progress", (event) => onSent(event.loaded));
    const stop = () => call.abort();
    signal?.addEventListener("abort", stop);
    call.addEventListener("loadend", () => signal?.removeEventListener("abort", stop));
    call.addEventListener("abort", () => reject(new Stopped("stopped")));
    call.addEventListener("error", () => reject(new TypeError("The connection was lost.")));
    call.addEventListener("load", () => resolve(call));
    call.send(body);
  });
}

function problemOf(call) {
  try {
    return JSON.parse(call.responseText);
  } catch {
    return null;
  }
}

function expect(call, ...statuses) {
  if (!statuses.includes(call.status)) throw new Refused(call.status, problemOf(call));
  return call;
}

const pause = (seconds, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(new Stopped("stopped"))), { once: true });
  });

const isPassing = (error) =>
  error instanceof TypeError || (error instanceof Refused && [408, 423, 425, 429, 500, 502, 503, 504].includes(error.status));

/** Send one file; `report({sent, stored, words})` is called as it moves; resolves to the upload's state document. */
export class Transfer {
  constructor(file, { projectId, sampleId, csrf, singleLimit, report }) {
    Object.assign(this, { file, projectId, sampleId, csrf, singleLimit, report });
    this.key = `lithoscope-upload:${[file.name, file.size, file.lastModified, projectId, sampleId].join(":")}`;
    this.controller = new AbortController();
  }

  stop() {
    this.controller.abort();
  }

  async run() {
    this.controller = new AbortController();
    for (let failures = 0; ; ) {
      const before = this.stored ?? 0;
      try {
        return this.file.size <= this.singleLimit ? await this.put() : await this.resume();
      } catch (error) {
        if (!isPassing(error)) throw error;
        failures = (this.stored ?? 0) > before ? 1 : failures + 1;
        const wait = Math.min(LONGEST_WAIT_S, 2 ** (failures - 1));
        this.say({ words: `${error.message} Trying again in ${wait} s.` });
        await pause(wait, this.controller.signal);
      }
    }
  }

  say(news) {
    this.report({ size: this.file.size, stored: this.stored ?? 0, ...news });
  }

  async put() {
    const query = new URLSearchParams({ project_id: this.projectId, filename: this.file.name });
    if (this.sampleId) query.set("sample_id", this.sampleId);
    const digest = await sha256(this.file);
    const call = await request("PUT", `${API}?${query}`, {
      headers: {
        "X-CSRF-Token": this.csrf,
        "Content-Type": "application/octet-stream",
        "Content-Digest": digest && `sha-256=:${base64(digest)}:`,
      },
      body: this.file,
      onSent: (sent) => this.say({ sent }),
      signal: this.controller.signal,
    });
    return JSON.parse(expect(call, 200, 201, 202).responseText);
  }

  async resume() {
    const url = (await this.continued()) ?? (await this.create());
    while (this.stored < this.file.size) await this.sendPiece(url);
    localStorage.removeItem(this.key);
    return this.verified(url);
  }

  headers(more = {}) {
    return { "Tus-Resumable": "1.0.0", "X-CSRF-Token": this.csrf, ...more };
  }

  async continued() {
    const url = localStorage.getItem(this.key);
    if (!url) return null;
    const call = await request("HEAD", url, { headers: this.headers(), signal: this.controller.signal });
    if ([403, 404, 410].includes(call.status)) return localStorage.removeItem(this.key), null;
    this.stored = Number(expect(call, 200, 204).getResponseHeader("Upload-Offset"));
    this.say({ sent: this.stored, words: "Going on where it stopped." });
    return url;
  }

  async create() {
    const about = { filename: this.file.name, project_id: this.projectId, sample_id: this.sampleId };
    const metadata = Object.entries(about).filter(([, value]) => value).map(([name, value]) => `${name} ${base64Text(value)}`);
    const headers = this.headers({ "Upload-Length": String(this.file.size), "Upload-Metadata": metadata.join(",") });
    const call = expect(await request("POST", API, { headers, signal: this.controller.signal }), 201);
    const url = new URL(call.getResponseHeader("Location"), location.href).pathname;
    localStorage.setItem(this.key, url);
    this.stored = 0;
    return url;
  }

  async sendPiece(url) {
    const start = this.stored;
    const piece = this.file.slice(start, start + PIECE_BYTES);
    const digest = await sha256(piece);
    const call = await request("PATCH", url, {
      headers: this.headers({
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": String(start),
        "Upload-Checksum": digest && `sha256 ${base64(digest)}`,
      }),
      body: piece,
      onSent: (sent) => this.say({ sent: start + sent }),
      signal: this.controller.signal,
    });
    if (call.status === 409 && call.getResponseHeader("Upload-Offset")) {
      this.stored = Number(call.getResponseHeader("Upload-Offset"));
      return;
    }
    this.stored = Number(expect(call, 204).getResponseHeader("Upload-Offset"));
    this.say({ sent: this.stored });
  }

  async verified(url) {
    for (let wait = 0.2; ; wait = Math.min(5, wait * 1.5)) {
      const call = expect(await request("GET", url, { signal: this.controller.signal }), 200);
      const state = JSON.parse(call.responseText);
      if (state.state !== "verifying" && state.state !== "receiving") return state;
      this.say({ sent: this.file.size, words: "All bytes arrived; their digest is being checked." });
      await pause(wait, this.controller.signal);
    }
  }

  async cancel() {
    this.stop();
    const url = localStorage.getItem(this.key);
    localStorage.removeItem(this.key);
    if (url) await request("DELETE", url, { headers: this.headers() });
  }
}

