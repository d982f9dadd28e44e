"""How screens open other screens: by factory, imported when needed, so that none depends on another."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import App

from audit_tui.core.findings import Severity, Story, TenantReport

if TYPE_CHECKING:
    from typing import Any


def open_timeline(
    app: "App[Any]", tenant_id: str, *, at_sequence: int | None = None, among: Severity | None = None
) -> None:
    """The timeline of a tenant, at its head or at a sequence; `among` is the severity that n and N go through
    (None: what is tampered or undecided first of all).
    """
    from audit_tui.tui.screens.timeline import TimelineScreen

    app.push_screen(TimelineScreen(tenant_id, at_sequence=at_sequence, among=among))


def open_verify(app: "App[Any]", tenant_id: str, *, start: bool) -> None:
    """The check of one tenant; `start` begins one, else what is known is shown."""
    from audit_tui.tui.screens.verify import VerifyScreen

    app.push_screen(VerifyScreen(tenant_id, start=start))


def open_link(
    app: "App[Any]", tenant_id: str, stories: Sequence[Story], index: int, report: TenantReport | None
) -> None:
    """The link view of one of a tenant's stories; `n` and `N` go through the others."""
    from audit_tui.tui.screens.link import LinkScreen

    app.push_screen(LinkScreen(tenant_id, tuple(stories), index, report))


def open_doctor(app: "App[Any]") -> None:
    """The examination of the log's protection."""
    from audit_tui.tui.screens.doctor import DoctorScreen

    app.push_screen(DoctorScreen())
