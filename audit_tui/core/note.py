"""Signed notes: text with signature lines beneath, as checkpoints travel (C2SP signed-note).

Only the form is here; who computes and checks Ed25519 is handed in. Besides plain Ed25519 signatures the
time-stamped ones of public witnesses are understood (C2SP tlog-cosignature, type 0x04).
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

MAX_BYTES = 64 * 1024
"""Of a note that is read: a checkpoint is a few hundred bytes, and must never fill the memory."""

MAX_SIGNATURES = 100
ED25519 = 1
COSIGNATURE = 4
_KEY_BYTES = 32
_PRIVATE = "PRIVATE+KEY+"
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile(r"[0-9a-f]{8}\Z", re.ASCII)

Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, message, signature): whether the Ed25519 signature is right."""


class NoteError(ValueError):
    """Why bytes are no note or no key; never quotes a private key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What verifies: `name+id+base64` as people pass it on. `kind` is the signature type's byte."""

    name: str
    kind: int
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that name the key in a signature line."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:4]

    @property
    def text(self) -> str:
        """The key as one word."""
        return f"{self.label}+{_encode(bytes([self.kind]) + self.key)}"

    @property
    def label(self) -> str:
        """`name+id`: enough to tell keys apart."""
        return f"{self.name}+{self.key_id.hex()}"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line beneath a note, whoever made it."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        return f"\u2014 {self.name} {_encode(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """`text` ends with a line feed. Without signatures it is a plain text, and `content` is that text."""

    text: str
    signatures: tuple[SignatureLine, ...] = ()

    @property
    def content(self) -> str:
        """As it is written to a file."""
        lines = "".join(line.text for line in self.signatures)
        return f"{self.text}\n{lines}" if lines else self.text


def parse_note(content: bytes) -> Note:
    """The note that these bytes are, signed or not. NoteError says why they are none."""
    if len(content) > MAX_BYTES:
        raise NoteError(f"it is larger than {MAX_BYTES // 1024} KiB, which no checkpoint is")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise NoteError("it is not text in UTF-8") from None
    if "\r" in text:
        raise NoteError("its lines end as on Windows, which breaks the signatures")
    if _CONTROL.search(text):
        raise NoteError("it holds control characters")
    if not text.endswith("\n"):
        raise NoteError("its last line was cut short")
    body, blank, below = text.rpartition("\n\n")
    if not blank:
        return Note(text)
    lines = below.removesuffix("\n").split("\n") if below else []
    if not lines or len(lines) > MAX_SIGNATURES:
        raise NoteError(f"it has {len(lines)} signature lines; one to {MAX_SIGNATURES} can be")
    return Note(body + "\n", tuple(_parse_signature(line) for line in lines))


def _parse_signature(line: str) -> SignatureLine:
    words = line.split(" ")
    if len(words) != 3 or words[0] != "\u2014" or not _is_name(words[1]):
        raise NoteError("a line where signatures stand is none")
    raw = _decode(words[2])
    if len(raw) <= 4:
        raise NoteError("a signature line holds no signature")
    return SignatureLine(words[1], raw[:4], raw[4:])


def parse_public_key(text: str) -> PublicKey:
    """A key as `name+id+base64`. NoteError where it is none, or its id is not the key's."""
    name, key_id, raw = _split_key(text.strip())
    if not raw or raw[0] not in {ED25519, COSIGNATURE} or len(raw) != _KEY_BYTES + 1:
        raise NoteError("it is no Ed25519 key")
    found = PublicKey(name, raw[0], raw[1:])
    if found.key_id != key_id:
        raise NoteError("its id does not belong to the key: a character was changed or lost")
    return found


def format_private_key(public: PublicKey, seed: bytes) -> str:
    """The line of a key file: what Go's note package writes, so that either can use the other's keys."""
    return f"{_PRIVATE}{public.label}+{_encode(bytes([public.kind]) + seed)}\n"


def parse_private_key(text: str) -> tuple[str, bytes, bytes]:
    """(name, id, 32 bytes of seed) of a key file's line. NoteError, which quotes nothing of it."""
    line = text.strip()
    if not line.startswith(_PRIVATE):
        raise NoteError("it is no key file")
    name, key_id, raw = _split_key(line.removeprefix(_PRIVATE))
    if len(raw) != _KEY_BYTES + 1 or raw[0] != ED25519:
        raise NoteError("it holds no Ed25519 key")
    return name, key_id, raw[1:]


def make_public_key(name: str, key: bytes) -> PublicKey:
    """The key of these 32 bytes under a name. NoteError for a name that no note can hold."""
    if not _is_name(name):
        raise NoteError("a key's name has at least one character, and no space, plus or control character")
    return PublicKey(name, ED25519, key)


def find_signers(note: Note, keys: Iterable[PublicKey], verify: Verify) -> tuple[PublicKey, ...]:
    """The keys among `keys` that signed the note; lines of unknown keys are passed over.

    NoteError where a line claims to be of a known key and is not: then nothing of the note counts.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found: dict[PublicKey, None] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        message, signature = _signed(key, note, line.signature)
        if not verify(key.key, message, signature):
            raise NoteError(f"the signature of {key.label} is wrong")
        found[key] = None
    return tuple(found)


def cosigned_at(line: SignatureLine, key: PublicKey) -> int | None:
    """Seconds since 1970 UTC that a witness's co-signature vouches for; None for a plain signature."""
    return int.from_bytes(line.signature[:8]) if key.kind == COSIGNATURE else None


def _signed(key: PublicKey, note: Note, signature: bytes) -> tuple[bytes, bytes]:
    if key.kind == ED25519:
        return note.text.encode(), signature
    head = f"cosignature/v1\ntime {int.from_bytes(signature[:8])}\n"
    return head.encode() + note.text.encode(), signature[8:]


def _split_key(text: str) -> tuple[str, bytes, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not _is_name(parts[0]) or _KEY_ID.match(parts[1]) is None:
        raise NoteError("it is not written name+id+base64")
    return parts[0], bytes.fromhex(parts[1]), _decode(parts[2])


def _is_name(name: str) -> bool:
    plain = bool(name) and "+" not in name and not _CONTROL.search(name)
    return plain and not any(character.isspace() for character in name)


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("a part of it is no base64") from None
    if _encode(raw) != text:
        raise NoteError("a part of it is no base64 as it is usually written")
    return raw
