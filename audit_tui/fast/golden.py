"""One known event in both versions: a library that does not pass exactly these is not used.

It is an event of the seal's test vectors ("guide example 1"), told here once more so that an installed
program can try its library before it relies on it.
"""

from audit_tui.fast.columns import COPIED, COPIED_OF_GUIDE, FORMS, Form
from audit_tui.fast.kernel import Before, Expect, Kernel, Stopped

_EPOCH_2000_US = 946_684_800_000_000
_OCCURRED_US = 1_705_314_600_500_000
_COLUMNS: dict[str, object] = {
    "id": 7,
    "tenant_id": "org_xyz789",
    "sequence_number": 2,
    "event_id": "evt_00000000000000000000000000000002",
    "timestamp": _OCCURRED_US,
    "event_type": "user.updated",
    "actor_type": "user",
    "actor_id": "usr_admin123",
    "actor_email": "admin@example.com",
    "actor_ip_address": "192.168.1.100",
    "resource_type": "user",
    "resource_id": "usr_456",
    "endpoint": "/v1/orgs/org_xyz789/users/usr_456",
    "http_method": "PATCH",
    "changes": '{"role": {"new": "admin", "old": "member"}}',
    "previous_hash": "91fa83c0e33a99818ec15593d79ae865f05731de9d9e4f4550408e4c168d1699",
    "event_hash": "510e02398083d6d72cc7a68ac7c57ba97603aabfc265f07dca32be95b6dbf6f1",
    "request_id": "req_abc123",
    "hash_version": 2,
    "part_salts": bytes.fromhex(
        "4a55606b76818c97a2adb8c3ced9e4effa05101b26313c47525d68737e89949f"
        "aab5c0cbd6e1ecf7020d18232e39444f5a65707b86919ca7b2bdc8d3dee9f4ff"
    ),
}
_HASH_OF_VERSION_1 = "d4a80f863bf3934836dc26b64d6030bcf766aadf874a394466da25bd49ff4da8"


def encode_row(values: dict[str, object], columns: tuple[str, ...] = COPIED) -> bytes:
    """A row as COPY would bring it: texts as str, numbers and times (microseconds since 1970) as int."""
    row = len(columns).to_bytes(2)
    for column in columns:
        value = _encode(FORMS[column], values.get(column))
        row += b"\xff\xff\xff\xff" if value is None else len(value).to_bytes(4) + value
    return row


def _encode(form: Form, value: object) -> bytes | None:
    if isinstance(value, int):
        width = 2 if form is Form.NUMBER and abs(value) < 10 else 8
        return (value - _EPOCH_2000_US if form is Form.TIME else value).to_bytes(width, signed=True)
    if isinstance(value, str):
        return (b"\x01" if form is Form.JSONB else b"") + value.encode()
    return value if isinstance(value, bytes) else None


def passes(kernel: Kernel) -> bool:
    """Whether the kernel passes the known event, in both versions, and stops where one letter was changed."""
    tenant = str(_COLUMNS["tenant_id"])
    version_2, version_1 = Expect(tenant), Expect(tenant, guide=True, version_1=True)
    guide = _COLUMNS | {"event_hash": _HASH_OF_VERSION_1}
    edited = _COLUMNS | {"metadata": "{}"}
    return (
        _passed(kernel, encode_row(_COLUMNS), version_2)
        and _passed(kernel, encode_row(guide, COPIED_OF_GUIDE), version_1)
        and not _passed(kernel, encode_row(edited), version_2)
        and not _passed(kernel, encode_row(guide | {"actor_id": "other"}, COPIED_OF_GUIDE), version_1)
    )


def _passed(kernel: Kernel, row: bytes, expect: Expect) -> bool:
    before = Before(1, str(_COLUMNS["previous_hash"]), 1, _OCCURRED_US)
    made = kernel.advance(row, before, expect)
    version = 1 if expect.guide else 2
    return made.rows == 1 and made.stopped is Stopped.END and made.before.hash_version == version
