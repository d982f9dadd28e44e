"""The named queries of `sql/queries`: a file a statement; only fixed fragments are ever put into them."""

from functools import cache
from typing import LiteralString

from psycopg import sql

from audit_tui.store.sql_files import read_sql


@cache
def load(name: str) -> sql.SQL:
    """The statement of `sql/queries/NAME.sql`. FileNotFoundError where there is none."""
    # The files ship with the program, so their text is as trusted as a literal in it.
    text: LiteralString = read_sql(f"queries/{name}.sql").strip().rstrip(";")
    return sql.SQL(text)


def compose(name: str, **fragments: sql.Composable) -> sql.Composed:
    """The statement with its `{fragments}` filled by composed SQL (identifiers, conditions)."""
    return load(name).format(**fragments)
