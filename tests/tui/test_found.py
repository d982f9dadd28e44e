"""The list of findings without a terminal: grouping, filter, counts, and a list of thousands."""

import time
from dataclasses import replace

from audit_tui.core.findings import Finding, Kind, Segment, SegmentState, Severity
from audit_tui.core.segments import build_segments, cell_states
from audit_tui.core.stories import tell
from audit_tui.service.api import VerifyRequest
from audit_tui.tui.present.found import Grouping, Wanted, listed
from audit_tui.tui.present.lines import cells
from audit_tui.tui.present.severities import after, counts_of, none_words, severities_line, unlisted_words
from audit_tui.tui.present.spans import plain
from tests.builders import edit, make_chain, rehash
from tests.fakes import FakeService


def _finding(kind: Kind, severity: Severity, at: int, to: int | None = None) -> Finding:
    return Finding(kind, severity, "org_a", at, to or at, f"evt_{at}", f"Event {at} is odd.")


EDITED = tuple(_finding(Kind.CONTENT_MISMATCH, Severity.TAMPERED, at) for at in (4, 5, 90))
MIXED = (
    *EDITED,
    _finding(Kind.TIME_DISORDER, Severity.NOTICE, 2),
    _finding(Kind.ERASURE_INCOMPLETE, Severity.SUSPICIOUS, 50),
)


def _texts(grouping: Grouping, wanted: Wanted | None = None, width: int = 100) -> list[str]:
    found = listed(MIXED, tell(MIXED, "org_a", 1, 100), grouping, wanted or Wanted())
    lines = [found.line(row, width) for row in range(len(found.entries))]
    assert all(cells(line) <= width for line in lines)
    return [plain(line).rstrip() for line in lines]


def test_a_story_stands_over_its_findings_and_what_is_alone_comes_after() -> None:
    texts = _texts(Grouping.STORIES)
    assert texts[0].startswith("✗ 4–5")
    assert "edited in place" in texts[0]
    assert texts[0].endswith("2 findings")
    assert [text.split()[0] for text in texts[1:3]] == ["4", "5"]
    assert texts[3].startswith("✗ 90")
    assert texts[5].startswith("! 50")
    assert texts[6].startswith("· 2")


def test_alone_each_finding_is_a_line_the_gravest_first() -> None:
    assert [text.split()[1] for text in _texts(Grouping.FINDINGS)] == ["4", "5", "90", "50", "2"]


def test_n_halts_at_stories_and_lone_findings_or_at_every_finding() -> None:
    stories = tell(MIXED, "org_a", 1, 100)
    assert listed(MIXED, stories, Grouping.STORIES).stops == [0, 3, 5, 6]
    assert listed(MIXED, stories, Grouping.FINDINGS).stops == [0, 1, 2, 3, 4]


def test_a_filter_lists_one_severity_or_one_stretch() -> None:
    assert len(_texts(Grouping.FINDINGS, Wanted(Severity.NOTICE))) == 1
    inside = _texts(Grouping.STORIES, Wanted(stretch=(5, 50)))
    assert [text.split()[0] for text in inside] == ["✗", "5", "!"]
    assert _texts(Grouping.STORIES, Wanted(Severity.INCONCLUSIVE)) == []


def test_the_filters_key_goes_round_what_there_is() -> None:
    counts = counts_of(MIXED, None)
    ring = [None]
    for _ in range(4):
        ring.append(after(ring[-1], counts))  # type: ignore[arg-type]
    assert ring == [None, Severity.TAMPERED, Severity.SUSPICIOUS, Severity.NOTICE, None]


def test_counts_name_what_is_listed_without_colour_and_fit_80_columns() -> None:
    told = plain(severities_line(counts_of(MIXED, None), Wanted(Severity.NOTICE), Grouping.STORIES, 80))
    assert "[· 1 notice]" in told
    assert " all 5 " in told
    assert "✗ 3 tampered" in told
    assert "! 1 suspicious" in told
    assert len(told) <= 80
    whole = plain(severities_line(counts_of(MIXED, None), Wanted(), Grouping.STORIES, 80))
    assert "[all 5]" in whole


def test_what_is_counted_and_not_listed_is_said() -> None:
    chain = make_chain("org_a", 9)
    edit(chain, 3, actor_id="x")
    report = FakeService({"org_a": chain}).verify(VerifyRequest()).tenants[0]
    more = replace(report, finding_counts={Kind.CONTENT_MISMATCH: 4001})
    counts = counts_of(more.findings, more)
    assert counts[Severity.TAMPERED] == 4001
    assert unlisted_words(counts, more.findings) == (
        "and 4,000 more findings of the same kinds, counted and not listed"
    )
    assert unlisted_words(counts_of(report.findings, report), report.findings) is None


def test_an_empty_list_says_why() -> None:
    assert none_words(Wanted(), running=True, decided=False) == "Nothing is broken so far."
    assert none_words(Wanted(), running=False, decided=True) == "Nothing was found."
    assert none_words(Wanted(), running=False, decided=False) is None
    assert "f shows" in (none_words(Wanted(Severity.NOTICE), running=False, decided=True) or "")


def test_cells_take_the_worst_of_many_segments_as_a_search_of_each_cell_would() -> None:
    findings = [_finding(Kind.TIME_DISORDER, Severity.NOTICE, at) for at in range(3, 997, 7)]
    findings.append(_finding(Kind.SEQUENCE_GAP, Severity.TAMPERED, 400, 555))
    segments = build_segments(1, 1000, ((1, 900),), findings)
    order = list(SegmentState)
    for width in (1, 7, 78, 118, 1000):
        expected = []
        for cell in range(width):
            low = 1 + cell * 1000 // width
            high = max(low, (cell + 1) * 1000 // width)
            inside = [s.state for s in segments if s.first <= high and s.last >= low]
            expected.append(min(inside, key=order.index))
        assert list(cell_states(segments, 1, 1000, width)) == expected
    assert cell_states((), 1, 5, 2) == (SegmentState.WAITING,) * 2
    assert cell_states((Segment(1, 5, SegmentState.PROVEN),), 1, 5, 1) == (SegmentState.PROVEN,)


def test_thousands_of_findings_are_listed_without_drawing_them() -> None:
    chain = make_chain("org_a", 30)
    rehash(chain, 3)
    many = tuple(_finding(Kind.CONTENT_MISMATCH, Severity.TAMPERED, at) for at in range(1, 20_000, 2))
    stories = tell(many, "org_a", 1, 20_000)
    began = time.process_time()
    found = listed(many, stories, Grouping.STORIES)
    assert len(found.entries) == 20_000
    assert len(found.stops) == 10_000
    # No promise of speed, a net under quadratic work: that would take minutes.
    assert time.process_time() - began < 5
