"""A manifest as bytes and back. Reading believes nothing: types, sizes and names are checked one by one."""

import json
import re
from dataclasses import asdict, fields
from hashlib import sha256
from typing import Any, TypeVar

from audit_tui.core.archive.lines import ArchiveFormatError
from audit_tui.core.archive.manifest import (
    FORMAT,
    MAX_FILE_EVENTS,
    MAX_MANIFEST_BYTES,
    ArchivedTenant,
    ArchiveFile,
    Manifest,
    TreeState,
    file_name,
)
from audit_tui.core.clock import microseconds
from audit_tui.core.merkle import Frontier
from audit_tui.core.seal import is_hash

ARCHIVE_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}\Z", re.ASCII)
"""UTC to the second and eight random hex digits, e.g. `20261124T031500Z-9f03c1aa`."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z\Z", re.ASCII)
_LARGEST = 2**63 - 1
_T = TypeVar("_T")


def dump_manifest(manifest: Manifest) -> bytes:
    """The manifest's bytes: keys sorted, no spaces, UTF-8, one line feed at the end.

    `checksum` is the SHA-256 of the same bytes without that entry. It vouches for nothing, since whoever
    edits knowingly can write it anew; it shows the damage and the careless edit that contradict nothing
    else. ArchiveFormatError where a text has no UTF-8 (a reason typed in another encoding).
    """
    document = {"format": FORMAT, **asdict(manifest)}
    return _written(document | {"checksum": sha256(_written(document)).hexdigest()})


def _written(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return (text + "\n").encode()
    except UnicodeEncodeError:
        msg = "holds text that is not valid UTF-8"
        raise ArchiveFormatError(msg) from None


def parse_manifest(content: bytes) -> Manifest:
    """The manifest of these bytes. ArchiveFormatError says what is wrong with them.

    Whatever it says of itself fits together afterwards: counts, sequences, names of files, size of the tree.
    Only its checksum is not compared (`fits_checksum`): the files it lists can be proved all the same.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        msg = f"is longer than {MAX_MANIFEST_BYTES:,} bytes"
        raise ArchiveFormatError(msg)
    try:
        document = json.loads(content.decode())
    except (ValueError, RecursionError):
        msg = "is not JSON"
        raise ArchiveFormatError(msg) from None
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        msg = f'does not say "format": "{FORMAT}"'
        raise ArchiveFormatError(msg)
    checksum = _text(document.pop("checksum", None), "checksum")
    manifest = _manifest(document)
    if _written({"format": FORMAT, **asdict(manifest), "checksum": checksum}) != content:
        msg = "is not written as an archive writes it"
        raise ArchiveFormatError(msg)
    return manifest


def fits_checksum(manifest: Manifest, content: bytes) -> bool:
    """Whether these bytes, from which the manifest was parsed, give the checksum that stands in them."""
    return dump_manifest(manifest) == content


def _manifest(document: dict[str, Any]) -> Manifest:
    tenants = _list(document, "tenants", "the manifest")
    manifest = _make(
        Manifest, document | {"tenants": tuple(_tenant(n, each) for n, each in enumerate(tenants, 1))}
    )
    if not ARCHIVE_ID.match(_text(manifest.archive, "archive")):
        msg = "names an archive that is no archive's name"
        raise ArchiveFormatError(msg)
    for name in ("tool_version", "database"):
        _text(getattr(manifest, name), name)
    for name in ("created_at", "before"):
        if not _MOMENT.match(_text(getattr(manifest, name), name)):
            msg = f"holds no time as {name}"
            raise ArchiveFormatError(msg)
    for name in ("log_id", "system_identifier", "layout", "requester", "reason", "encoding"):
        _text_or_none(getattr(manifest, name), name)
    if manifest.schema_version is not None:
        _number(manifest.schema_version, "schema_version")
    names = [tenant.tenant_id for tenant in manifest.tenants]
    if not names or len(set(names)) != len(names):
        msg = "names no tenant" if not names else "names a tenant twice"
        raise ArchiveFormatError(msg)
    return manifest


