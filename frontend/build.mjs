// Writes the portal's static files: each file at the top of src/ becomes one under a name that changes with its content,
// what several of them share becomes a chunk, and manifest.json says which name stands for which,
// imports.json what each needs.
//
// The outcome is committed, so that nobody who installs the service needs Node; a test builds again and compares.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCES = join(HERE, "src");
const OUT = resolve(process.argv[2] ?? join(HERE, "..", "app", "portal", "static"));
const NAMES = "[name]-[hash]";
const PICTURES = [".svg", ".png"];

const entries = readdirSync(SOURCES, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name).sort();
const isPicture = (name) => PICTURES.includes(extname(name));

// Codecs of the volumes come with glue that evaluates text, which the content security policy forbids: src/seeing/invoker.js
// stands in for it. A package whose glue looks otherwise fails the build.
const EVALUATED = /function (\w+)\(a\) \{\s+var b = Function;[\s\S]*?return a instanceof Object \? a : c;\s+\}/;
const withoutEvaluation = {
  name: "without evaluation",
  setup({ onLoad }) {
    onLoad({ filter: /numcodecs\/dist\/(blosc|lz4|zstd)\.js$/ }, ({ path }) => {
      const content = readFileSync(path, "utf8");
      if (!EVALUATED.test(content)) throw new Error(`${path}: its glue is not what src/seeing/invoker.js stands in for`);
      const invoker = JSON.stringify(join(SOURCES, "seeing", "invoker.js"));
      return { contents: `import { invokerOf } from ${invoker};\n${content.replace(EVALUATED, "const $1 = invokerOf;")}`, loader: "js" };
    });
  },
};

const built = await build({
  absWorkingDir: HERE,
  entryPoints: entries.filter((name) => !isPicture(name)).map((name) => join("src", name)),
  outdir: OUT,
  entryNames: NAMES,
  chunkNames: `chunks/${NAMES}`,
  assetNames: `chunks/${NAMES}`,
  bundle: true,
  splitting: true,
  plugins: [withoutEvaluation],
  format: "esm",
  target: ["chrome123", "firefox120", "safari17.5"],
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  write: false,
  logLevel: "warning",
});

// What a source needs before it runs: all of it is asked for at once, not file after file as each is read.
function needed(path) {
  const found = new Set();
  const walk = (each) => built.metafile.outputs[each].imports.filter(({ kind, external }) => kind === "import-statement" && !external).forEach(({ path: next }) => {
    if (found.has(next)) return;
    found.add(next);
    walk(next);
  });
  walk(path);
  return [...found].map((each) => relative(OUT, resolve(HERE, each))).sort();
}

const manifest = {};
const imports = {};
for (const [path, { entryPoint }] of Object.entries(built.metafile.outputs)) {
  if (!entryPoint || dirname(entryPoint) !== "src") continue;
  manifest[basename(entryPoint)] = relative(OUT, resolve(HERE, path));
  if (extname(entryPoint) === ".js") imports[basename(entryPoint)] = needed(path);
}

// The licence of every package that a built file contains a part of.
function licences() {
  const packages = new Set();
  for (const { inputs } of Object.values(built.metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
      if (found && bytesInOutput > 0) packages.add(found[1]);
    }
  }
  return [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(HERE, folder, "package.json")));
    const file = readdirSync(join(HERE, folder)).find((each) => /^(licen[cs]e|copying)/i.test(each));
    const text = file ? readFileSync(join(HERE, folder, file), "utf8").trim() : `Its package carries no licence text; it states: ${license}.`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

const written = new Set();
function put(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  written.add(path);
}

for (const { path, contents } of built.outputFiles) put(path, contents);
for (const name of entries.filter(isPicture)) {
  const content = readFileSync(join(SOURCES, name));
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  manifest[name] = `${basename(name, extname(name))}-${digest}${extname(name)}`;
  put(join(OUT, manifest[name]), content);
}
const sorted = (record) => `${JSON.stringify(Object.fromEntries(Object.entries(record).sort()), null, 2)}\n`;
put(join(OUT, "manifest.json"), sorted(manifest));
put(join(OUT, "imports.json"), sorted(imports));
put(join(OUT, "licences.txt"), `Parts of these files come from the packages below.\n\n${licences()}`);

// Last, so that a service that starts meanwhile finds what its manifest names.
for (const entry of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (entry.isFile() && !written.has(path)) rmSync(path);
}
