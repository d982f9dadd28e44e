"""The first and the last line of every screen: where am I, and what can I press."""

from collections.abc import Sequence

from audit_tui.core.safe import safe_line
from audit_tui.service.api import Connection
from audit_tui.tui.actions import Action, Group, footer_actions, key_label
from audit_tui.tui.present.lines import Line, Span, cells, crop, ends, join, line
from audit_tui.tui.present.times import clock_time
from audit_tui.tui.zone import Zone


def breadcrumb(crumbs: Sequence[str]) -> Line:
    """`audit-tui   incident-prod ▸ org_borealis ▸ Verify`: the last crumb stands out."""
    spans: list[Span] = [Span(" audit-tui   ", "muted")]
    for index, crumb in enumerate(crumbs):
        if index:
            spans.append(Span(" ▸ ", "muted"))
        spans.append(Span(safe_line(crumb, 60), "strong" if index == len(crumbs) - 1 else ""))
    return tuple(spans)


def connection_state(connection: Connection | None) -> list[Line]:
    """`read-only`, then how the line to the server is protected. Empty before there is a connection."""
    if connection is None:
        return []
    encrypted = {
        None: Span("local socket", "muted"),
        True: Span("TLS", "muted"),
        False: Span("not encrypted", "warning"),
    }[connection.encrypted]
    return [line(Span("read-only", "muted")), line(encrypted)]


def header(
    crumbs: Sequence[str],
    own: Sequence[Line],
    connection: Connection | None,
    zone: Zone,
    now_us: int,
    width: int,
) -> Line:
    """The header at a width: the screen's own remark, the connection, zone and clock on the right."""
    clock = line(Span(f"{zone.name} {clock_time(now_us, zone)}", "muted"))
    parts = [*own, *connection_state(connection), clock]
    return line(ends(breadcrumb(crumbs), parts, max(0, width - 1)), " ")


def footer(actions: Sequence[Action], width: int, blocked: frozenset[str] = frozenset()) -> Line:
    """` enter open   v verify   ...`: at most eight; where it is narrow the screen's own last ones go."""
    shown = list(footer_actions(actions))
    while shown:
        drawn = join([_hint(action, action.id in blocked) for action in shown], "   ")
        if cells(drawn) + 2 <= width or len(shown) == 1:
            return crop(line(" ", drawn), width)
        own = [index for index, action in enumerate(shown) if action.group is Group.SCREEN]
        del shown[own[-1] if own else 0]
    return ()


def _hint(action: Action, blocked: bool) -> Line:
    if blocked:
        return line(Span(f"{key_label(action.keys[0])} {action.label}", "muted-italic"))
    return line(Span(key_label(action.keys[0]), "key"), Span(" " + action.label, "muted"))


def hint_at(actions: Sequence[Action], width: int, x: int) -> Action | None:
    """The action drawn in cell `x` of the footer: what a click there means."""
    drawn = footer(actions, width)
    position, index = 0, -1
    shown = _shown_in(drawn, actions)
    for span in drawn:
        if "key" in span.role or "muted-italic" in span.role:
            index += 1
        position += len(span.text)
        if x < position:
            is_gap = not span.text.strip()
            return None if is_gap or index < 0 or index >= len(shown) else shown[index]
    return None


def _shown_in(drawn: Line, actions: Sequence[Action]) -> list[Action]:
    keys = [span.text for span in drawn if "key" in span.role]
    return [action for action in footer_actions(actions) if key_label(action.keys[0]) in keys]
