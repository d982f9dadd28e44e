"""The service over a real PostgreSQL."""

from audit_tui.service.live.browse import LiveService

__all__ = ["LiveService"]
