"""Documents made from the code: the API's description, the methods' pages."""

import json
import tempfile
from pathlib import Path

from app.main import create_app
from app.settings import Settings
from lithoscope.methods import catalogue
from lithoscope.methods.page import page


def openapi_text() -> str:
    """Write the OpenAPI document; the same code gives the same bytes."""
    with tempfile.TemporaryDirectory() as nowhere:
        document = create_app(Settings(data=Path(nowhere))).openapi()
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_method_pages(folder: Path) -> list[Path]:
    """Write the page of every method and drop pages of methods that are no more; return the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {folder / f"{method.id}.md": page(method) for method in catalogue().values()}
    for stale in set(folder.glob("*.md")) - set(pages):
        stale.unlink()
    for path, words in pages.items():
        path.write_text(words, encoding="utf-8")
    return sorted(pages)
