"""A chain's head as a checkpoint that leaves the machine (C2SP tlog-checkpoint), before it is signed.

    audit-tui/5f0c61e2-8d41-4f0e-9a55-3f1d7c2b9e10/org_acme
    1000
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    head 51dec1...90aa

Origin (log and tenant), number of events, root of the RFC 6962 tree over the 32 bytes of each event's hash in
the order of sequences, and the head's hash. The same log gives the same text on every machine, so people who
sign it independently sign one and the same thing.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from audit_tui.core.seal import is_hash

_PREFIX = "audit-tui"
_BY_CHAIN = "chain-"
_SIZE = re.compile(r"[1-9][0-9]{0,18}\Z", re.ASCII)
_LARGEST = 2**63 - 1


class CheckpointError(ValueError):
    """Why a text is no checkpoint of this kind."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first `size` events of a tenant's chain. `root` and `head` (the last one's hash) are hex.

    `log` is the log id, or `chain-` and the hash of event 1 where a log has no id.
    """

    log: str
    tenant_id: str
    size: int
    root: str
    head: str

    @property
    def origin(self) -> str:
        """The first line. Log and tenant are percent-encoded, so whatever they hold, no two share a line."""
        return f"{_PREFIX}/{_encode(self.log)}/{_encode(self.tenant_id)}"

    @property
    def names_chain(self) -> bool:
        """Whether `log` is the hash of event 1: a log without an id."""
        return self.log.startswith(_BY_CHAIN)

    @property
    def place(self) -> tuple[str, int, str]:
        """(tenant, sequence, hash) of the head."""
        return self.tenant_id, self.size, self.head

    @property
    def text(self) -> str:
        """The note's text, with its last line feed."""
        root = base64.b64encode(bytes.fromhex(self.root)).decode()
        return f"{self.origin}\n{self.size}\n{root}\nhead {self.head}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint of a note's text. CheckpointError says why it is none.

    It must be the one text that stands for it; extension lines of others after ours are passed over.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 4 or not all(lines):
        raise CheckpointError("it has fewer than the four lines of a checkpoint of this tool")
    prefix, _, rest = lines[0].partition("/")
    log, slash, tenant = rest.partition("/")
    if prefix != _PREFIX or not (slash and log and tenant) or "/" in tenant:
        raise CheckpointError("its first line is not audit-tui/LOG/TENANT: it is of another kind of log")
    if _SIZE.match(lines[1]) is None or int(lines[1]) > _LARGEST:
        raise CheckpointError("its second line is not a number of events")
    word, _, head = lines[3].partition(" ")
    if word != "head" or not is_hash(head):
        raise CheckpointError("its fourth line does not name the head")
    found = Checkpoint(_decode(log), _decode(tenant), int(lines[1]), _root(lines[2]), head)
    if found.text != "".join(f"{line}\n" for line in lines[:4]):
        raise CheckpointError("its first lines are not spelled as this tool spells them")
    return found


def log_name(log_id: str | None, first_hash: str | None) -> str | None:
    """What names the log in a checkpoint; None where nothing does."""
    if log_id:
        return log_id
    return f"{_BY_CHAIN}{first_hash}" if first_hash is not None else None


def _root(text: str) -> str:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise CheckpointError("its third line is not a root: base64 of 32 bytes")
    return raw.hex()


def _encode(name: str) -> str:
    return quote(name, safe="")


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise CheckpointError("a name in its first line is not valid text") from None
