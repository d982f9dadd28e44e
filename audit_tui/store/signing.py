"""Ed25519 (RFC 8032) by the package cryptography, which is only needed, and only loaded, for signatures."""

import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from audit_tui.core.errors import AuditError, UsageError
from audit_tui.core.note import (
    ED25519,
    Note,
    NoteError,
    PublicKey,
    SignatureLine,
    format_private_key,
    make_public_key,
    parse_private_key,
    parse_public_key,
)
from audit_tui.store.small_files import read_secret, read_small, write_new

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_KEY_FILE_BYTES = 4096


class Signer:
    """A private key that signs notes. It is never printed: `public` is what may be shown."""

    def __init__(self, public: PublicKey, key: "Ed25519PrivateKey") -> None:
        """Use `read_signer`."""
        self.public, self._key = public, key

    def sign(self, text: str) -> SignatureLine:
        """The line that goes beneath a note's text."""
        return SignatureLine(self.public.name, self.public.key_id, self._key.sign(text.encode()))

    def signed(self, note: Note) -> Note:
        """The note with this signature beneath those that it has."""
        return Note(note.text, (*note.signatures, self.sign(note.text)))


def read_signer(path: Path) -> Signer:
    """The key of a file that `make_key`, or Go's note package, wrote. AuditError quotes nothing of it."""
    content = read_secret(path, "key file", _KEY_FILE_BYTES)
    try:
        name, key_id, seed = parse_private_key(content.decode("ascii", "replace"))
    except NoteError as problem:
        raise AuditError(f"the key file {path} can't be used: {problem}", _MAKE_ONE) from None
    signer = _signer(name, seed)
    if signer.public.key_id != key_id:
        raise AuditError(f"the key file {path} was changed: its id is not the key's", _MAKE_ONE)
    return signer


def make_key(name: str, path: Path) -> PublicKey:
    """Writes a new private key to a file that only its owner can read (0600), and returns its public half."""
    try:
        make_public_key(name, bytes(32))
    except NoteError as problem:
        raise UsageError(str(problem), "for example audit.example.com/alice") from None
    seed = os.urandom(32)
    public = _signer(name, seed).public
    write_new(path, format_private_key(public, seed).encode(), mode=0o600)
    return public


def read_public_key(given: str) -> PublicKey:
    """A public key as one word, or the file that holds it. UsageError where it is neither."""
    try:
        return parse_public_key(given)
    except NoteError as problem:
        if given.count("+") >= 2 and not Path(given).exists():
            raise UsageError(f"this is no public key: {problem}", "it is written name+id+base64") from None
    content = read_small(Path(given), "public key", _KEY_FILE_BYTES)
    try:
        return parse_public_key(content.decode("utf-8", "replace"))
    except NoteError as problem:
        raise UsageError(f"{given} holds no public key: {problem}", "it is written name+id+base64") from None


def verify_ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is that key's over the message. AuditError where the package is missing."""
    ed25519, wrong = _load()
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (wrong, ValueError):
        return False
    return True


_MAKE_ONE = "make one with: audit-tui witness keygen"


def _signer(name: str, seed: bytes) -> Signer:
    ed25519, _ = _load()
    key: Ed25519PrivateKey = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(PublicKey(name, ED25519, key.public_key().public_bytes_raw()), key)


def _load() -> tuple[ModuleType, type[Exception]]:
    """The module, and what it raises for a wrong signature. AuditError where the package is missing."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise AuditError(
            "signatures need the package cryptography", "install it with: pip install 'audit-tui[sign]'"
        ) from None
    return ed25519, InvalidSignature
