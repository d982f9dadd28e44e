"""One digest over the heads of all tenants, so that one time stamp covers them all.

A head is the line `["audit-tui/head/1", tenant_id, sequence, event_hash]`, written as PostgreSQL's
json_build_array writes it; the digest is the root of the RFC 6962 tree over these lines (UTF-8, without line
feeds), sorted by the bytes of the tenant's name.
"""

from collections.abc import Iterable

from audit_tui.core.merkle import Frontier
from audit_tui.core.seal import json_text
from audit_tui.core.witness import Witness


def head_line(witness: Witness) -> str:
    """The line of one head."""
    tenant, last_hash = json_text(witness.tenant_id), json_text(witness.event_hash)
    return f'["audit-tui/head/1", {tenant}, {witness.sequence}, {last_hash}]'


def digest_heads(witnesses: Iterable[Witness]) -> tuple[str, tuple[str, ...]]:
    """(root as hex, lines in their order) over one witness per tenant."""
    ordered = sorted(witnesses, key=lambda witness: witness.tenant_id.encode(errors="surrogatepass"))
    lines = tuple(head_line(witness) for witness in ordered)
    tree = Frontier()
    for line in lines:
        tree.append(line.encode(errors="surrogatepass"))
    return tree.root, lines
