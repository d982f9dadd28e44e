"""What the shape tests read: the project's own files, without what can be made again."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("audit_tui", "sql", "tests", "tools", "docs", "screenshots", ".ci")
_TEXT = {".py", ".sql", ".md", ".toml", ".tcss", ".sh", ".json", ".txt", ""}


def project_files() -> list[Path]:
    """Return every text file of the project."""
    top = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in _TEXT and path.suffix]
    top += [ROOT / "Makefile", ROOT / ".gitignore", ROOT / "LICENSE"]
    inside = (path for folder in _FOLDERS for path in (ROOT / folder).rglob("*"))
    below = [path for path in inside if path.is_file() and path.suffix in _TEXT]
    return sorted(path for path in {*top, *below} if "__pycache__" not in path.parts)


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below `folders` of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in `tree` with the last part of the called name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def is_built_text(node: ast.expr) -> bool:
    """Return whether `node` is a string put together from values: f-string, %, +, or str.format."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return any(_is_text(side) or is_built_text(side) for side in (node.left, node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "format" and _is_text(node.func.value)
    return False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
