"""The manifest of an archive: what its files hold, written so that one archive has one SHA-256.

The chain records that digest in each tenant's `audit.archived` event; nothing inside the manifest vouches
for the manifest.
"""

from dataclasses import dataclass
from hashlib import sha256

FORMAT = "audit-tui/archive/1"
MANIFEST_NAME = "manifest.json"
MAX_FILE_EVENTS = 50_000
MAX_MANIFEST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One file of a tenant's events: lines first_sequence..last_sequence, `bytes` as it lies on disk."""

    name: str
    events: int
    first_sequence: int
    last_sequence: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TreeState:
    """A `core.merkle.Frontier` over the hashes of the events 1..size, as data."""

    size: int
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArchivedTenant:
    """One tenant's stretch of the chain. Times are the server's text in UTC."""

    tenant_id: str
    first_sequence: int
    last_sequence: int
    events: int
    first_previous_hash: str | None
    first_hash: str
    last_hash: str
    first_time: str
    last_time: str
    tree: TreeState
    files: tuple[ArchiveFile, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole archive. `created_at` and `before` are RFC 3339 in UTC; `log_id` and `system_identifier` are
    None where nothing told them. `encoding` is the server's name of the database's encoding (`UTF8`), in
    which version 1 events were hashed; the files themselves are UTF-8 always.
    """

    archive: str
    created_at: str
    tool_version: str
    log_id: str | None
    system_identifier: str | None
    database: str
    schema_version: int | None
    layout: str | None
    before: str
    requester: str | None
    reason: str | None
    tenants: tuple[ArchivedTenant, ...]
    encoding: str | None = None


def file_name(tenant_number: int, file_number: int) -> str:
    """The name of a tenant's n-th file (both from 1): numbers alone, so that no name comes from data."""
    return f"{tenant_number:04d}-{file_number:04d}.ndjson.gz"


def manifest_digest(content: bytes) -> str:
    """The SHA-256 of a manifest's bytes as lower-case hex: what the chain records."""
    return sha256(content).hexdigest()
