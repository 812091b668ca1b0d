// Bytes to the service by tus 1.0.0, in pieces that carry their checksum. Nothing here touches the page.
//
// tus-js-client speaks the protocol and remembers where an upload went on; what it does not do stands here: a checksum
// with every piece, waiting as long as Retry-After says, and not taking a service that is away for an upload that is gone.

import { Upload, defaultOptions } from "tus-js-client";

export const PIECE_BYTES = 8 * 1024 * 1024;
export const API = "/api/v1/uploads";
const LONGEST_WAIT_S = 60;
const PASSING = [408, 423, 425, 429, 460, 500, 502, 503, 504];

/** The service said no; `problem` is its RFC 9457 document, where it sent one. */
export class Refused extends Error {
  constructor(status, problem, retryAfter = null) {
    super(problem?.detail ?? `The service answered ${status}.`);
    Object.assign(this, { status, problem, retryAfter });
  }

  get isPassing() {
    return PASSING.includes(this.status) || this.problem?.type?.endsWith("/wrong-offset");
  }
}

/** Nobody answered. */
export class Lost extends Error {
  isPassing = true;
  retryAfter = null;
}

/** The person at the page wished it. */
export class Stopped extends Error {}

async function checksum(piece) {
  // only secure addresses (https, localhost) have WebCrypto; elsewhere the service alone computes digests
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", await piece.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

function refusalOf(status, text, header) {
  let problem = null;
  try {
    problem = JSON.parse(text);
  } catch {
    // a proxy's page instead of the service's document: the status says enough
  }
  const seconds = Number(header("Retry-After") ?? NaN);
  return new Refused(status, problem, Number.isFinite(seconds) ? Math.min(seconds, LONGEST_WAIT_S) : null);
}

/** The requests of tus-js-client, each piece with its checksum; `onStored` hears every offset the service acknowledges. */
class CheckedStack {
  constructor(onStored) {
    this.onStored = onStored;
  }

  getName() {
    return "CheckedStack";
  }

  createRequest(method, url) {
    const request = defaultOptions.httpStack.createRequest(method, url);
    const [send, abort] = [request.send.bind(request), request.abort.bind(request)];
    let isAborted = false;
    request.abort = () => ((isAborted = true), abort());
    request.send = async (body = null) => {
      const sum = method === "PATCH" && body ? await checksum(body) : null;
      if (isAborted) throw new Stopped("stopped");
      if (sum) request.setHeader("Upload-Checksum", `sha256 ${sum}`);
      const response = await send(body);
      const status = response.getStatus();
      // tus-js-client would begin anew at any failed HEAD: only an upload that is gone is a reason to
      if (method === "HEAD" && PASSING.concat(401).includes(status)) throw refusalOf(status, "", (name) => response.getHeader(name));
      const offset = response.getHeader("Upload-Offset");
      if (status < 300 && offset !== null) this.onStored(Number(offset));
      return response;
    };
    return request;
  }
}

function reasonOf(error) {
  const cause = error.causingError;
  if (cause instanceof Refused || cause instanceof Stopped) return cause;
  if (cause instanceof DOMException) return new Error("The file changed or went away while it was sent: choose it again.");
  const response = error.originalResponse;
  if (response?.getStatus()) return refusalOf(response.getStatus(), response.getBody(), (name) => response.getHeader(name));
  return error.originalRequest ? new Lost("The connection was lost; what is stored stays stored.") : error;
}

/**
 * Send one file or packed folder.
 *
 * `report({stored, sent, words})` hears of bytes the service holds, bytes on their way, and what goes on; `run` resolves to
 * the upload's state document once the service has verified it.
 */
export class Transfer {
  constructor(parcel, { projectId, sampleId, csrf, report }) {
    Object.assign(this, { parcel, projectId, sampleId, csrf, report });
    this.stored = 0;
    this.controller = new AbortController();
  }

  get url() {
    return this.upload?.url ?? null;
  }

  async run() {
    this.controller = new AbortController();
    const body = await this.parcel.body((done) => this.report({ words: `Reading the files for their checksums: ${Math.floor(100 * done)} %` }), this.controller.signal);
    this.size = body.size;
    this.upload ??= await this.prepared(body);
    for (let failures = 0; ; ) {
      const before = this.stored;
      try {
        if (!this.url || this.stored < this.size) await this.send();
        return await this.verified();
      } catch (error) {
        if (!error.isPassing) throw error;
        failures = this.stored > before ? 1 : failures + 1;
        await this.pause(error.retryAfter ?? Math.min(LONGEST_WAIT_S, 2 ** (failures - 1)), error.message);
      }
    }
  }

  async prepared(body) {
    const { name, identity, attributes } = this.parcel;
    const about = { filename: name, project_id: this.projectId, sample_id: this.sampleId, attributes: attributes && JSON.stringify(attributes) };
    const upload = new Upload(body, {
      endpoint: new URL(API, location.href).href,
      chunkSize: PIECE_BYTES,
      retryDelays: null,
      removeFingerprintOnSuccess: true,
      headers: { "X-CSRF-Token": this.csrf },
      metadata: Object.fromEntries(Object.entries(about).filter(([, value]) => value)),
      fingerprint: async () => ["lithoscope", identity, this.projectId, this.sampleId].join(":"),
      httpStack: new CheckedStack((offset) => this.advance(offset)),
      onProgress: (sent) => this.report({ stored: this.stored, sent: Math.max(sent, this.stored) }),
      onError: (error) => this.settle?.reject(reasonOf(error)),
      onSuccess: () => this.settle?.resolve(),
    });
    const known = await upload.findPreviousUploads();
    if (known.length) {
      this.report({ words: "Going on where it stopped" });
      upload.resumeFromPreviousUpload(known.at(-1));
    }
    return upload;
  }

  advance(offset) {
    this.stored = offset;
    this.report({ stored: offset, sent: offset });
  }

  send() {
    const { signal } = this.controller;
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      signal.addEventListener("abort", () => (this.upload.abort(), reject(new Stopped("stopped"))), { once: true });
      if (signal.aborted) return reject(new Stopped("stopped"));
      this.upload.start();
    });
  }

  pause(seconds, why) {
    this.report({ words: seconds ? `${why} Trying again in ${Math.ceil(seconds)} s.` : why, isWaiting: true });
    return this.sleep(seconds);
  }

  /** Wait; a network that is back ends the wait. */
  sleep(seconds) {
    const { signal } = this.controller;
    return new Promise((resolve, reject) => {
      const go = () => (clearTimeout(timer), window.removeEventListener("online", go), resolve());
      const timer = setTimeout(go, seconds * 1000);
      window.addEventListener("online", go);
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(new Stopped("stopped"))), { once: true });
    });
  }

  async verified() {
    const { signal } = this.controller;
    for (let wait = 0.2; ; wait = Math.min(5, wait * 1.5)) {
      const state = await stateOf(this.url, signal);
      if (state.state !== "verifying" && state.state !== "receiving") return state;
      this.report({ words: "All bytes are stored; the service reads them again for their digest" });
      await this.sleep(wait);
    }
  }

  stop() {
    this.controller.abort(new Stopped("stopped"));
  }

  /** Stop, and let the service drop what it holds. */
  async cancel() {
    this.stop();
    if (this.upload?.url) await this.upload.abort(true).catch(() => null); // an upload nobody goes on with expires by itself
  }
}

/** Ask the service how an upload stands. */
export async function stateOf(url, signal = undefined) {
  let answer;
  try {
    answer = await fetch(url, { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    throw error instanceof Stopped ? error : new Lost("The connection was lost; what is stored stays stored.");
  }
  const text = await answer.text();
  if (!answer.ok) throw refusalOf(answer.status, text, (name) => answer.headers.get(name));
  return JSON.parse(text);
}

/** Return the uploads this browser began and did not end. */
export async function unfinished() {
  const kept = await defaultOptions.urlStorage.findAllUploads();
  return kept.filter(({ uploadUrl, metadata }) => uploadUrl && metadata?.project_id);
}

/** Forget an upload; with `csrf` the service drops its bytes as well. */
export async function forget({ uploadUrl, urlStorageKey }, csrf = null) {
  if (csrf) await Upload.terminate(uploadUrl, { headers: { "X-CSRF-Token": csrf }, retryDelays: null });
  await defaultOptions.urlStorage.removeUpload(urlStorageKey);
}
