"""Archives made from the rows of a real log by the words of the format alone: no code of the writer's."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from audit_tui.core.archive.lines import event_to_line
from audit_tui.core.archive.manifest import (
    MANIFEST_NAME,
    ArchivedTenant,
    ArchiveFile,
    Manifest,
    TreeState,
    file_name,
    manifest_digest,
)
from audit_tui.core.archive.manifest_text import dump_manifest, parse_manifest
from audit_tui.core.merkle import Frontier
from audit_tui.core.model import Event, Head
from audit_tui.embedded import tamper
from audit_tui.store.archive_reader import digest_file
from audit_tui.store.chain import stream_chain
from audit_tui.store.connect import connect, parse_dsn
from audit_tui.store.probe import probe
from audit_tui.store.session import reading
from tests.verify.chains import append

JANUARY = "20260201T030000Z-0000000a"
FEBRUARY = "20260301T030000Z-0000000b"
MARCH = "20260401T030000Z-0000000c"

Span = tuple[int, int]


def read_events(dsn: str, tenant: str, span: Span) -> list[Event]:
    """The rows as any client of the tool reads them."""
    with connect(parse_dsn(dsn)) as conn:
        layout = probe(conn).layout
        with reading(conn, snapshot=True):
            rows = list(stream_chain(conn, layout, Head(tenant, span[0], span[1], None)))
    return [row for row in rows if isinstance(row, Event)]


def write(
    place: Path,
    archive: str,
    parts: Sequence[tuple[str, list[Event], list[Event]]],
    per_file: int = 4,
    **said: Any,
) -> Path:
    """An archive of (tenant, events before, events), at `place`/`archive`."""
    folder = place / archive
    folder.mkdir(parents=True)
    tenants = []
    for number, (tenant, before, events) in enumerate(parts, 1):
        tree = Frontier()
        for event in (*before, *events):
            tree.append(bytes.fromhex(event.event_hash or ""))
        cuts = [events[at : at + per_file] for at in range(0, len(events), per_file)]
        files = [write_file(folder, file_name(number, n), cut) for n, cut in enumerate(cuts, 1)]
        first, last = events[0], events[-1]
        tenants.append(
            ArchivedTenant(
                tenant,
                first.sequence_number or 0,
                last.sequence_number or 0,
                len(events),
                first.previous_hash,
                first.event_hash or "",
                last.event_hash or "",
                first.timestamp or "",
                last.timestamp or "",
                TreeState(tree.size, tree.hashes),
                tuple(files),
            )
        )
    manifest = Manifest(
        archive, "2026-02-01T03:00:00.000000Z", "0", None, None, "app", 2, "plain",
        "2026-02-01T00:00:00.000000Z", "dpo", None, tuple(tenants),
    )  # fmt: skip
    (folder / MANIFEST_NAME).write_bytes(dump_manifest(replace(manifest, **said)))
    return folder


def write_file(folder: Path, name: str, events: Sequence[Event]) -> ArchiveFile:
    """One file of lines."""
    return write_lines(
        folder, name, [event_to_line(event) for event in events], events[0].sequence_number or 0
    )


def write_lines(folder: Path, name: str, lines: Sequence[bytes], first: int) -> ArchiveFile:
    """One file of whatever lines, and what a manifest says of it."""
    path = folder / name
    path.write_bytes(gzip.compress(b"".join(lines), mtime=0))
    seen = digest_file(path)
    return ArchiveFile(name, len(lines), first, first + len(lines) - 1, seen.bytes, seen.sha256)


def lines_of(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def manifest_of(folder: Path) -> Manifest:
    return parse_manifest((folder / MANIFEST_NAME).read_bytes())


def digest_of(folder: Path) -> str:
    return manifest_digest((folder / MANIFEST_NAME).read_bytes())


def edit_manifest(folder: Path, *, name: str | None = None, **changed: Any) -> None:
    """Changes the first tenant's entry, or the entry of its file `name`, without looking whether it fits, as
    one who knows: the checksum is made good.
    """
    path = folder / MANIFEST_NAME
    document = json.loads(path.read_bytes())
    entry = document["tenants"][0]
    if name is not None:
        entry = next(file for each in document["tenants"] for file in each["files"] if file["name"] == name)
    entry.update(changed)
    write_document(path, document)


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Writes a manifest from its entries, with the checksum that it then has to have."""

    def text(entries: dict[str, Any]) -> str:
        return json.dumps(entries, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"

    rest = {name: value for name, value in document.items() if name != "checksum"}
    checksum = hashlib.sha256(text(rest).encode()).hexdigest()
    path.write_text(text(rest | {"checksum": checksum}), encoding="utf-8")


def list_as_it_is(folder: Path, name: str) -> None:
    """Makes the manifest agree with a file's bytes as they are now."""
    seen = digest_file(folder / name)
    edit_manifest(folder, name=name, bytes=seen.bytes, sha256=seen.sha256)


def record(conn: psycopg.Connection[Any], folder: Path, *, event_id: str, remove: bool = True) -> None:
    """Seals the archive's `audit.archived` events as archiving does, and removes what it holds."""
    manifest = manifest_of(folder)
    for tenant in manifest.tenants:
        said = {
            "first_sequence": tenant.first_sequence, "last_sequence": tenant.last_sequence,
            "last_hash": tenant.last_hash, "events": tenant.events, "manifest": digest_of(folder),
            "archive": manifest.archive, "place": str(folder), "requester": "dpo",
            "tree": {"size": tenant.tree.size, "hashes": list(tenant.tree.hashes)},
        }  # fmt: skip
        append(
            conn,
            "audit.archived",
            said,
            tenant.tenant_id,
            event_id=f"{event_id}{tenant.tenant_id}",
            resource_type="audit_archive",
            resource_id=manifest.archive,
        )
        if remove:
            tamper.drop_first(conn, tenant.tenant_id, tenant.events)
    conn.commit()
