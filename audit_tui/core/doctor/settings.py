"""The server's settings: what loses events in a crash, and what switches protections off for everyone."""

from collections.abc import Mapping

from audit_tui.core.doctor.model import Area, Check, CheckState, Weight


def judge_settings(settings: Mapping[str, str]) -> list[Check]:
    """One check per setting that matters; a setting that this server does not have is left out."""
    found = []
    for name, attack in _MUST_BE_ON.items():
        if name in settings:
            found.append(_must_be_on(name, settings[name], attack))
    return found


_MUST_BE_ON = {
    "fsync": "a power cut, or whoever pulls the plug, can take back events that were reported as logged",
    "full_page_writes": "a crash can leave half-written pages: events that no one can read again",
}


def _must_be_on(name: str, value: str, attack: str) -> Check:
    ident = f"settings-{name.replace('_', '-')}"
    if value == "on":
        return Check(ident, Area.SETTINGS, CheckState.OK, Weight.HIGH, f"{name} is on.")
    return Check(
        ident, Area.SETTINGS, CheckState.HOLE, Weight.HIGH, f"{name} is off.", attack,
        f"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();",
    )  # fmt: skip
