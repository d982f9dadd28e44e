"""The optional compiled filter of verification's hot loop: passes over what is perfectly regular.

It never judges. Whatever it stops at, and everything where it was not built, is judged by `core.walk`.
"""

from audit_tui.fast.blocks import first_event_id, split_row, strip_header
from audit_tui.fast.columns import COPIED, COPIED_OF_GUIDE, FORMS, Form
from audit_tui.fast.kernel import Advance, Before, Expect, Kernel, Stopped
from audit_tui.fast.loading import load

__all__ = [
    "COPIED",
    "COPIED_OF_GUIDE",
    "FORMS",
    "Advance",
    "Before",
    "Expect",
    "Form",
    "Kernel",
    "Stopped",
    "first_event_id",
    "load",
    "split_row",
    "strip_header",
]
