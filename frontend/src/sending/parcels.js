// What is sent as what: files by themselves, and files that the reader takes as one dataset together in one archive.
//
// The rules are the reader's (lithoscope/readers/scan_set.py, slice_set.py, ser_set.py, eiger_set.py, companions.py):
// `series.csv` with the scans it lists, files called <signal>_<tilt>.dm4, an image stack with its angles, an .emi with
// its .ser, an EDAX map with its .spc and .ipr, an Eiger's master with its frames. Several Velox files may be a tilt
// series or not, and numbered TIFF images the slices of one stack or not: asked.

import { packed } from "./packing.js";

const SCANS = /\.(emd|dm3|dm4)$/i;
const VELOX = /\.emd$/i;
const NAMED = /^(dark_field|x_rays|low_loss|core_loss|live_fraction)_[^/]+\.(dm3|dm4)$/i;
const COMPANIONS = /\.(rawtlt|tlt|mdoc)$/i;
const MANIFEST = "series.csv";
const SLICES = /\.tiff?$/i;
const SERIES = /\.ser$/i;
const SETTINGS = /\.emi$/i;
const LITTER = /^(\.DS_Store|Thumbs\.db|desktop\.ini|\._.*|~\$.*)$/i;

const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const stem = (name) => name.replace(/\.[^.]+$/, "");
const alike = (one, other) => one.toLowerCase() === other.toLowerCase();
// What a main file is called, and whether another belongs to it by its name.
const BESIDE = [
  [/\.(mrc|st|rec|ali|tiff?)$/i, (main, name) => COMPANIONS.test(name) && [main, stem(main)].includes(stem(name))],
  [/\.spd$/i, (main, name) => name !== main && alike(name.replace(/\.spc$|(_Img)?\.ipr$/i, ".spd"), main)],
  [/(^|_)master\.h5$/i, (main, name) => name !== main && alike(name.replace(/data_\d+\.h5$/i, "master.h5"), main)],
];
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

const TILTS = { what: "Velox files", asked: "Are they the tilts of one series, or images of their own?", one: "One tilt series" };
const STACK = { what: "numbered images", asked: "Are they the slices of one stack, or images of their own?", one: "One stack of slices" };

/** Several files of one folder that may belong together: `asSeries` and `asFiles` are the two ways to send them. */
export class Question {
  constructor(files, folder, words = TILTS) {
    Object.assign(this, { files, folder, words });
    this.asSeries = () => [words === STACK ? slices(files, folder) : series(files, folder)];
    this.asFiles = () => files.map((file) => new Parcel([file], { folder }));
  }
}

function series(scans, folder, manifest = []) {
  const name = `${folder.split("/").at(-1) || "series"}.zip`;
  const files = [...manifest, ...[...scans].sort(byName)];
  return new Parcel(files, { name, folder, why: `${files.length} files as one tilt series` });
}

function slices(files, folder) {
  const name = `${folder.split("/").at(-1) || "slices"}.zip`;
  return new Parcel([...files].sort(byName), { name, folder, why: `${files.length} files as one stack` });
}

/** Sort TIFF images whose names differ in numbers alone into one question for each such name. */
function numbered(files, folder) {
  const alike = Map.groupBy(files.filter(({ name }) => SLICES.test(name) && /\d/.test(stem(name))), ({ name }) => name.replace(/\d+/g, "#"));
  const sets = [...alike.values()].filter((each) => each.length > 1);
  return [sets.map((each) => new Question(each, folder, STACK)), files.filter((file) => !sets.flat().includes(file))];
}

/** Put each .emi with the .ser of its acquisition: X.emi with X.ser, X_1.ser, X_2.ser. */
function withSettings(files, folder) {
  const taken = new Set();
  const parcels = [];
  for (const file of files.filter(({ name }) => SETTINGS.test(name))) {
    const own = files.filter(({ name }) => SERIES.test(name) && stem(name).replace(/_\d+$/, "").toLowerCase() === stem(file.name).toLowerCase());
    const exact = files.filter(({ name }) => SERIES.test(name) && stem(name).toLowerCase() === stem(file.name).toLowerCase());
    const series = (own.length ? own : exact).filter((each) => !taken.has(each));
    if (!series.length) continue;
    for (const each of [file, ...series]) taken.add(each);
    parcels.push(new Parcel([file, ...series.sort(byName)], { name: `${stem(file.name)}.zip`, folder, why: `with ${series.map(({ name }) => name).join(", ")}` }));
  }
  return [parcels, files.filter((file) => !taken.has(file))];
}

function withCompanions(files, folder) {
  const taken = new Set();
  const parcels = [];
  for (const file of files) {
    const belongs = BESIDE.find(([main]) => main.test(file.name))?.[1];
    const own = belongs ? files.filter(({ name }) => belongs(file.name, name)) : [];
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
  const [acquisitions, unsettled] = withSettings(others, folder);
  const [stacks, alone] = withCompanions(unsettled, folder);
  const [sections, single] = numbered(alone, folder);
  return [...found, ...acquisitions, ...stacks, ...sections, ...single.map((file) => new Parcel([file], { folder }))];
}

/** Sort `{file, folder}` into parcels and questions; what an operating system leaves in folders stays behind. */
export function parcelsOf(found) {
  const kept = found.filter(({ file }) => !LITTER.test(file.name));
  const folders = Map.groupBy(kept, ({ folder }) => folder);
  const parcels = [...folders].flatMap(([folder, each]) => ofFolder(each.map(({ file }) => file), folder));
  return { parcels, leftOut: found.length - kept.length };
}
