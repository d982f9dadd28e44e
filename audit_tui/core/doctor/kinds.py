"""Every kind of check: its stable name, area and weight, what it looks at, and what a hole would open."""

from audit_tui.core.doctor.kind import Kind
from audit_tui.core.doctor.kinds_guide import GUIDE_KINDS
from audit_tui.core.doctor.kinds_schema import SCHEMA_KINDS
from audit_tui.core.doctor.kinds_server import SERVER_KINDS

KINDS: dict[str, Kind] = {kind.id: kind for kind in (*SCHEMA_KINDS, *SERVER_KINDS, *GUIDE_KINDS)}
"""By name, in the order in which they are told within their area. `docs/doctor.md` has a row for each."""
