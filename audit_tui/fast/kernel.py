"""The compiled filter through ctypes: its calls release the interpreter's lock, so two run at once."""

import ctypes
from enum import IntEnum
from typing import NamedTuple

from audit_tui.fast.blocks import Buffer
from audit_tui.fast.columns import COPIED, COPIED_OF_GUIDE

ABI = 2
HASH_LENGTH = 64


class Stopped(IntEnum):
    """Why the kernel went no further."""

    END = 0
    """Every byte belongs to a regular row."""
    INCOMPLETE = 1
    """What is left may be the beginning of a row. At the end of a stream that is not regular either."""
    LOOK = 2
    """The next row is not perfectly regular: the plain reference has to look at it."""


class Before(NamedTuple):
    """The row before, all that judging the next one needs. `timestamp_us` counts from 1970-01-01 UTC.

    `row_id` (the column id) is told, not asked: with the sequence it says where reading goes on.
    """

    sequence: int
    event_hash: str
    hash_version: int
    timestamp_us: int
    row_id: int = 0


class Expect(NamedTuple):
    """What holds for the whole stream. `version_1` lets version 1 rows pass that were sealed by a session at
    `offset_seconds`: only for a database encoded in UTF8, for version 1 hashes the database's own bytes.
    """

    tenant_id: str
    guide: bool = False
    version_1: bool = False
    offset_seconds: int = 0


class Advance(NamedTuple):
    """How far the kernel came: over so many rows (of which version 1: `rows_version_1`, they come first)
    and bytes, counted from where it began, and the last row passed: what of it the next one is judged by, and
    where it begins (`last`, counted likewise).
    """

    rows: int
    rows_version_1: int
    consumed: int
    before: Before
    stopped: Stopped
    last: int = 0


class _State(ctypes.Structure):
    _fields_ = (
        ("sequence", ctypes.c_int64),
        ("timestamp_us", ctypes.c_int64),
        ("row_id", ctypes.c_int64),
        ("hash_version", ctypes.c_int32),
        ("unused", ctypes.c_int32),
        ("event_hash", ctypes.c_uint8 * HASH_LENGTH),
    )


class _Expect(ctypes.Structure):
    _fields_ = (
        ("tenant", ctypes.c_char_p),
        ("tenant_length", ctypes.c_uint64),
        ("columns", ctypes.c_int32),
        ("version_1", ctypes.c_int32),
        ("offset_seconds", ctypes.c_int32),
        ("accelerated", ctypes.c_int32),
    )


class _Result(ctypes.Structure):
    _fields_ = (
        ("rows", ctypes.c_uint64),
        ("rows_version_1", ctypes.c_uint64),
        ("consumed", ctypes.c_uint64),
        ("last", ctypes.c_uint64),
        ("stopped", ctypes.c_int32),
        ("unused", ctypes.c_int32),
    )


class Kernel:
    """A loaded library. It keeps nothing between calls: one object serves any number of threads."""

    def __init__(self, library: ctypes.CDLL, *, accelerated: bool | None = None) -> None:
        """`accelerated` False does without the processor's SHA instructions (None: as the processor can)."""
        self._library = library
        self._advance = library.audit_fast_advance
        self._advance.restype = None
        self._advance.argtypes = (
            ctypes.c_void_p, ctypes.c_uint64, ctypes.POINTER(_Expect), ctypes.POINTER(_State),
            ctypes.POINTER(_Result),
        )  # fmt: skip
        able = bool(library.audit_fast_has_sha())
        self.accelerated = able and accelerated is not False

    def sha256(self, data: bytes) -> str:
        """The hash alone, for tests."""
        digest = (ctypes.c_uint8 * HASH_LENGTH)()
        self._library.audit_fast_sha256(data, ctypes.c_uint64(len(data)), self.accelerated, digest)
        return bytes(digest).decode("ascii")

    def portable(self) -> "Kernel":
        """The same without the processor's SHA instructions."""
        return Kernel(self._library, accelerated=False)

    def advance(self, data: Buffer, before: Before, expect: Expect, start: int = 0) -> Advance:
        """Passes over the regular rows of `data` from `start` on, as rows after `before`.

        What it passes is intact. Of what it stops at nothing is said: the plain reference judges that.
        """
        state = _state_of(before)
        tenant = _encoded(expect.tenant_id)
        if state is None or tenant is None or not -_DAY < expect.offset_seconds < _DAY:
            return Advance(0, 0, 0, before, Stopped.LOOK)
        wanted = _Expect(
            tenant, len(tenant), len(COPIED_OF_GUIDE if expect.guide else COPIED), expect.version_1,
            expect.offset_seconds, self.accelerated,
        )  # fmt: skip
        result = _Result()
        address, size, _kept_alive = _address(data)
        if not 0 <= start <= size:
            msg = "a start outside the data"
            raise ValueError(msg)
        self._advance(address + start, size - start, wanted, state, result)
        return Advance(
            result.rows, result.rows_version_1, result.consumed,
            _before_of(state) if result.rows else before, Stopped(result.stopped), result.last,
        )  # fmt: skip


_DAY = 86_400
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def _state_of(before: Before) -> _State | None:
    """None where the row before is such that nothing after it is regular."""
    digest = _encoded(before.event_hash)
    numbers = (before.sequence, before.timestamp_us, before.row_id)
    if digest is None or len(digest) != HASH_LENGTH or before.hash_version not in (1, 2):
        return None
    if not all(_LOWEST <= number <= _HIGHEST for number in numbers):
        return None
    return _State(*numbers, before.hash_version, 0, (ctypes.c_uint8 * HASH_LENGTH)(*digest))


def _before_of(state: _State) -> Before:
    event_hash = bytes(state.event_hash).decode("ascii")
    return Before(state.sequence, event_hash, state.hash_version, state.timestamp_us, state.row_id)


def _encoded(text: str) -> bytes | None:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None


def _address(data: Buffer) -> tuple[int, int, object]:
    """Where the bytes lie, how many they are, and what has to live as long as they are read."""
    if isinstance(data, memoryview) and (data.readonly or not data.contiguous):
        data = bytes(data)  # ctypes hands out no address of those
    if isinstance(data, bytes):
        return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0, len(data), data
    size = len(data) if isinstance(data, bytearray) else data.nbytes
    if size == 0:
        return 0, 0, data
    array = (ctypes.c_char * size).from_buffer(data)
    return ctypes.addressof(array), size, array
