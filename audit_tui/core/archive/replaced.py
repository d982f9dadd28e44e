"""Manifests that an erasure made anew: the digest that stands in for a recorded one."""

from collections.abc import Iterable, Mapping

from audit_tui.core.coverage import ERASED_TYPE, carries_authority, metadata_of
from audit_tui.core.model import Event
from audit_tui.core.seal import is_hash


def parse_replacements(events: Iterable[Event]) -> dict[str, str]:
    """Old manifest digest -> new one, as intact `audit.erased` events record them; the newest wins.

    An erasure that reaches into an archive writes its files anew, and so its manifest.
    """
    found: dict[str, str] = {}
    for event in events:
        if event.event_type != ERASED_TYPE or not carries_authority(event):
            continue
        listed = metadata_of(event).get("archives")
        for entry in listed if isinstance(listed, list) else []:
            old, new = _pair(entry)
            if is_hash(old) and is_hash(new):
                found[str(old)] = str(new)
    return found


def current_digest(digest: str | None, replacements: Mapping[str, str]) -> str | None:
    """The digest that stands in for a recorded one now; a circle of replacements ends where it closes."""
    seen: set[str] = set()
    while digest is not None and digest in replacements and digest not in seen:
        seen.add(digest)
        digest = replacements[digest]
    return digest


def _pair(entry: object) -> tuple[object, object]:
    return (entry.get("old_manifest"), entry.get("new_manifest")) if isinstance(entry, dict) else (None, None)
