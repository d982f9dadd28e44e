"""Where the SQL of this package is found: inside a wheel, or beside the package in a checkout."""

import re
from functools import cache
from pathlib import Path
from typing import LiteralString

_PACKAGE = Path(__file__).resolve().parent.parent
_NUMBERED = re.compile(r"\d{4}_[a-z0-9_]+\.sql")


@cache
def sql_root() -> Path:
    """Return the folder that holds `schema/` and `queries/`; FileNotFoundError where it is missing."""
    for folder in (_PACKAGE / "_sql", _PACKAGE.parent / "sql"):
        if (folder / "schema").is_dir():
            return folder
    raise FileNotFoundError("the SQL files of audit-tui are missing: the installation is damaged")


@cache
def read_sql(relative: str) -> LiteralString:
    """Return the text of one file, named as in `schema/0010_guard.sql` or `queries/heads.sql`.

    It counts as a literal: the package's own files, which nothing typed or stored ever enters.
    """
    return (sql_root() / relative).read_text(encoding="utf-8")


def list_schema_files() -> tuple[str, ...]:
    """Return the files that make the audit schema, as `read_sql` names them, in the order they run."""
    return _numbered("schema")


def list_upgrade_files() -> tuple[str, ...]:
    """Return the steps that bring older versions to the present one; NNNN is the version a step leads to."""
    return _numbered("upgrade")


def _numbered(folder: str) -> tuple[str, ...]:
    files = sorted((sql_root() / folder).iterdir())
    return tuple(f"{folder}/{file.name}" for file in files if _NUMBERED.fullmatch(file.name))
