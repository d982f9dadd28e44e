"""What an adopted log may keep of the guide's: keys and indexes of its own, and rights that were there."""

from collections.abc import Iterable, Mapping

from audit_tui.core.doctor.catalogue import LOG, Catalogue, Key, Properties

LAYOUT = "adopted"
_GUIDES_KEYS = ("logs_pkey", "logs_event_id_key")
_GUIDES_INDEXES = "idx_audit_logs_"
_NEEDED = "idx_audit_logs_tenant_sequence"
"""The one index of the guide that the log itself relies on: a sequence occurs once in its tenant."""
_GUARD, _RULES = "logs_10_guard_insert", "logs_20_keep_rules"
"""The second is of the first's form, and made only where the site has constraints of its own."""


def without_the_guides(expected: Mapping[Key, Properties], catalogue: Catalogue) -> dict[Key, Properties]:
    """What is expected, without the guide's keys and indexes that this log never had or has dropped.

    They serve applications (ON CONFLICT, foreign keys), not the protection of the log. How `id` gets its
    number is the guide's too.
    """
    kept: dict[Key, Properties] = {}
    for key, found in expected.items():
        if key not in catalogue.objects and _is_the_guides(key):
            continue
        kept[key] = _numbered_as_found(found, catalogue) if key == ("column", (*LOG, "id")) else found
    guard = expected.get(("trigger", (*LOG, _GUARD)))
    if guard is not None and ("trigger", (*LOG, _RULES)) in catalogue.objects:
        kept["trigger", (*LOG, _RULES)] = {
            name: value.replace(_GUARD, _RULES).replace("guard_insert", "keep_rules")
            for name, value in guard.items()
        }
    return kept


def was_there(kind: str, where: Iterable[str], right: str) -> bool:
    """Whether adopting gives such a right again to a role that had it."""
    name = tuple(where)
    if kind == "function":
        return right == "execute" and (name[0] == "log_event" or name[0].startswith("verify"))
    if kind in ("table", "column"):
        return (name[:2] == LOG and right in ("select", "insert")) or (
            name[1] == "schema_info" and right == "select"
        )
    return right == "usage" and kind in ("schema", "sequence")


def _is_the_guides(key: Key) -> bool:
    class_, name = key
    if class_ not in ("index", "constraint") or name[:2] != LOG or name[2] == _NEEDED:
        return False
    return name[2] in _GUIDES_KEYS or name[2].startswith(_GUIDES_INDEXES)


def _numbered_as_found(expected: Properties, catalogue: Catalogue) -> Properties:
    found = catalogue.get("column", *LOG, "id") or {}
    numbering = ("identity", "default")
    values = {name: value for name, value in expected.items() if name not in numbering}
    return values | {name: found[name] for name in numbering if name in found}
