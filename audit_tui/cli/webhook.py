"""`verify --webhook URL`: the verdict as one JSON document, posted where somebody is woken.

Only the standard library: a proxy of the environment is used, certificates are verified, redirects are not
followed (the document would go where nobody sent it). The URL may hold a secret in every part but its host:
nothing else of it is ever said.
"""

import base64
import http.client
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from audit_tui import __version__
from audit_tui.cli.jsonout import to_text
from audit_tui.core.errors import AuditError, UsageError

TIMEOUT = 10.0
"""Seconds for one try."""
PAUSES = (1.0, 2.0, 4.0)
"""Seconds before each further try: one try, and three more."""
_WORTH_ANOTHER = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to post. `repr` says the host alone."""

    url: str
    authorization: str | None
    place: str

    def __repr__(self) -> str:
        return f"Webhook({self.place})"


def parse_webhook(url: str) -> Webhook:
    """What was typed, checked. UsageError, which quotes nothing of it, for anything but http and https."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _unfit("cannot be read") from None
    if any(character <= " " or character == "\x7f" for character in url.strip()) or not url.isascii():
        raise _unfit("holds a blank or a character that a URL cannot hold")
    if parts.scheme not in ("http", "https"):
        raise _unfit("is neither http nor https")
    if not parts.hostname:
        raise _unfit("names no host")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    bare = SplitResult(parts.scheme, netloc, parts.path or "/", parts.query, "").geturl()
    return Webhook(bare, _authorization(parts), f"{parts.scheme}://{netloc}")


def post(webhook: Webhook, fields: dict[str, Any]) -> None:
    """Posts the document `audit-tui/webhook/1`, trying four times. AuditError where nobody took it."""
    body = to_text("webhook", fields).encode("utf-8", "backslashreplace")
    problem = ""
    for pause in (0.0, *PAUSES):
        time.sleep(pause)
        problem, again = _try(webhook, body)
        if not problem:
            return
        if not again:
            break
    raise AuditError(f"the webhook at {webhook.place} was not told: {problem}", "the verdict stands")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """None: the redirection itself is the answer, and no success."""


def _try(webhook: Webhook, body: bytes) -> tuple[str, bool]:
    """What went wrong (empty: nothing) and whether another try could help."""
    headers = {"Content-Type": "application/json", "User-Agent": f"audit-tui/{__version__}"}
    if webhook.authorization is not None:
        headers["Authorization"] = webhook.authorization
    request = urllib.request.Request(webhook.url, data=body, headers=headers, method="POST")  # noqa: S310 - http(s) only
    opener = urllib.request.build_opener(
        _NoRedirect, urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        opener.open(request, timeout=TIMEOUT).close()  # what it says beyond its code concerns nobody
    except urllib.error.HTTPError as error:
        error.close()
        return f"it answered {error.code}", error.code in _WORTH_ANOTHER
    except urllib.error.URLError as error:
        refused = isinstance(error.reason, ssl.SSLCertVerificationError)
        return _reason(error.reason), not refused
    except (OSError, ValueError, http.client.HTTPException) as error:
        return _reason(error), True
    return "", False


def _reason(error: object) -> str:
    """One phrase without anything of the URL in it: the library's own texts may quote it."""
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT:g} seconds"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return (
        f"the answer is no HTTP ({type(error).__name__})" if isinstance(error, Exception) else "no connection"
    )


def _authorization(parts: SplitResult) -> str | None:
    if parts.username is None and parts.password is None:
        return None
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _unfit(why: str) -> UsageError:
    return UsageError(f"the URL of --webhook {why}", "write https://HOST/PATH")