def _tenant(number: int, document: object) -> ArchivedTenant:
    what = f"tenant {number}"
    if not isinstance(document, dict):
        msg = f"holds no object as {what}"
        raise ArchiveFormatError(msg)
    files = _list(document, "files", what)
    tree = _tree(document.get("tree"), what)
    made = tuple(_file(number, n, each) for n, each in enumerate(files, 1))
    tenant = _make(ArchivedTenant, document | {"files": made, "tree": tree})
    _text(tenant.tenant_id, "tenant_id")
    for name in ("first_time", "last_time"):
        if microseconds(_text(getattr(tenant, name), name)) is None:
            msg = f"holds no time as {name} of {what}"
            raise ArchiveFormatError(msg)
    for name in ("first_sequence", "last_sequence", "events"):
        _number(getattr(tenant, name), name, least=1)
    _check_tenant(tenant, what)
    return tenant


def _check_tenant(tenant: ArchivedTenant, what: str) -> None:
    starts = tenant.first_sequence == 1
    previous = tenant.first_previous_hash
    at = tenant.first_sequence
    for file in tenant.files:
        if file.first_sequence != at:
            break
        at = file.last_sequence + 1
    fits = (
        tenant.events == tenant.last_sequence - tenant.first_sequence + 1
        and tenant.tree.size == tenant.last_sequence
        and at == tenant.last_sequence + 1
        and is_hash(tenant.first_hash)
        and is_hash(tenant.last_hash)
        and (previous is None if starts else is_hash(previous))
        and (tenant.events > 1 or tenant.first_hash == tenant.last_hash)
    )
    if not fits:
        msg = f"contradicts itself about {what}: its sequences, counts, hashes and files do not fit together"
        raise ArchiveFormatError(msg)


def _file(tenant_number: int, number: int, document: object) -> ArchiveFile:
    what = f"file {number} of tenant {tenant_number}"
    if not isinstance(document, dict):
        msg = f"holds no object as {what}"
        raise ArchiveFormatError(msg)
    file = _make(ArchiveFile, document)
    if file.name != file_name(tenant_number, number):
        msg = f"gives {what} a name that is not {file_name(tenant_number, number)}"
        raise ArchiveFormatError(msg)
    for name in ("events", "first_sequence", "last_sequence", "bytes"):
        _number(getattr(file, name), name, least=1)
    counted = file.last_sequence - file.first_sequence + 1
    if file.events != counted or counted > MAX_FILE_EVENTS or not is_hash(file.sha256):
        msg = f"contradicts itself about {what}: its sequences, count and digest do not fit together"
        raise ArchiveFormatError(msg)
    return file


def _tree(document: object, what: str) -> TreeState:
    if not isinstance(document, dict):
        msg = f"holds no tree of {what}"
        raise ArchiveFormatError(msg)
    tree = _make(TreeState, document | {"hashes": tuple(_list(document, "hashes", f"the tree of {what}"))})
    try:
        Frontier.from_hashes(_number(tree.size, "size"), tree.hashes)
    except ValueError as error:
        msg = f"holds no tree of {what}: {error}"
        raise ArchiveFormatError(msg) from None
    return tree


def _make(kind: type[_T], values: dict[str, Any]) -> _T:
    """An instance of a dataclass from exactly its fields."""
    wanted = {each.name for each in fields(kind)}  # type: ignore[arg-type] # only dataclasses come here
    if set(values) != wanted:
        odd = ", ".join(sorted(wanted ^ set(values))[:3])
        msg = f"lacks or adds entries: {odd}"
        raise ArchiveFormatError(msg)
    return kind(**values)


def _list(document: dict[str, Any], name: str, what: str) -> list[Any]:
    found = document.get(name)
    if not isinstance(found, list) or not found:
        msg = f"holds no list of {name} in {what}"
        raise ArchiveFormatError(msg)
    return found


def _number(value: object, name: str, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= _LARGEST:
        msg = f"holds no {name} that could be one"
        raise ArchiveFormatError(msg)
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        msg = f"holds no {name}"
        raise ArchiveFormatError(msg)
    return value


def _text_or_none(value: object, name: str) -> None:
    if value is not None:
        _text(value, name)
