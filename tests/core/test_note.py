"""Signed notes: the vectors of Go's own package, and everything that is none."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.note import (
    COSIGNATURE,
    MAX_BYTES,
    Note,
    NoteError,
    PublicKey,
    SignatureLine,
    cosigned_at,
    find_signers,
    format_private_key,
    make_public_key,
    parse_note,
    parse_private_key,
    parse_public_key,
)
from audit_tui.store.signing import verify_ed25519

VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM=\n"
)
"""Key, text and signature that Go's package note is tested with."""

PETER = parse_public_key(VKEY)
SIGNED = (TEXT + "\n" + LINE).encode()


def signers(content: bytes, *keys: PublicKey) -> tuple[PublicKey, ...]:
    return find_signers(parse_note(content), keys, verify_ed25519)


def other(name: str = "other") -> tuple[PublicKey, Ed25519PrivateKey]:
    key = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    return make_public_key(name, key.public_key().public_bytes_raw()), key


def test_the_published_note_is_signed_by_its_key() -> None:
    note = parse_note(SIGNED)
    assert note.text == TEXT
    assert note.content.encode() == SIGNED
    assert signers(SIGNED, PETER) == (PETER,)
    assert PETER.text == VKEY


def test_the_published_key_signs_as_published() -> None:
    name, key_id, seed = parse_private_key(SKEY + "\n")
    key = Ed25519PrivateKey.from_private_bytes(seed)
    line = SignatureLine(name, key_id, key.sign(TEXT.encode()))
    assert line.text == LINE
    assert format_private_key(PETER, seed) == SKEY + "\n"


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    key, _ = other()
    assert signers(SIGNED, key) == ()
    assert signers(SIGNED, replace(PETER, name="PeterN")) == ()
    _, private = other()
    stranger = SignatureLine("PeterNeumann", b"\x00\x01\x02\x03", private.sign(TEXT.encode()))
    assert signers(SIGNED + stranger.text.encode(), PETER) == (PETER,)


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    with pytest.raises(NoteError, match="PeterNeumann"):
        signers(SIGNED.replace(b"cryptography", b"cryptographY"), PETER)
    forged = SignatureLine("PeterNeumann", PETER.key_id, bytes(64))
    with pytest.raises(NoteError, match="PeterNeumann"):
        signers(SIGNED + forged.text.encode(), PETER)
    short = SignatureLine("PeterNeumann", PETER.key_id, b"x")
    with pytest.raises(NoteError, match="PeterNeumann"):
        signers(SIGNED + short.text.encode(), PETER)


def test_several_signers_are_all_found() -> None:
    key, private = other()
    line = SignatureLine(key.name, key.key_id, private.sign(TEXT.encode()))
    assert signers(SIGNED + line.text.encode(), key, PETER) == (PETER, key)


def test_a_public_witness_vouches_for_a_time() -> None:
    plain, private = other("witness.example.com/w1")
    key = replace(plain, kind=COSIGNATURE)
    message = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    line = SignatureLine(key.name, key.key_id, (1679315147).to_bytes(8) + private.sign(message))
    content = (TEXT + "\n" + line.text).encode()
    assert signers(content, key) == (key,)
    assert cosigned_at(line, key) == 1679315147
    assert cosigned_at(line, PETER) is None
    other_time = SignatureLine(key.name, key.key_id, (1679315148).to_bytes(8) + line.signature[8:])
    with pytest.raises(NoteError, match="wrong"):
        signers((TEXT + "\n" + other_time.text).encode(), key)


def test_a_text_without_signatures_is_a_note_without_signers() -> None:
    note = parse_note(b"one\ntwo\n")
    assert note == Note("one\ntwo\n")
    assert note.content == "one\ntwo\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "cut short"),
        (b"one\ntwo", "cut short"),
        (SIGNED[:-1], "cut short"),
        (SIGNED[:-40] + b"\n", "base64"),
        (b"\xff\xfe\n", "UTF-8"),
        (b"one\x1b[2J\n", "control"),
        (b"one\ttwo\n", "control"),
        (b"one\x00\n", "control"),
        (SIGNED.replace(b"\n", b"\r\n"), "Windows"),
        (b"x" * (MAX_BYTES + 1), "larger"),
        (b"one\n\n", "0 signature lines"),
        (b"one\n\nnot a signature\n", "none"),
        ("one\n\n\u2014 a+b eHh4eHg=\n".encode(), "none"),
        ("one\n\n\u2014 name eHh4eHg\n".encode(), "base64"),
        ("one\n\n\u2014 name eHh4\n".encode(), "no signature"),
        ("one\n\n\u2014  eHh4eHg=\n".encode(), "none"),
        (SIGNED + LINE.encode() * 100, "101 signature lines"),
    ],
)
def test_what_is_no_note_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(NoteError, match=why):
        parse_note(content)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(content: bytes) -> None:
    for attempt in (content, SIGNED[:90] + content, SIGNED + content):
        try:
            found = signers(attempt, PETER)
        except NoteError:
            continue
        assert not found or attempt.startswith(TEXT.encode())


def test_every_part_of_a_public_key_counts() -> None:
    for start in range(len(VKEY) + 1):
        for end in range(start + 1, len(VKEY) + 1):
            if (start, end) != (0, len(VKEY)):
                with pytest.raises(NoteError):
                    parse_public_key(VKEY[start:end])
    for at, character in enumerate(VKEY):
        with pytest.raises(NoteError):
            parse_public_key(VKEY[:at] + chr(ord(character) + 1) + VKEY[at + 1 :])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\tb", "\x1b"])
def test_a_name_that_no_note_can_hold_is_refused(name: str) -> None:
    with pytest.raises(NoteError, match="name"):
        make_public_key(name, bytes(32))


@pytest.mark.parametrize(
    "text",
    ["", VKEY, "PRIVATE+KEY+", SKEY[:-4], SKEY.replace("AYEK", "AoEK"), SKEY + "x", "PRIVATE+KEY+a+zz+b"],
)
def test_what_is_no_private_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(NoteError) as refused:
        parse_private_key(text)
    assert base64.b64encode(b"x").decode() not in str(refused.value)
    assert "YEKFALV" not in str(refused.value)
