"""Tables without boxes: columns that line up, shrink where they may, leave where they must."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from audit_tui.cli.paper import STYLES, Paper

GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """`least` is the width it may shrink to (None: never). `drop` is its turn to leave, highest first."""

    title: str
    right: bool = False
    least: int | None = None
    drop: int = 0


def print_table(paper: Paper, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    """Prints titles (where there are any) and rows; lines hold no trailing blanks."""
    paper.lines(layout(columns, rows, paper.width))


def layout(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int | None) -> list[Text]:
    """The table's lines for a terminal of `width` cells (None: as wide as it needs)."""
    widths = measure(columns, rows, width)
    return [*head(columns, widths), *(draw(columns, row, widths) for row in rows)]


def measure(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int | None) -> list[int]:
    """The width of each column for these rows (0: left out)."""
    natural = [
        max([len(column.title), *(row[index].cell_len for row in rows)])
        for index, column in enumerate(columns)
    ]
    return natural if width is None else fit(columns, natural, width)


def head(columns: Sequence[Column], widths: Sequence[int]) -> list[Text]:
    """The line of titles; none where no column has one."""
    if not any(column.title for column in columns):
        return []
    return [draw(columns, [Text(column.title, style=STYLES["muted"]) for column in columns], widths)]


def fit(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """The width of each column (0: left out) such that a line is at most `width` cells, if that can be."""
    least = [_least(column, size) for column, size in zip(columns, natural, strict=True)]
    kept = [True] * len(columns)
    droppable = sorted((i for i, c in enumerate(columns) if c.drop), key=lambda i: -columns[i].drop)
    for index in droppable:
        if _total(least, kept) <= width:
            break
        kept[index] = False
    widths = [size if keep else 0 for size, keep in zip(natural, kept, strict=True)]
    while _total(widths, kept) > width:
        shrinkable = [i for i, size in enumerate(widths) if kept[i] and size > least[i]]
        if not shrinkable:
            break
        widths[max(shrinkable, key=lambda i: widths[i])] -= 1
    return widths


def _least(column: Column, natural: int) -> int:
    return natural if column.least is None else min(natural, max(column.least, len(column.title)))


def _total(widths: Sequence[int], kept: Sequence[bool]) -> int:
    shown = [size for size, keep in zip(widths, kept, strict=True) if keep]
    return sum(shown) + GAP * (len(shown) - 1)


def draw(columns: Sequence[Column], cells: Sequence[Text], widths: Sequence[int]) -> Text:
    """One row as a line: cut with an ellipsis where a width is short."""
    line = Text()
    for column, cell, width in zip(columns, cells, widths, strict=True):
        if width == 0:
            continue
        piece = cell.copy()
        piece.truncate(width, overflow="ellipsis")
        blanks = " " * (width - piece.cell_len)
        line = Text.assemble(line, " " * GAP if line.plain else "", *_aligned(piece, blanks, column))
    line.rstrip()
    return line


def _aligned(piece: Text, blanks: str, column: Column) -> tuple[Text | str, Text | str]:
    return (blanks, piece) if column.right else (piece, blanks)
