"""The examples of docs/verification.md, read and performed: what stands there is what happens."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from audit_tui.embedded import tamper
from tests.verify.attack import FORGED
from tests.verify.chains import ACME, Conn, append
from tests.verify.verifiers import Place

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
_VALUES = {"NULL": None, "forged": FORGED}


class Documented(NamedTuple):
    """A line of one of the page's tables: its cells without the backticks."""

    table: str
    cells: tuple[str, ...]


def read_page() -> Iterator[Documented]:
    """Every line of every table, under the name of its first column."""
    table = ""
    for text in PAGE.read_text(encoding="utf-8").splitlines():
        cells = tuple(cell.strip().strip("`") for cell in text.strip("|").split("|"))
        if not text.startswith("|"):
            table = ""
        elif not table:
            table = cells[0]
        elif not set(cells[0]) <= {"-"}:
            yield Documented(table, cells)


def places(text: str) -> tuple[Place, ...]:
    """`content_mismatch 4, sequence_gap 5-7`."""
    if text == "none":
        return ()
    return tuple((kind, *_span(numbers)) for kind, numbers in (each.split() for each in text.split(", ")))


def split(example: str) -> tuple[bool, list[str]]:
    """Whether the chain is one of version 1, and the acts in order."""
    old = example.startswith("old: ")
    return old, example.removeprefix("old: ").split("; ")


def perform(conn: Conn, act: str) -> None:
    """One act of an example (`witness` is the caller's)."""
    name, *words = act.split()
    _ACTS[name](conn, *words)


def _span(numbers: str) -> tuple[int, int]:
    first, _, last = numbers.partition("-")
    return int(first), int(last or first)


def _rehash(conn: Conn, numbers: str, zone: str = "UTC") -> None:
    first, last = _span(numbers)
    if first == last:
        tamper.rehash(conn, ACME, first, zone)
    else:
        tamper.rehash_from(conn, ACME, first, zone, through=last)


def _set(conn: Conn, number: str, column: str, value: str) -> None:
    tamper.edit_field(conn, ACME, int(number), column, _VALUES.get(value, value))


def _authorise(conn: Conn, number: str, part: str) -> None:
    append(conn, "audit.erased", {"erased": [{"sequences": [[int(number)] * 2], "parts": [part]}]})


def _another_log(conn: Conn, _word: str) -> None:
    conn.execute("UPDATE audit.schema_info SET log_id = gen_random_uuid()")


_ACTS: dict[str, Callable[..., Any]] = {
    "edit": lambda conn, n: tamper.edit_field(conn, ACME, int(n), "actor_id", "usr_evil"),
    "set": _set,
    "rehash": _rehash,
    "delete": lambda conn, numbers: tamper.drop_rows(conn, ACME, *_span(numbers)),
    "renumber": lambda conn, n, _by, by: tamper.renumber_from(conn, ACME, int(n), int(by)),
    "swap": lambda conn, a, b: tamper.swap(conn, ACME, int(a), int(b)),
    "copy": lambda conn, n, _at, at: tamper.insert_copy(conn, ACME, int(n), at=int(at)),
    "erase": lambda conn, n, part: tamper.erase_without_authority(conn, ACME, int(n), part),
    "authorise": _authorise,
    "another": _another_log,
}


def sentences() -> str:
    """The page as one line, for finding words in it."""
    return re.sub(r"\s+", " ", PAGE.read_text(encoding="utf-8"))
