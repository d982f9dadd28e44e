"""Tables line up, shrink, drop columns from the right, and never lose the columns that matter."""

from rich.text import Text

from audit_tui.cli.table import Column, fit, layout

COLUMNS = (
    Column(""),
    Column("TENANT", least=8),
    Column("VERDICT", least=12),
    Column("EVENTS", right=True),
    Column("LAST EVENT", drop=1),
)
ROWS = [
    tuple(map(Text, ("✗", "org_acme", "edited in place at 812", "1,204", "2026-11-02 17:40:11"))),
    tuple(map(Text, ("✓", "org_with_a_long_name", "intact", "7", "2026-11-02 17:40:11"))),
]


def plain(width: int | None) -> list[str]:
    return [line.plain for line in layout(COLUMNS, ROWS, width)]


def test_a_pipe_gets_every_cell_whole_and_no_trailing_blanks() -> None:
    assert plain(None) == [
        "   TENANT                VERDICT                 EVENTS  LAST EVENT",
        "✗  org_acme              edited in place at 812   1,204  2026-11-02 17:40:11",
        "✓  org_with_a_long_name  intact                       7  2026-11-02 17:40:11",
    ]


def test_a_narrow_terminal_cuts_with_an_ellipsis() -> None:
    assert plain(70) == [
        "   TENANT              VERDICT             EVENTS  LAST EVENT",
        "✗  org_acme            edited in place a…   1,204  2026-11-02 17:40:11",
        "✓  org_with_a_long_n…  intact                   7  2026-11-02 17:40:11",
    ]


def test_the_last_column_leaves_before_the_verdict_is_cut_short() -> None:
    lines = plain(48)
    assert lines[0].split() == ["TENANT", "VERDICT", "EVENTS"]
    assert max(map(len, lines)) <= 48


def test_no_line_is_wider_than_the_terminal() -> None:
    for width in range(40, 120):
        assert all(line.cell_len <= width for line in layout(COLUMNS, ROWS, width))


def test_wide_characters_count_as_two_cells() -> None:
    rows = [(Text("監査"), Text("x")), (Text("ab"), Text("y"))]
    lines = [line.plain for line in layout((Column("A"), Column("B")), rows, None)]
    assert lines == ["A     B", "監査  x", "ab    y"]


def test_titles_that_are_all_empty_make_no_line() -> None:
    assert [line.plain for line in layout((Column(""), Column("")), [(Text("a"), Text("b"))], 80)] == ["a  b"]


def test_what_cannot_fit_keeps_its_least_width() -> None:
    assert fit((Column("AAAA"), Column("B", least=3)), [4, 30], 2) == [4, 3]
