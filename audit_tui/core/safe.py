"""Untrusted text made fit for a terminal: nothing that moves the cursor, hides or reorders survives.

Markup is another matter: what comes from here still goes to `Content` or `Text`, never to a bare `str`.
"""

import re
import unicodedata

BAD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""What must not reach a terminal (tab and line feed apart). Each measures no cell, so it can be removed."""

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a pair, which no encoder accepts. It measures one cell: replace it, don't remove it."""

MARKS_CAP = 3
"""Combining marks drawn on one character; more would paint over the lines above and below."""

_TAB = "    "
# Letters and marks that draw nothing at all: a name could hide behind them.
_INVISIBLE = frozenset(
    (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0)
)
_TAGGED = frozenset(("Cf", "Cs", "Zl", "Zp"))


class _Replacements(dict[int, str]):
    """A table for `str.translate` that fills itself, so that Unicode isn't walked at import."""

    def __missing__(self, code: int) -> str:
        shown = _shown(code)
        self[code] = shown
        return shown


def _shown(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code <= 0x9F:
        return f"\\x{code:02x}"
    # U+xxFFFE and U+xxFFFF are no characters: a screenshot with one is not well-formed XML.
    hidden = code in _INVISIBLE or 0xE0000 <= code <= 0xE0FFF or code & 0xFFFE == 0xFFFE
    if hidden or unicodedata.category(chr(code)) in _TAGGED:
        return f"<U+{code:04X}>"
    return chr(code)


_LINE = _Replacements()
_TEXT = _Replacements({0x0A: "\n", 0x09: _TAB})


def safe(text: str, limit: int = 2000) -> str:
    """The text without anything a terminal would act on, at most `limit` characters long.

    Line feeds stay, tabs become spaces. Control characters are drawn as their pictures (`␛`), C1 as
    `\\x9b`, what is invisible or reorders as `<U+202E>`. What is cut is counted: `… 12 more`.
    """
    return _render(text, limit, _TEXT)


def safe_line(text: str, limit: int = 200) -> str:
    """As `safe`, but one line: a line feed is drawn as `␊`, a tab as `␉`."""
    return _render(text, limit, _LINE)


def strip_controls(text: str) -> str:
    """The last net under every drawn line: removes BAD, replaces SURROGATE; the width does not change."""
    return BAD.sub("", SURROGATE.sub("\ufffd", text))


def _render(text: str, limit: int, table: _Replacements) -> str:
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    shown = _thin_marks(text[: limit + 1]).translate(table)
    if len(text) <= limit and len(shown) <= limit:
        return shown
    return _cut(text, limit, table)


def _cut(text: str, limit: int, table: _Replacements) -> str:
    """Whole replacements only: half of `<U+202E>` would be a riddle."""
    kept: list[str] = []
    # Room for the count of what follows, written with the most digits that it can need.
    room = limit - len(f"… {len(text)} more")
    used = 0
    marks = 0
    for taken, character in enumerate(text):
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        piece = table[ord(character)] if marks <= MARKS_CAP else ""
        if used + len(piece) > room:
            return "".join(kept) + f"… {len(text) - taken} more"
        kept.append(piece)
        used += len(piece)
    return "".join(kept)


def _thin_marks(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if character > "\u02ff" and unicodedata.category(character)[0] == "M" else 0
        if marks <= MARKS_CAP:
            kept.append(character)
    return "".join(kept)
