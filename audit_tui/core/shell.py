"""Words as a shell takes them: what is printed can be copied, seen whole, and run."""

import re
import shlex
from collections.abc import Iterable

from audit_tui.core.safe import safe_line

_WORD = re.compile(r"(?:\$'(?:[^'\\]|\\.)*'|[^\s'\"\\]|\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\")+", re.DOTALL)
_NAMED = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def join_words(words: Iterable[str]) -> str:
    """The command line of these words."""
    return " ".join(quote(word) for word in words)


def split_words(command: str) -> list[str]:
    """The words of a command as they are written, quotes and all."""
    return _WORD.findall(command)


def quote(word: str) -> str:
    """The word quoted; what a terminal would act on or not show is written as an escape in `$'...'`.

    That form is understood by bash, zsh, ksh and every shell after POSIX 2024.
    """
    if safe_line(word, len(word) + 1) == word:
        return shlex.quote(word)
    return f"$'{''.join(_escaped(character) for character in word)}'"


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if safe_line(character) == character:
        return character
    # Three digits always: a shorter escape would swallow a digit that follows.
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogatepass"))
