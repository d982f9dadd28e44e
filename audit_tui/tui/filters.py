"""The net under every screen: no control character of any widget reaches the terminal."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from audit_tui.core.safe import BAD, SURROGATE


class NoControls(LineFilter):
    """Takes out what moves the cursor, hides or reorders; such characters measure no cell.

    Values are made safe where they become text; this catches what slipped through. One instance per app:
    Textual caches strips per filter.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 (Textual's signature)
        return [self._clean(segment) for segment in segments]

    @staticmethod
    def _clean(segment: Segment) -> Segment:
        text = segment.text
        if segment.control or (text.isascii() and text.isprintable()):
            return segment
        if not BAD.search(text) and not SURROGATE.search(text):
            return segment
        return Segment(SURROGATE.sub("\ufffd", BAD.sub("", text)), segment.style)
