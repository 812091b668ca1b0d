"""Functions and files stay small enough to read at one glance."""

import ast

from tests.house.source import PACKAGES, ROOT, functions, place, python_files

FUNCTION_LINES, KERNEL_LINES, P90_LINES, FILE_LINES, POSITIONAL = 60, 80, 35, 400, 4


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a body without its docstring."""
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return 0 if not statements else (node.end_lineno or 0) - statements[0].lineno + 1


def is_framework_called(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a framework calls it by keyword."""
    words = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
    return any(word in words for word in ("router.", "app.command", ".callback", "listens_for", "overload"))


def test_no_function_is_longer_than_its_limit():
    long = []
    for path in python_files():
        limit = KERNEL_LINES if "numerics" in path.parts else FUNCTION_LINES
        long += [f"{place(path, f)} {f.name}: {body_lines(f)}" for f in functions(path) if body_lines(f) > limit]
    assert not long


def test_nine_of_ten_functions_are_short():
    lengths = sorted(body_lines(function) for path in python_files() for function in functions(path))
    assert lengths[int(len(lengths) * 0.9)] <= P90_LINES


def test_no_file_is_longer_than_its_limit():
    lengths = {
        place(path): len(path.read_text().splitlines()) for path in python_files(*PACKAGES, "tests", "benchmarks")
    }
    assert not {name: lines for name, lines in lengths.items() if lines > FILE_LINES}


def test_at_most_four_arguments_are_positional():
    many = []
    for path in python_files():
        for node in functions(path):
            names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            count = len(names) - (names[:1] in (["self"], ["cls"]))
            if count > POSITIONAL and not is_framework_called(node) and not _is_inner(path, node):
                many.append(f"{place(path, node)} {node.name}: {count}")
    assert not many


def _is_inner(path, node) -> bool:
    """Say whether a function lies within another: a framework's hook, not an interface."""
    return any(node in ast.walk(other) for other in functions(path) if other is not node)


def test_the_street_view_is_complete():
    for name in ("README.md", "LICENSE", "Makefile", "pyproject.toml", "constraints.txt", "docs", "tests", "changes"):
        assert (ROOT / name).exists(), name
