"""Takes passwords out of text before it is shown: of our own messages, a library's, and usage errors.

Usage errors quote what was typed, and a DSN typed in the wrong place holds a password.
"""

import os
import re
from urllib.parse import unquote

HIDDEN = "***"
_SHORT = 4
_IN_URI = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s/?#@:]*:)\S*@", re.IGNORECASE)
_AS_KEYWORD = re.compile(
    r"(?P<before>(?:ssl)?pass(?:word|wd)?\s*=\s*)(?:'(?:[^'\\]|\\.)*(?:'|\Z)|[^\s'\"]+)", re.IGNORECASE
)
_known: set[str] = set()


def remember_secrets(dsn: str | None) -> None:
    """Notes the passwords of a DSN and of the environment, so that `redact` finds them bare as well."""
    found = [os.environ.get("PGPASSWORD"), *_passwords_of(dsn or "")]
    _known.update(secret for secret in found if secret and len(secret) >= _SHORT)


def redact(text: str) -> str:
    """The text with every password replaced by `***`, in URIs, in `password=...`, and where it stands bare.

    A password of fewer than four characters is only found in the first two: it would be part of any word.
    """
    text = _IN_URI.sub(rf"\g<before>{HIDDEN}@", text)
    text = _AS_KEYWORD.sub(rf"\g<before>{HIDDEN}", text)
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _passwords_of(dsn: str) -> list[str]:
    found = [match.group()[len(match.group("before")) : -1] for match in _IN_URI.finditer(dsn)]
    for match in _AS_KEYWORD.finditer(dsn):
        value = match.group()[len(match.group("before")) :]
        found.append(re.sub(r"\\(.)", r"\1", value.strip("'")))
    # In a URI's query the next parameter follows an ampersand; elsewhere it is part of the password.
    found += [value.partition("&")[0] for value in found]
    return [*found, *(unquote(value) for value in found)]
