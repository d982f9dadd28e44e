"""The strip of a chain: stretches in named states, from a walk's findings and how far it came."""

from collections.abc import Iterable
from itertools import pairwise

from audit_tui.core.findings import Finding, Kind, Segment, SegmentState, Severity

_STATE = {
    Severity.TAMPERED: SegmentState.TAMPERED,
    Severity.INCONCLUSIVE: SegmentState.INCONCLUSIVE,
    Severity.SUSPICIOUS: SegmentState.SUSPICIOUS,
    Severity.NOTICE: SegmentState.NOTICE,
}
_WORST_FIRST = tuple(SegmentState)
_RANK = {state: rank for rank, state in enumerate(_WORST_FIRST)}


def build_segments(
    first: int,
    last: int,
    done: Iterable[tuple[int, int]],
    findings: Iterable[Finding],
    erased: Iterable[tuple[int, int]] = (),
) -> tuple[Segment, ...]:
    """Stretches that cover first..last without overlap: neighbours of one state merged, the worst wins.

    `done` are the (first, last) sequences that were judged, ascending.
    """
    marks, due = [], first
    for low, high in done:
        marks += [(due, low - 1, SegmentState.WAITING), (low, high, SegmentState.PROVEN)]
        due = high + 1
    marks.append((due, last, SegmentState.WAITING))
    marks += [(low, high, SegmentState.ERASED) for low, high in erased]
    for finding in findings:
        if finding.first_sequence is None or finding.kind is Kind.UNCOVERED_COLUMNS:
            continue
        state = _STATE[finding.severity]
        marks.append((finding.first_sequence, finding.last_sequence or finding.first_sequence, state))
    clipped = [(max(low, first), min(high, last), state) for low, high, state in marks]
    return _flatten([mark for mark in clipped if mark[0] <= mark[1]])


def _flatten(marks: list[tuple[int, int, SegmentState]]) -> tuple[Segment, ...]:
    opening: dict[int, list[SegmentState]] = {}
    closing: dict[int, list[SegmentState]] = {}
    for low, high, state in marks:
        opening.setdefault(low, []).append(state)
        closing.setdefault(high + 1, []).append(state)
    active = dict.fromkeys(SegmentState, 0)
    segments: list[Segment] = []
    edges = sorted(opening.keys() | closing.keys())
    for edge, following in pairwise(edges):
        for state in closing.get(edge, ()):
            active[state] -= 1
        for state in opening.get(edge, ()):
            active[state] += 1
        worst = next((state for state in _WORST_FIRST if active[state]), None)
        if worst is None:
            continue
        if segments and segments[-1].state is worst and segments[-1].last == edge - 1:
            segments[-1] = Segment(segments[-1].first, following - 1, worst)
        else:
            segments.append(Segment(edge, following - 1, worst))
    return tuple(segments)


def cell_states(segments: tuple[Segment, ...], first: int, last: int, width: int) -> tuple[SegmentState, ...]:
    """The worst state of each of `width` equal stretches of first..last; WAITING where nothing is known.

    Segments ascend without overlap, so both are walked through once.
    """
    span = max(last - first + 1, 1)
    cells: list[SegmentState] = []
    at = 0
    for cell in range(width):
        low = first + cell * span // width
        high = max(low, first + (cell + 1) * span // width - 1)
        while at < len(segments) and segments[at].last < low:
            at += 1
        worst, looked = len(_WORST_FIRST), at
        while looked < len(segments) and segments[looked].first <= high:
            worst = min(worst, _RANK[segments[looked].state])
            looked += 1
        cells.append(_WORST_FIRST[worst] if worst < len(_WORST_FIRST) else SegmentState.WAITING)
    return tuple(cells)
