"""A small published tree."""

import json
from hashlib import sha256
from pathlib import Path

from app.infra.storage.digests import tree_digest

FILES = {
    "map.ome.zarr/zarr.json": b'{"zarr_format": 3}',
    "map.ome.zarr/c/0/0": bytes(range(256)) * 4,
    "map.slices/z.png": b"\x89PNG picture",
    "table.csv": b"a,b\n1,2\n",
}


def make_tree(folder: Path, files: dict[str, bytes] | None = None) -> tuple[str, dict[str, bytes]]:
    """Write a tree with its manifest; return its digest and files."""
    files = FILES if files is None else files
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    (folder / "manifest.json").write_text(json.dumps({"files": digests, "arrays": []}))
    return tree_digest(digests), files
