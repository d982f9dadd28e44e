"""The help screen's text: every key of a screen, in groups, then what the glyphs mean."""

from collections.abc import Sequence

from audit_tui.core.words import LEGEND
from audit_tui.tui.actions import Action, Group, keys_label
from audit_tui.tui.present.lines import EMPTY, Line, Span, crop, fit, line, mark


def help_lines(actions: Sequence[Action], width: int) -> list[Line]:
    """One line per action that has a key, under the heading of its group; the legend below."""
    lines: list[Line] = []
    room = max((len(keys_label(action)) for action in actions), default=0) + 3
    for group in Group:
        members = [action for action in actions if action.group is group and action.keys]
        if not members:
            continue
        lines += [EMPTY] if lines else []
        lines.append(line(Span(group.value, "strong")))
        lines += [_key_line(action, room, width) for action in members]
    lines += [EMPTY, line(Span("What the signs mean", "strong"))]
    lines += [
        line("  ", mark(meaning), "  ", Span(fit(meaning.word, 14)), Span(words, "muted"))
        for meaning, words in LEGEND
    ]
    return lines


def _key_line(action: Action, room: int, width: int) -> Line:
    return crop(line("  ", Span(fit(keys_label(action), room), "key"), action.help), width)
