"""The axis of continuity for one tenant, in the snapshot of a running check."""

import psycopg

from audit_tui.core.continuity import Continuity, ContinuityResult
from audit_tui.core.excluded import Excluded
from audit_tui.core.findings import AxisResult
from audit_tui.core.model import Head, State
from audit_tui.service.api import Cancel
from audit_tui.store.chain import Unreadable
from audit_tui.store.continuity import lacking, stream_tellings
from audit_tui.store.layout import Layout

LOOK_EVERY = 256
"""Events between two looks at the cancel flag."""


def judge_continuity(
    conn: psycopg.Connection,
    layout: Layout,
    head: Head,
    excluded: Excluded,
    cancel: Cancel | None = None,
) -> ContinuityResult:
    """Reads the tenant's events by resource, up to `head`, inside the caller's transaction, and judges them.

    Reading follows the walk, whose findings say what is `excluded`. A cancelled one gives what was found, as
    inconclusive. psycopg's errors of connection, rights and time come through.
    """
    absent = lacking(layout)
    if absent:
        return _not_run(head, f"audit.logs lacks {', '.join(absent)}")
    if excluded.missing is not None:
        return _not_run(head, excluded.missing)
    continuity = Continuity(head.tenant_id, excluded)
    for number, row in enumerate(stream_tellings(conn, layout, head)):
        if number % LOOK_EVERY == 0 and cancel is not None and cancel.is_set():
            return continuity.finish("the check was interrupted")
        if isinstance(row, Unreadable):
            continuity.lose()
        else:
            continuity.take(row)
    return continuity.finish()


def _not_run(head: Head, why: str) -> ContinuityResult:
    made = Continuity(head.tenant_id).finish()
    return ContinuityResult(AxisResult(State.NOT_RUN, why), (), made.counts, 0)
