// Files out of a drop or a chosen folder, each with the folder it lay in.

const folderOf = (path) => path.split("/").filter(Boolean).slice(0, -1).join("/");

async function* within(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    yield { file, folder: folderOf(entry.fullPath) };
  }
  if (!entry.isDirectory) return;
  const reader = entry.createReader();
  for (let batch = [null]; batch.length; ) {
    batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    for (const inner of batch) yield* within(inner);
  }
}

/** Return what was dropped; call it within the event, since the browser forgets the items after it. */
export async function ofDrop(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => [item.webkitGetAsEntry?.() ?? null, item.getAsFile()]);
  const found = [];
  for (const [entry, file] of entries) {
    if (entry) for await (const each of within(entry)) found.push(each);
    else if (file) found.push({ file, folder: "" });
  }
  return found;
}

/** Return what was chosen; a chosen folder gives paths. */
export function ofInput(input) {
  return [...input.files].map((file) => ({ file, folder: folderOf(file.webkitRelativePath ?? "") }));
}
