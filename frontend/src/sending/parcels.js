// What is sent as what: files by themselves, and files that the reader takes as one dataset together in one archive.
//
// The rules are the reader's (lithoscope/readers/scan_set.py, companions.py): `series.csv` with the scans it lists, files
// called <signal>_<tilt>.dm4, and an image stack with its angles. Several Velox files may be a tilt series or not: asked.

import { packed } from "./packing.js";

const SCANS = /\.(emd|dm3|dm4)$/i;
const VELOX = /\.emd$/i;
const NAMED = /^(dark_field|x_rays|low_loss|core_loss|live_fraction)_[^/]+\.(dm3|dm4)$/i;
const COMPANIONS = /\.(rawtlt|tlt|mdoc)$/i;
const STACKS = /\.(mrc|st|rec|ali|tiff?)$/i;
const MANIFEST = "series.csv";
const LITTER = /^(\.DS_Store|Thumbs\.db|desktop\.ini|\._.*|~\$.*)$/i;

const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const stem = (name) => name.replace(/\.[^.]+$/, "");
const told = (file) => `${file.name}:${file.size}:${file.lastModified}`;

/** One upload: a file, or several packed into one. */
export class Parcel {
  constructor(files, { name = files[0].name, folder = "", why = "" } = {}) {
    Object.assign(this, { files, name, folder, why });
    this.size = files.reduce((sum, file) => sum + file.size, 0);
  }

  get isPacked() {
    return this.files.length > 1 || this.name !== this.files[0].name;
  }

  /** Say what a resumed transfer must find unchanged. */
  get identity() {
    return [this.folder, this.name, ...this.files.map(told)].join("|");
  }

  get attributes() {
    return this.folder ? { folder: this.folder } : null;
  }

  async body(tell, signal) {
    this.made ??= this.isPacked ? await packed(this.files, tell, signal) : this.files[0];
    return this.made;
  }
}

/** Several Velox files of one folder: `asSeries` and `asFiles` are the two ways to send them. */
export class Question {
  constructor(files, folder) {
    Object.assign(this, { files, folder });
    this.asSeries = () => [series(files, folder)];
    this.asFiles = () => files.map((file) => new Parcel([file], { folder }));
  }
}

function series(scans, folder, manifest = []) {
  const name = `${folder.split("/").at(-1) || "series"}.zip`;
  const files = [...manifest, ...[...scans].sort(byName)];
  return new Parcel(files, { name, folder, why: `${files.length} files as one tilt series` });
}

function withCompanions(files, folder) {
  const taken = new Set();
  const parcels = [];
  for (const file of files.filter(({ name }) => STACKS.test(name))) {
    const own = files.filter(({ name }) => COMPANIONS.test(name) && [file.name, stem(file.name)].includes(stem(name)));
    if (!own.length) continue;
    for (const each of [file, ...own]) taken.add(each);
    parcels.push(new Parcel([file, ...own.sort(byName)], { name: `${stem(file.name)}.zip`, folder, why: `with ${own.map(({ name }) => name).join(", ")}` }));
  }
  return [parcels, files.filter((file) => !taken.has(file))];
}

function ofFolder(files, folder) {
  const scans = files.filter(({ name }) => SCANS.test(name));
  const manifest = files.find(({ name }) => name === MANIFEST);
  const rest = (sent) => files.filter((file) => !sent.includes(file));
  let [found, others] = [[], files];
  if (manifest && scans.length) {
    [found, others] = [[series(scans, folder, [manifest])], rest([manifest, ...scans])];
  } else if (scans.length > 1 && scans.every(({ name }) => NAMED.test(name))) {
    [found, others] = [[series(scans, folder)], rest(scans)];
  } else if (scans.length > 1 && scans.every(({ name }) => VELOX.test(name))) {
    [found, others] = [[new Question(scans, folder)], rest(scans)];
  }
  const [stacks, single] = withCompanions(others, folder);
  return [...found, ...stacks, ...single.map((file) => new Parcel([file], { folder }))];
}

/** Sort `{file, folder}` into parcels and questions; what an operating system leaves in folders stays behind. */
export function parcelsOf(found) {
  const kept = found.filter(({ file }) => !LITTER.test(file.name));
  const folders = Map.groupBy(kept, ({ folder }) => folder);
  const parcels = [...folders].flatMap(([folder, each]) => ofFolder(each.map(({ file }) => file), folder));
  return { parcels, leftOut: found.length - kept.length };
}
