"""The source files, for tests of the house's rules."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("lithoscope", "app", "workers", "migrations")


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below folders of the repository, without generated ones."""
    found = [path for folder in folders or PACKAGES for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "versions" not in path.parts and "__pycache__" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def functions(path: Path) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    """Return all functions of a file."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return tuple(node for node in ast.walk(tree(path)) if isinstance(node, kinds))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Name a place in the source."""
    line = getattr(node, "lineno", "")
    return f"{path.relative_to(ROOT)}:{line}"
